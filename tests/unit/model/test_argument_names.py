"""The arguments of a model's functions: by name where a signature uses the names, by position otherwise."""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.model.argument_names import MOVING, SENSING, TIME, bound

PUSHED = ("push",)


def motion(dynamics: Any, controls: tuple[str, ...] = ()) -> fog.Motion:
    return fog.Motion(("a",), dynamics, lambda x, dt, p: [[p.q * dt]], params={"q": 0.2}, controls=controls)


def called(function: Any, *arguments: Any, order: Any = MOVING, controls: tuple[str, ...] = ()) -> Any:
    """What a function returns once it is called by position."""
    return bound({"f": function}, order, controls)["f"](*arguments)


BY_NAME: list[tuple[Callable[..., Any], tuple[str, ...]]] = [
    (lambda x, dt, p, u: (x, dt, p, u), ("x", "dt", "p", "u")),
    (lambda p, x, u, dt: (p, x, u, dt), ("p", "x", "u", "dt")),
    (lambda x, dt: (x, dt), ("x", "dt")),
    (lambda u: (u,), ("u",)),
    (lambda: (), ()),
    (lambda x, *, dt, u: (x, dt, u), ("x", "dt", "u")),
    (lambda x, /, u, *, p: (x, u, p), ("x", "u", "p")),
    (lambda x, dt=0.5, *, u: (x, dt, u), ("x", "dt", "u")),
    (functools.partial(lambda k, x, u: (x, u), 3), ("x", "u")),
]


@pytest.mark.parametrize(("function", "names"), BY_NAME, ids=[", ".join(names) for _, names in BY_NAME])
def test_a_function_is_given_what_it_names(function: Any, names: tuple[str, ...]) -> None:
    given = {"x": 1.0, "dt": 2.0, "p": 3.0, "u": 4.0}
    assert called(function, *given.values(), controls=PUSHED) == tuple(given[name] for name in names)


BY_POSITION: list[Callable[..., Any]] = [
    lambda state, step, params, u: (state, step, params, u),
    lambda x, dt, params, controls: (x, dt, params, controls),
    lambda _x, _dt, p, _u: (_x, _dt, p, _u),
    lambda *given: given,
    lambda x, *rest: (x, *rest),
]


@pytest.mark.parametrize("function", BY_POSITION, ids=range(len(BY_POSITION)))
def test_other_names_are_positions(function: Any) -> None:
    assert called(function, 1.0, 2.0, 3.0, 4.0, controls=PUSHED) == (1.0, 2.0, 3.0, 4.0)


@pytest.mark.parametrize("function", [lambda x, p, i=7: (x, p, i), lambda x, p, u=7: (x, p, u)])
def test_a_constant_in_a_default_is_kept(function: Any) -> None:
    assert called(function, 1.0, 3.0, order=SENSING) == (1.0, 3.0, 7)


def test_a_constant_of_a_loop_is_not_given_an_argument() -> None:
    """In the position of p, or of u."""
    given = (1.0, 2.0, 3.0, 4.0)
    assert called(lambda x, dt, k=7: (x, dt, k), *given[:3]) == (1.0, 2.0, 7)
    assert called(lambda x, k=7, *, p: (x, k, p), *given[:3]) == (1.0, 7, 3.0)
    assert called(lambda x, k=7, p=0.0: (x, k, p), *given[:3]) == (1.0, 7, 3.0)
    assert called(lambda x, dt, p, k=7: (x, dt, p, k), *given, controls=PUSHED) == (1.0, 2.0, 3.0, 7)
    assert called(lambda x, k=7: (x, k), 1.0, 3.0, order=SENSING) == (1.0, 7)
    assert called(lambda s, dt, p, *, k=7: (s, dt, p, k), *given[:3]) == (1.0, 2.0, 3.0, 7)
    sensors = [fog.sensing.linear("s", of="a", std=0.5)]
    for k in (2.0, 4.0):
        model = fog.Model(motion(lambda x, dt, k=k: [x.a + dt * k]), sensors, fog.Belief([1.0], std=[1.0]))
        assert fog.run(model, fog.Log.regular([np.nan, np.nan], dt=0.5)).filtered.mean[1, 0] == 1.0 + 0.5 * k


def test_what_needs_no_change_is_the_function_itself() -> None:
    """No cost and no wrapper for the usual signatures, also of functions of C."""

    def plain(x: Any, dt: Any, p: Any) -> Any:
        return [x.a]

    assert motion(plain).dynamics is plain
    assert bound({"f": math.hypot}, SENSING, ())["f"] is math.hypot


def test_a_method_and_an_object_are_read_as_functions() -> None:
    class Model:
        def dynamics(self, x: Any, dt: Any) -> Any:
            return (x, dt)

        def __call__(self, p: Any, x: Any) -> Any:
            return (p, x)

    assert called(Model().dynamics, 1.0, 2.0, 3.0) == (1.0, 2.0)
    assert called(Model(), 1.0, 2.0, 3.0) == (3.0, 1.0)


