"""Kernels printed as JavaScript and run by Node: the bytes of `fog.run`, and of every operation."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.examples import EXAMPLES
from agreement.examples import arrays as damaged
from agreement.printed_javascript import run
from agreement.test_same_bits import differing, one_of_each
from foglight.compiler.backends import interpreter, javascript
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.filter import filter_recipe
from foglight.compiler.recipe import traced
from unit.by_hand import arrays, odds, settling
from unit.compiler.test_backends import bare

FOG = Path(__file__).parents[3] / "examples" / "fog" / "pedestrian.toml"
ROWS = 300


def turning() -> fog.Model:
    """A car that turns, seen in range and bearing."""
    radar = fog.sensing.range_bearing("radar", range_std=0.3, bearing_std=0.03)
    start = fog.Belief([10.0, 5.0, 1.0, 0.2, 0.1], std=[1.0, 1.0, 1.0, 0.3, 0.1])
    return fog.Model(fog.motion.ctrv(accel=1.0, turn_accel=0.3), [radar], start)


def pedestrian() -> fog.Model:
    return fog.load_model(FOG)[0]


RUNS: dict[str, tuple[fog.Model, Any]] = {
    "pedestrian": (pedestrian(), fog.EKF()),
    "CTRV": (turning(), fog.EKF()),
    "range and bearing by UKF": (pedestrian(), fog.UKF()),
    "gate": (pedestrian(), fog.EKF(gate=0.99)),
    "Student-t": (pedestrian(), fog.EKF(student=4.0)),
}


def test_node_gives_the_bytes_of_fog_run(tmp_path: Path) -> None:
    """Logs with missing readings and outliers."""
    runs, jobs = {}, []
    for name, (model, method) in RUNS.items():
        log, _ = fog.simulate(model, ROWS, dt=0.1, seed=4)
        z = log.bind(model).copy()
        z[::7, 0], z[5::11], z[13::40, 0] = np.nan, np.nan, 400.0
        runs[name] = fog.run(model, fog.Log.regular(z, dt=0.1), method)
        jobs.append((runs[name]._engine.kernel, runs[name]._arrays))
    for name, found in zip(runs, run(jobs, tmp_path), strict=True):
        expected = (runs[name]._carry, runs[name]._records)
        assert found[1].shape == expected[1].shape and found[1].size > 5 * ROWS
        assert differing(found, expected)[0] == 0, name
        assert np.isfinite(found[1]).mean() > 0.5
    assert (runs["gate"].status & fog.Status.GATED).any()


def test_every_operation_on_every_kind_of_number(tmp_path: Path) -> None:
    """Zeros of both signs, subnormals, ties, ends of the range, infinities, NaN, each beside each; in both types."""
    jobs = []
    for dtype in ("float64", "float32"):
        info = np.finfo(dtype)
        sizes = [
            0.0,
            info.smallest_subnormal,
            info.tiny,
            1e-9,
            0.5,
            1.0,
            1.5,
            2.5,
            3.0,
            97.3,
            2.0**23,
            1e20,
            2.0**52 + 1.0,
        ]
        sizes += [info.max, np.inf]
        values = np.array([*sizes, *[-v for v in sizes], np.nan], dtype)
        pairs = np.array([[[a, b]] for a in values for b in values], dtype)  # one track each, of one row
        none, params, carry = np.zeros((1, 1, 0), dtype), np.zeros(0, dtype), np.zeros((1, 2), dtype)
        jobs.append((one_of_each(dtype), Arrays(np.ones(1, dtype), none, none, pairs, params, carry)))
    for (kernel, given), found in zip(jobs, run(jobs, tmp_path), strict=True):
        assert differing(found, interpreter.scan(kernel, given))[0] == 0, kernel.dtype


def test_rows_in_which_much_goes_wrong(tmp_path: Path) -> None:
    """Kernels by hand and small examples: records without a commit, partial rows, infinities, resets of a gate."""
    jobs: list[tuple[Kernel, Arrays]] = []
    for dtype in ("float64", "float32"):
        jobs += [(kernel, arrays(kernel, 4, 120, 0.2)) for kernel in (odds(dtype), settling(dtype))]
        for example in [e for e in EXAMPLES if e.name in ("walk-KF", "driven-EKF")]:
            kernel = example.kernel(dtype)
            jobs.append((kernel, damaged(example, kernel, 3, 100)))
    for (kernel, given), found in zip(jobs, run(jobs, tmp_path), strict=True):
        assert differing(found, interpreter.scan(kernel, given))[0] == 0, (kernel.name, kernel.dtype)


def test_sums_and_status_are_in_the_columns_of_the_layout(tmp_path: Path) -> None:
    """In the first column, in other columns, or in none."""
    layouts = [(3, 0, 2, 4), (3, 1, 0, 4), (1, -1, 0, 2), (0, 1, -1, 3), (0, -1, -1, 1)]
    none, z = np.zeros((1, 4, 0)), np.array([2.0, np.nan, 8.0, -3.0]).reshape(1, 4, 1)
    given = Arrays(np.zeros(4), none, none, z, np.zeros(0), np.array([[0.5, 8.0]]))
    jobs = [(bare(*layout), given) for layout in layouts]
    for (kernel, _), found in zip(jobs, run(jobs, tmp_path), strict=True):
        assert differing(found, interpreter.scan(kernel, given))[0] == 0, kernel


@pytest.mark.campaign
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_all_examples(dtype: str, tmp_path: Path) -> None:
    jobs = []
    for example in EXAMPLES:
        kernel = example.kernel(dtype)
        jobs.append((kernel, damaged(example, kernel, 11, 200)))
    for example, (kernel, given), found in zip(EXAMPLES, jobs, run(jobs, tmp_path), strict=True):
        assert differing(found, interpreter.scan(kernel, given))[0] == 0, example.name


def test_whole_arrays_are_refused_by_name() -> None:
    kernel = traced(filter_recipe(EXAMPLES[1].model(4), fog.KF()), arrays=True)
    with pytest.raises(ValueError, match="stage predict: it is on whole arrays"):
        javascript.text(kernel)


def test_a_layout_that_does_not_fit_is_refused() -> None:
    move, *others = odds().stages
    for broken in ({"record": (3,)}, {"status": ()}):
        with pytest.raises(ValueError, match="zip"):
            javascript.text(replace(odds(), stages=(replace(move, **broken), *others)))


def test_no_label_leaves_its_comment() -> None:
    """Names come from users: whatever they contain, the code is the same."""
    cut = "x\nodd(); //\r\u2028odd() */ \\"

    def renamed(stage: Stage) -> Stage:
        code = tuple(replace(i, label=cut) if i.op == "input" else i for i in stage.program.code)
        return replace(stage, name=cut, program=replace(stage.program, code=code))

    def code(kernel: Kernel) -> list[str]:
        return [line.split("//")[0].rstrip() for line in javascript.text(kernel).splitlines()]

    kernel = odds()
    labels = {source: (cut,) * len(names) for source, names in kernel.labels.items()}
    stages = tuple(map(renamed, kernel.stages))
    named = replace(kernel, name=cut, carry=(cut,) * 3, labels=labels, stages=stages)
    assert code(named) == code(kernel)


def test_only_what_is_needed_is_printed() -> None:
    text = javascript.text(settling())
    assert "export const CARRY" in text and "export function scan(" in text
    assert "function pow2" not in text and "function copysign" not in text
    assert "Math.fround" not in text and "Math.fround(" in javascript.text(settling("float32"))
