"""The story that Foglight starts from, told on its own log: fog, one radar, somebody on the shoulder.

The static fusion of two beliefs; the same again at every reading, with a gain that settles; and the same in two
dimensions, where the radar bends: KF, EKF and UKF side by side, against the truth.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import foglight as fog
from foglight.core.atomic_file import whole_file
from foglight.core.errors import DataError
from foglight.core.types import Floats
from foglight.data.columns import write
from foglight.diagnostics.chi_square import nis_band
from foglight.inference.run import Run, run_columns
from foglight.model import model_file

FILES = ("pedestrian.csv", "truth.csv", "pedestrian.toml")
MIDDLE = 32.0  # m: half-way, the one distance at which the KF's constant noise is right
SHOWN = (1, 2, 3, 5, 10, 20, 40)  # which readings' gains are told
DRIFT = 0.4  # m/√s: how far people sway, for the filter that knows only one number


def data_folder() -> Path:
    """Where the log lies: inside an installed package, or among the examples of a checkout."""
    package = Path(__file__).parents[1]
    for folder in (package / "examples" / "fog", package.parents[1] / "examples" / "fog"):
        if all((folder / name).is_file() for name in FILES):
            return folder
    raise DataError(
        f"the demo's log is missing beside {package}. Install Foglight again.", field="examples/fog"
    )


def tell(out: Path) -> Iterator[str]:
    """The story, line by line; estimates, log, truth and model are written into the folder `out`.

    Raises DataError where the folder cannot be written.
    """
    source = data_folder()
    _prepare(out, source)
    model, _ = model_file.read(source / "pedestrian.toml")
    log = fog.Log.read(source / "pedestrian.csv")
    truth = np.column_stack([fog.Log.read(source / "truth.csv").columns()[name] for name in model.state])
    places = _places(log.bind(model))
    noise = [model.parameters["radar.range_std"], MIDDLE * model.parameters["radar.bearing_std"]]

    yield "Fog, one radar on the car, and somebody unsteady on the shoulder of the road."
    yield f"The log: {len(log)} rows in {log.time_ns[-1] / 1e9:.0f} s, {np.isnan(places[:, 0]).sum()} of them lost."
    yield from _fusion(log.bind(model)[0], places[0], model)
    yield from _scalar(log, places[:, 1], noise[1])
    yield from _plane(out, model, log, truth, places, noise)
    yield ""
    yield "Your turn:"
    yield f"  foglight run {out / 'pedestrian.toml'} {out / 'pedestrian.csv'} -o my.csv --method ukf"


def _fusion(z: Floats, place: Floats, model: fog.Model) -> Iterator[str]:
    radar_std = float(z[0]) * model.parameters["radar.bearing_std"]
    known, radar = fog.Belief([2.0], std=[0.8]), fog.Belief([place[1]], std=[radar_std])
    best = fog.fuse(known, radar)
    trust = [float(weight[0, 0]) for weight in best.weights]
    yield ""
    yield "1. Two witnesses: how far is he from the car's path?"
    yield f"   what we know of shoulders  {_told(known)}   weight {trust[0]:.2f}"
    yield f"   what the radar says        {_told(radar)}   weight {trust[1]:.2f}   ({z[0]:.0f} m away)"
    yield f"   both, in the best way      {_told(best)}"
    yield "   The weights are the shares of 1/variance: best linear, unbiased, minimum variance (BLUE)."


def _scalar(log: fog.Log, aside: Floats, std: float) -> Iterator[str]:
    """One state, one number a reading: the gain does not depend on what is read, only on how often."""
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
    yield f"   If no reading is lost the gain settles: {whole.gain[-1, 0, 0]:.6f} after {len(log)} of them,"
    yield f"   and {settled:.6f} solved for directly (steady_state). A lost reading lifts it:"
    before, after = received[longest], received[longest + 1]
    yield f"   after {after - before - 1} in a row it is {gain[after]:.3f}, where {gain[before]:.3f} was before."


def _plane(
    out: Path, model: fog.Model, log: fog.Log, truth: Floats, places: Floats, noise: list[float]
) -> Iterator[str]:
    """KF on converted readings, EKF and UKF on what the radar really reports."""
    straight = fog.Model(
        model.motion, (fog.sensing.linear("radar", of=("ahead", "aside"), std=noise),), start=model.start
    )
    converted = fog.Log.from_arrays(log.time_ns / 1e9, radar=places)
    half = len(log) // 2
    yield ""
    yield "3. Two dimensions. The radar reports range and bearing, and those bend: a KF refuses them."
    yield "   So the KF is given x and y computed from them, with one noise for all distances, as one does in a"
    yield "   first course. The EKF takes the slope of the bend where it is, the UKF sends points through it."
    yield ""
    yield "              RMSE against the truth              NIS per component (1 is right)   time"
    yield "            ahead   aside  ahead'  aside'      all (95 % band)       far    near   per step"
    yield _row("raw", places - truth[:, :2], "")
    for label, method, given, rows in (
        ("KF", fog.KF(), straight, converted),
        ("EKF", fog.EKF(), model, log),
        ("UKF", fog.UKF(), model, log),
    ):
        run = fog.run(given, rows, method)
        every, far, near = nis_band(run), nis_band(run, slice(0, half)), nis_band(run, slice(half, None))
        mark = " " if every.low <= every.mean <= every.high else "!"
        told = f"{every.mean:5.2f}{mark} ({every.low:.2f} to {every.high:.2f})   {far.mean:5.2f}   {near.mean:5.2f}"
        path = out / f"estimates-{label.lower()}.csv"
        write_run(path, run)
        yield _row(label, run.filtered.mean - truth, f"   {told}   {_step_time(given, rows, method):5.2f} µs")
    yield ""
    yield "   The KF's noise is right at one distance only: far off it trusts the radar too much (NIS above 1),"
    yield "   close by too little (below 1). EKF and UKF know where the radar is good; and here, where the bend is"
    yield "   gentle against their spread, they agree. ! marks a mean outside its band."
    yield ""
    yield f"Estimates: {', '.join(str(out / f'estimates-{name}.csv') for name in ('kf', 'ekf', 'ukf'))}"


def _row(label: str, errors: Floats, rest: str) -> str:
    size = np.sqrt(np.nanmean(errors**2, axis=0))
    return f"   {label:<5}" + "".join(f"{value:8.3f}" for value in size) + rest


def _places(z: Floats) -> Floats:
    """Where range and bearing point to: x ahead, y aside."""
    return np.column_stack([z[:, 0] * np.cos(z[:, 1]), z[:, 0] * np.sin(z[:, 1])])


def _step_time(model: fog.Model, log: fog.Log, method: Any) -> float:
    """Microseconds a row, on the same readings a hundred times over; the best of five."""
    z = np.tile(log.bind(model), (100, 1))
    longer = fog.Log.regular(z, 0.05)
    best = np.inf
    for _ in range(5):
        begin = time.perf_counter()
        fog.run(model, longer, method)
        best = min(best, time.perf_counter() - begin)
    return best / len(z) * 1e6


def _told(belief: Any) -> str:
    return f"{belief.mean[0]:5.2f} m ± {belief.std[0]:.2f} m"


def _prepare(out: Path, source: Path) -> None:
    try:
        out.mkdir(exist_ok=True)
    except OSError as error:
        raise DataError(
            f"cannot make the folder {out}: {error.strerror}. Name another with -o.", field=str(out)
        ) from error
    for name in FILES:
        text = (source / name).read_text(encoding="utf-8")
        with whole_file(out / name) as file:
            file.write(text)


def write_run(path: Path, run: "Run", progress: Callable[[int], None] | None = None) -> None:
    """The columns of a run as a CSV file, one row a log row."""
    write(path, run_columns(run), len(run.log) * (run.log.tracks or 1), progress)