REFUSED: list[tuple[Callable[[], Any], str, str]] = [
    (
        lambda: motion(lambda x, dt, params, t: [x.a]),
        r"motion\.dynamics\(x, dt, params, t\): expected the names x, dt, p, t, in any order, or other names in the "
        r"order \(x, dt, p\)\. Rename params",
        "motion.dynamics",
    ),
    (
        lambda: motion(lambda state, step, k=3.0: [state.a]),
        r"motion\.dynamics\(state, step, k\): k has a default, and the position of p: .* Rename it p, or write a \*",
        "motion.dynamics",
    ),
    (
        lambda: motion(lambda x, dt, p, push=None: [x.a], controls=PUSHED),
        r"push has a default, and the position of u: expected one or the other\. Rename it u",
        "motion.dynamics",
    ),
    (
        lambda: motion(lambda x, k=3.0, *rest: [x.a]),
        r"k has a default, and the position of dt",
        "motion.dynamics",
    ),
    (
        lambda: motion(lambda x, u: [x.a]),
        r"motion\.dynamics\(x, u\): u holds controls, and none are declared",
        "motion.dynamics",
    ),
    (
        lambda: fog.Sensor("s", ("v",), lambda x, dt: [x.a], lambda x, p: [[1.0]]),
        r"s\.measure\(x, dt\): expected the names x, p, t, in any order, .* Rename dt",
        "s.measure",
    ),
    (
        lambda: fog.Sensor("s", ("v",), lambda x, p: [x.a], lambda x, p, t=2.0: [[t]]),
        r"s\.noise\(x, p, t\): t has a default, but it is given",
        "s.noise",
    ),
]


@pytest.mark.parametrize(("make", "message", "field"), REFUSED)
def test_what_can_be_meant_as_neither_is_refused(make: Callable[[], Any], message: str, field: str) -> None:
    with pytest.raises(fog.ModelError, match=message) as refused:
        make()
    assert refused.value.field == field


def test_t_is_an_input_of_the_parts_whose_functions_name_it() -> None:
    moving = motion(lambda x, dt, t: [x.a + dt * np.sin(t)])
    still = fog.Sensor("s", ("v",), lambda x, p: [x.a], lambda x, p: [[1.0]])
    timed = fog.Sensor("c", ("w",), lambda x, u: [x.a + u.k], lambda t: [[1.0 + t]], controls=("k",))
    model = fog.Model(moving, [still, timed], fog.Belief([0.0], std=[1.0]))
    assert (moving.inputs, still.inputs, timed.inputs) == ((TIME,), (), ("k", TIME))
    assert model.controls == ("k",) and model.inputs == ("k", TIME)
    plain = fog.Model(motion(lambda x, dt: [x.a]), [still], fog.Belief([0.0], std=[1.0]))
    assert plain.inputs == ()
    assert "reads t (seconds since the start)" in str(fog.explain(model))


def test_parts_that_are_changed_or_joined_keep_t() -> None:
    moving = motion(lambda x, dt, t: [x.a + dt * t])
    model = fog.Model(
        moving.with_states(fog.motion.random_walk("b", std=[0.1])),
        [fog.sensing.linear("s", of="a", std=0.5)],
        fog.Belief([1.0, 0.0], std=[1.0, 1.0]),
    )
    other = model.with_parameters({"q": 0.3})
    for each in (model, other):
        assert each.motion.inputs == (TIME,)
        run = fog.run(each, fog.Log.regular([[0.0], [np.nan]], dt=0.5))
        assert run.predicted.mean[1, 0] == pytest.approx(run.filtered.mean[0, 0] + 0.5 * 0.5, rel=1e-14)


def test_a_part_can_be_called_with_t_in_a_function_of_ones_own() -> None:
    inner = motion(lambda x, dt, t: [x.a + dt * t])
    outer = fog.Motion(
        ("a", "b"), lambda x, dt, p, t: [x.b, *inner.dynamics(_first(x), dt, p, t=t)],
        lambda x, dt: np.diag([dt, dt]),
    )  # fmt: skip
    model = fog.Model(
        outer, [fog.sensing.linear("s", of="a", std=0.5)], fog.Belief([1.0, 4.0], std=[1.0, 1.0])
    )
    run = fog.run(model, fog.Log.from_arrays([0.0, 2.0], s=[np.nan, np.nan]))
    assert run.filtered.mean[1].tolist() == [4.0, 1.0 + 2.0 * 2.0]


