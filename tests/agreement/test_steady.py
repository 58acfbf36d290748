"""A filter that takes its settled covariance from the memo gives the bits of one that computes every row."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.compiler.backends import interpreter
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.backends.memo import plan
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernels.filter import make_kernel
from foglight.inference.prepare import prepare
from unit.by_hand import SOURCES

ROWS = 1500


def model(std: float = 0.5) -> fog.Model:
    """Two sensors on a coupled three-state motion that settles within some hundred rows."""

    def pull(x: Any, dt: Any, p: Any) -> list[Any]:
        return [x.a + dt * x.b, 0.98 * x.b - 0.1 * dt * x.a + 0.2 * dt * x.c, 0.9 * x.c + 0.05 * x.a]

    def shake(x: Any, dt: Any, p: Any) -> Any:
        return fog.noise.factored([[0.1, 0.0], [1.0, 0.3], [0.2, 1.0]], [p.push**2 * dt, 0.3 * dt])

    motion = fog.Motion(("a", "b", "c"), pull, shake, params={"push": 0.7})
    pair = fog.Sensor(
        "pair",
        ("u", "v"),
        lambda x, p: [x.a + 0.1 * x.c, x.b - x.a],
        lambda x, p: [[p.std**2, 0.2 * p.std**2], [0.2 * p.std**2, 2 * p.std**2]],
        params={"std": std},
    )
    return fog.Model(
        motion,
        [pair, fog.sensing.linear("slow", of="c", std=0.8)],
        start=fog.Belief([1, 0, 2], std=[3, 1, 2]),
    )


def readings(tracks: int, seed: int = 5) -> NDArray[np.float64]:
    z = np.random.default_rng(seed).normal(size=(tracks, ROWS, 3)).cumsum(axis=1) * 0.1
    z[:, 1::2, :2] = np.nan  # the sensors take turns
    z[:, ::2, 2] = np.nan
    return z


def regular(z: NDArray[np.float64]) -> fog.Log:
    return z


def with_gaps(z: NDArray[np.float64]) -> NDArray[np.float64]:
    z = z.copy()
    z[:, 700:704] = np.nan
    z[:, 900:1000:7, 0] = np.nan
    z[:, 1200, :] = 3.0
    return z


def with_a_bad_row(z: NDArray[np.float64]) -> NDArray[np.float64]:
    z = z.copy()
    z[0, 800, 0] = np.inf
    z[-1, 1301, 2] = -np.inf
    return z


def of_uneven_tracks(z: NDArray[np.float64]) -> NDArray[np.float64]:
    z = z.copy()
    z[:: max(len(z) // 3, 1), 600:, 0] = np.nan
    return z


LOGS = [regular, with_gaps, with_a_bad_row, of_uneven_tracks]
METHODS = [fog.KF(), fog.KF(form="joseph"), fog.UKF(alpha=0.5)]


def log_of(z: NDArray[np.float64]) -> fog.Log:
    return fog.Log.from_arrays(np.arange(len(z)) / 10, pair=z[:, :2], slow=z[:, 2])


def both(
    method: Any,
    z: NDArray[np.float64],
    lanes: int,
    dtype: str = "float64",
    dt: NDArray[np.float64] | None = None,
) -> tuple[Any, Any, NDArray[np.uint8]]:
    """Results of the interpreter and of the compiled scan, and the memo that it left."""
    kernel = make_kernel(model(), method, dtype)
    prepared = prepare(model(), log_of(z[0]), method, None)
    given = {name: getattr(prepared, name) for name in SOURCES} | {"z": z}
    if dt is not None:
        given["dt"] = dt
    arrays = Arrays(**{name: np.ascontiguousarray(value.astype(dtype)) for name, value in given.items()})
    engine = CompiledEngine(kernel, lanes)
    kept: list[NDArray[np.uint8]] = []
    fresh = engine.memo
    engine.memo = lambda *sizes: kept.append(fresh(*sizes)) or kept[-1]  # type: ignore[method-assign,func-returns-value]
    return interpreter.scan(kernel, arrays), engine.run(arrays), kept[0]


def slots_in_use(memo: NDArray[np.uint8]) -> int:
    """How many slots hold a key in full: presence, the third number of the header, is there."""
    presence = memo[:, 16:24].copy().view(np.int64)
    return int((presence != -1).sum())


def assert_same(reference: Any, compiled: Any) -> None:
    for a, b in zip(reference, compiled, strict=True):
        assert a.size and a.tobytes() == b.tobytes()


WIDTHS = [(1, 1), (2, 5), (8, 9), (8, 24)]


@pytest.mark.parametrize(
    "log, lanes, tracks", [(log, *width) for log, width in zip(LOGS, WIDTHS, strict=True)]
)
def test_the_memo_changes_no_bit(log: Any, lanes: int, tracks: int) -> None:
    reference, compiled, memo = both(fog.KF(), log(readings(tracks)), lanes)
    assert_same(reference, compiled)
    assert slots_in_use(memo) > 0


@pytest.mark.campaign
@pytest.mark.parametrize("lanes, tracks", WIDTHS)
@pytest.mark.parametrize("log", LOGS, ids=lambda f: f.__name__)
def test_nor_at_any_other_width(log: Any, lanes: int, tracks: int) -> None:
    test_the_memo_changes_no_bit(log, lanes, tracks)


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.campaign)])
@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_for_every_method_and_type(method: Any, dtype: str) -> None:
    reference, compiled, memo = both(method, with_gaps(readings(4)), 4, dtype)
    assert_same(reference, compiled)
    assert slots_in_use(memo) > 0


@pytest.mark.parametrize("pattern", [(1, 1, 2), (33333333, 33333333, 33333334), (0, 3)], ids=str)
def test_steps_that_take_turns(pattern: tuple[int, ...]) -> None:
    dt = np.resize(np.array(pattern) / max(pattern) * 0.1, ROWS)
    dt[1100] = 0.37
    reference, compiled, memo = both(fog.KF(), regular(readings(1)), 1, dt=dt)
    assert_same(reference, compiled)
    assert slots_in_use(memo) > 0


def test_steps_that_never_repeat_leave_the_memo_empty() -> None:
    dt = 0.1 + 1e-3 * np.random.default_rng(8).random(ROWS)
    reference, compiled, memo = both(fog.KF(), regular(readings(1)), 1, dt=dt)
    assert_same(reference, compiled)
    assert slots_in_use(memo) == 0


def test_tracks_of_few_rows_share_their_rows() -> None:
    z = readings(40)[:, :60]
    reference, compiled, memo = both(fog.KF(), np.ascontiguousarray(z), 8)
    assert_same(reference, compiled)
    assert len(memo) >= 60
    assert slots_in_use(memo) >= 59


def test_a_live_filter_gives_the_bits_of_a_run() -> None:
    z = with_gaps(readings(1))[0]
    log = log_of(z)
    run = fog.run(model(), log, method=fog.KF())
    live = fog.online(model(), fog.KF())
    stamps = log.time_ns.astype("m8[ns]")
    means = np.array([live.step(t, None, row)[0].mean for t, row in zip(stamps, z, strict=True)])
    assert means.tobytes() == np.ascontiguousarray(run.filtered.mean).tobytes()
    assert live.loglik == run.loglik
    assert live.belief == run.belief


def test_a_filter_whose_covariance_depends_on_the_data_has_no_memo() -> None:
    bent = fog.Model(
        fog.motion.constant_velocity(("x", "y"), accel=0.4),
        [fog.sensing.range_bearing("radar", of=("x", "y"), at=(0, 0), range_std=0.5, bearing_std=0.02)],
        start=fog.Belief([30, 4, -1, 0], std=[3, 2, 1, 1]),
    )
    assert plan(make_kernel(bent, fog.EKF())) is None
    assert plan(make_kernel(model(), fog.EKF())) is not None
