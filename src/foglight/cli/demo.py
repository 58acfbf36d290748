"""The story behind Foglight, on a log of its own: fog, one radar, somebody on the shoulder of the road.

First the fusion of two beliefs; then a fusion at every reading, with a gain that settles; and then two dimensions,
where the radar is nonlinear: KF, EKF and UKF side by side, against the truth.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import foglight as fog
from foglight.core.atomic_file import whole_file
from foglight.core.types import Floats
from foglight.data.column_files import write
from foglight.diagnostics.chi_square import nis_band
from foglight.inference.run_columns import run_columns

FILES = ("pedestrian.csv", "truth.csv", "pedestrian.toml")
MIDDLE = 32.0  # m: half-way, the one distance at which the KF's constant noise is right
SHOWN = (1, 2, 3, 5, 10, 20, 40)  # the readings whose gains are printed
DRIFT = 0.4  # m/√s: how far people sway, for the filter with one state


def data_folder() -> Path:
    """The folder with the log: inside an installed package, or among the examples of a checkout."""
    package = Path(__file__).parents[1]
    for folder in (package / "examples" / "fog", package.parents[1] / "examples" / "fog"):
        if all((folder / name).is_file() for name in FILES):
            return folder
    raise fog.DataError(
        f"the demo's log is missing beside {package}. Install Foglight again.", field="examples/fog"
    )


def story(out: Path) -> Iterator[str]:
    """The story, line by line; estimates, log, truth and model are written into the folder `out`.

    Raises DataError if the folder cannot be written.
    """
    source = data_folder()
    _prepare(out, source)
    model, _ = fog.load_model(source / "pedestrian.toml")
    log = fog.Log.read(source / "pedestrian.csv")
    truth = np.column_stack([fog.Log.read(source / "truth.csv").columns()[name] for name in model.state])
    positions = _positions(log.bind(model))
    noise = [model.parameters["radar.range_std"], MIDDLE * model.parameters["radar.bearing_std"]]

    yield "Fog, one radar on the car, and somebody unsteady on the shoulder of the road."
    yield f"The log: {len(log)} rows in {log.time_ns[-1] / 1e9:.0f} s, {np.isnan(positions[:, 0]).sum()} of them lost."
    yield from _fusion(log.bind(model)[0], positions[0], model)
    yield from _scalar(log, positions[:, 1], noise[1])
    yield from _plane(out, model, log, truth, positions, noise)
    yield ""
    yield f"Report, to open in a browser: {_report(out, model, log, truth)}"
    yield ""
    yield "Your turn:"
    yield f"  foglight run {out / 'pedestrian.toml'} {out / 'pedestrian.csv'} -o my.csv --method ukf"


def _fusion(z: Floats, position: Floats, model: fog.Model) -> Iterator[str]:
    """Two beliefs about one number become one."""
    radar_std = float(z[0]) * model.parameters["radar.bearing_std"]
    known, radar = fog.Belief([2.0], std=[0.8]), fog.Belief([position[1]], std=[radar_std])
    best = fog.fuse(known, radar)
    weights = [float(weight[0, 0]) for weight in best.weights]
    yield ""
    yield "1. Two witnesses: how far is he from the car's path?"
    yield f"   what we know of shoulders  {_formatted(known)}   weight {weights[0]:.2f}"
    yield f"   what the radar says        {_formatted(radar)}   weight {weights[1]:.2f}   ({z[0]:.0f} m away)"
    yield f"   both together              {_formatted(best)}"
    yield "   Each weight is the share of 1/variance. This is the best linear unbiased estimate (BLUE)."


def _scalar(log: fog.Log, aside: Floats, std: float) -> Iterator[str]:
    """One state and one number per reading: the gain depends on the times of the readings, not on their values."""
    step = float(log.time_ns[1] - log.time_ns[0]) / 1e9
    model = fog.Model(
        fog.motion.random_walk("aside", std=DRIFT),
        (fog.sensing.linear("radar", of="aside", std=std),),
        start=fog.Belief([2.0], std=[0.8]),
    )
    run = fog.run(model, fog.Log.from_arrays(log.time_ns / 1e9, radar=aside), fog.KF())
    whole = fog.run(model, fog.Log.regular(np.zeros(len(log)), step), fog.KF())
    settled = fog.steady_state([[1.0]], [[DRIFT**2 * step]], [[1.0]], [[std**2]]).gain[0, 0]
    gain = run.gain[:, 0, 0]
    received = np.flatnonzero(~np.isnan(gain))
    longest = int(np.argmax(np.diff(received)))
    yield ""
    yield "2. Again at every reading: the scalar filter. Between readings he sways, so the belief widens."
    yield "   reading      " + "".join(f"{k:8d}" for k in SHOWN)
    yield "   gain         " + "".join(f"{gain[received[k - 1]]:8.3f}" for k in SHOWN)
    yield f"   If no reading is lost, the gain settles: {whole.gain[-1, 0, 0]:.6f} after {len(log)} readings,"
    yield f"   and {settled:.6f} solved for directly (fog.steady_state). Lost readings raise it:"
    before, after = received[longest], received[longest + 1]
    yield f"   after {after - before - 1} lost in a row it is {gain[after]:.3f}, and before them {gain[before]:.3f}."


def _plane(
    out: Path, model: fog.Model, log: fog.Log, truth: Floats, positions: Floats, noise: list[float]
) -> Iterator[str]:
    """KF on converted readings, EKF and UKF on range and bearing as the radar reports them."""
    straight = fog.Model(
        model.motion, (fog.sensing.linear("radar", of=("ahead", "aside"), std=noise),), start=model.start
    )
    converted = fog.Log.from_arrays(log.time_ns / 1e9, radar=positions)
    half = len(log) // 2
    yield ""
    yield "3. Two dimensions. The radar reports range and bearing, which are not linear in the position: a KF refuses"
    yield "   them. So the KF is given x and y computed from them, with the same noise at all distances, as in a first"
    yield "   course. The EKF linearises the measurement at the estimate; the UKF sends sigma points through it."
    yield ""
    yield "              RMSE against the truth              NIS per component (1 is right)   time"
    yield "            ahead   aside  ahead'  aside'      all (95 % band)       far    near   per step"
    yield _row("raw", positions - truth[:, :2], "")
    for label, method, given, rows in (
        ("KF", fog.KF(), straight, converted),
        ("EKF", fog.EKF(), model, log),
        ("UKF", fog.UKF(), model, log),
    ):
        run = fog.run(given, rows, method)
        every, far, near = nis_band(run), nis_band(run, slice(0, half)), nis_band(run, slice(half, None))
        mark = " " if every.low <= every.mean <= every.high else "!"
        nis = f"{every.mean:5.2f}{mark} ({every.low:.2f} to {every.high:.2f})   {far.mean:5.2f}   {near.mean:5.2f}"
        path = out / f"estimates-{label.lower()}.csv"
        write_run(path, run)
        yield _row(label, run.filtered.mean - truth, f"   {nis}   {_step_time(given, rows, method):5.2f} µs")
    yield ""
    yield "   The KF's noise is right at one distance only: far away it trusts the radar too much (NIS above 1), close"
    yield "   by too little (NIS below 1). EKF and UKF know how good the radar is at each distance. They agree, because"
    yield "   the measurement is nearly linear over the spread of the belief. ! marks a mean outside its band."
    yield ""
    yield f"Estimates: {', '.join(str(out / f'estimates-{name}.csv') for name in ('kf', 'ekf', 'ukf'))}"


def _row(label: str, errors: Floats, rest: str) -> str:
    """A line of the table: the RMSE of each state, and the rest."""
    size = np.sqrt(np.nanmean(errors**2, axis=0))
    return f"   {label:<5}" + "".join(f"{value:8.3f}" for value in size) + rest


def _positions(z: Floats) -> Floats:
    """The positions (T, 2) that range and bearing give: x ahead, y aside."""
    return np.column_stack([z[:, 0] * np.cos(z[:, 1]), z[:, 0] * np.sin(z[:, 1])])


def _report(out: Path, model: fog.Model, log: fog.Log, truth: Floats) -> Path:
    """Write the report of the EKF in two dimensions."""
    comparison = fog.compare(model, log, truth=truth)
    run = fog.run(model, log)
    return fog.report(
        fog.smooth(run), out / "report.html", truth=truth, comparison=comparison, title="Somebody in the fog"
    )


def _step_time(model: fog.Model, log: fog.Log, method: Any) -> float:
    """Microseconds per row, on the same readings repeated a hundred times; the best of five runs."""
    z = np.tile(log.bind(model), (100, 1))
    longer = fog.Log.regular(z, 0.05)
    best = np.inf
    for _ in range(5):
        begin = time.perf_counter()
        fog.run(model, longer, method)
        best = min(best, time.perf_counter() - begin)
    return best / len(z) * 1e6


def _formatted(belief: Any) -> str:
    return f"{belief.mean[0]:5.2f} m ± {belief.std[0]:.2f} m"


def _prepare(out: Path, source: Path) -> None:
    try:
        out.mkdir(exist_ok=True)
    except OSError as error:
        raise fog.DataError(
            f"cannot make the folder {out}: {error.strerror}. Name another with -o.", field=str(out)
        ) from error
    for name in FILES:
        text = (source / name).read_text(encoding="utf-8")
        with whole_file(out / name) as file:
            file.write(text)


def write_run(path: Path, run: "fog.Run", progress: Callable[[int], None] | None = None) -> None:
    """Write the columns of a run as a CSV file, with one row per row of the log."""
    write(path, run_columns(run), len(run.log) * (run.log.tracks or 1), progress)