def test_so_can_one_that_was_integrated_or_joined() -> None:
    swing = fog.Motion.continuous(
        ("a", "v"),
        lambda x, t: [x.v, np.cos(t) - np.sin(x.a)],
        lambda t: np.diag([0.0, 1.0 + t]),
        longest_step=0.5,
        tolerance=1e-3,
    )
    pushed = fog.Motion(
        ("c",), lambda x, dt, u, t: [x.c + dt * u.push * t], lambda dt: [[dt]], controls=PUSHED
    )
    sensor, z = fog.sensing.linear("s", of="a", std=0.5), [0.3, 0.1, 0.2]
    for inner in (swing, swing.with_states(pushed)):
        if inner.controls:
            dynamics: Any = lambda x, dt, p, u, t, f=inner.dynamics: f(x, dt, p, u, t=t)  # noqa: E731
            noise: Any = lambda x, dt, p, u, t, f=inner.noise: f(x, dt, p, u, t=t)  # noqa: E731
        else:
            dynamics = lambda x, dt, p, t, f=inner.dynamics: f(x, dt, p, t=t)  # noqa: E731
            noise = lambda x, dt, p, t, f=inner.noise: f(x, dt, p, t=t)  # noqa: E731
        outer = fog.Motion(
            inner.state, dynamics, noise, controls=inner.controls, integration=inner.integration
        )
        start = fog.Belief([0.1, 0.2, 0.3][: len(inner.state)], std=[1.0, 1.0, 1.0][: len(inner.state)])
        log = fog.Log.regular(z, dt=0.4, u=[1.0, 2.0, 3.0] if inner.controls else None)
        own, called = (fog.run(fog.Model(each, [sensor], start), log).filtered for each in (inner, outer))
        np.testing.assert_allclose(own.mean, called.mean, rtol=1e-12)
        np.testing.assert_allclose(own.cov, called.cov, rtol=1e-12)
        with pytest.raises(fog.ModelError, match=r"alone: expected t, too\. Write t=t"):
            inner.dynamics(start.mean, 0.5, None, *([[1.0]] if inner.controls else []))


def test_without_t_it_says_so() -> None:
    inner = motion(lambda x, dt, t: [x.a + dt * t])
    with pytest.raises(fog.ModelError, match=r"called with \(x, dt, p\) alone: expected t, too\. Write t=t"):
        inner.dynamics([1.0], 0.5, None)


def _first(x: Any) -> Any:
    class State:
        a = x.a

    return State


def test_correlated_noise_reads_its_arguments_by_name() -> None:
    moving = fog.Motion(("a",), lambda x, dt, t: [x.a + t], lambda x, dt, p: [[p.q * dt]], params={"q": 0.2})
    model = fog.Model(moving, [fog.sensing.linear("s", of="a", std=0.5)], fog.Belief([1.0], std=[1.0]))
    joint = fog.with_cross_noise(model, "s", lambda dt, t: [[0.01 * dt]])
    log = fog.Log.regular([0.1, 0.5, 0.3], dt=0.5)
    position = fog.with_cross_noise(model, "s", lambda x, dt, p, *_: [[0.01 * dt]])
    assert fog.run(joint, log).loglik == fog.run(position, log).loglik
    still = fog.Model(motion(lambda x: [x.a]), model.sensors, model.start)
    with pytest.raises(fog.ModelError, match="cross names t, and neither function of the motion does"):
        fog.with_cross_noise(still, "s", lambda t: [[0.01 * t]])


def test_t_is_compared_with_its_trace_as_all_arguments_are() -> None:
    sensors = [fog.sensing.linear("s", of="a", std=0.5)]
    start = fog.Belief([1.0], std=[1.0])

    def late(x: Any, dt: Any, t: Any) -> Any:
        return [x.a + (1.0 if isinstance(t, float) and t > 100.0 else 0.0)]

    with pytest.raises(fog.ModelError, match=r"returns a = .* on numbers .* where it is traced, at .*t = \d"):
        fog.Model(motion(late), sensors, start)
    kept: list[Any] = []
    with pytest.raises(fog.ModelError, match="a value of an earlier call is used"):
        fog.Model(motion(lambda x, dt, t: kept.append(t) or [x.a + kept[0]]), sensors, start)
    switched = fog.Model(motion(lambda x, dt, t: [x.a + np.where(t > 100.0, 1.0, 0.0)]), sensors, start)
    run = fog.run(switched, fog.Log.from_arrays([0.0, 60.0, 120.0], s=[np.nan, np.nan, np.nan]))
    assert run.filtered.mean[:, 0].tolist() == [1.0, 1.0, 2.0]


def test_a_mistake_in_a_function_of_t_names_its_line() -> None:
    with pytest.raises(
        fog.ModelError, match=r"test_argument_names\.py:\d+:\d+ `math\.sin\(t\)`: math\.sin needs"
    ):
        fog.Model(
            motion(lambda x, dt, t: [x.a + math.sin(t)]),
            [fog.sensing.linear("s", of="a", std=0.5)],
            fog.Belief([1.0], std=[1.0]),
        )
