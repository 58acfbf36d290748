"""Pictures against recorded ones, with a tolerance: without text, since fonts differ between versions of matplotlib.

`pytest --update` records them anew; look at each before you keep it.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.testing.compare import compare_images
from matplotlib.testing.decorators import remove_ticks_and_titles
from tests.unit.pictures.plot.scenes import KNOWN, model

import foglight as fog

RECORDED = Path(__file__).parents[3] / "golden" / "pictures"
TOLERANCE = 8.0  # root mean square of differences of grey, of 255
POLAR = fog.Belief([1.0, 1.571], std=[0.02, 0.262], names=("range", "bearing"))


@cache
def run() -> tuple[fog.Run, Any]:
    log, truth = fog.simulate(model(KNOWN), steps=80, dt=0.5, seed=5, missing=0.2)
    return fog.run(model(KNOWN), log), truth


@cache
def stiff() -> fog.Run:
    """A run that says it is surer than it is."""
    return fog.run(model(KNOWN).with_parameters({"gps.std": 0.8}), run()[0].log)


PICTURES: dict[str, Callable[[], Any]] = {
    "states": lambda: fog.plot.states(run()[0], ["x", "x_speed"], truth=run()[1]),
    "smoothed": lambda: fog.plot.states(fog.smooth(run()[0]), "y", std=True, truth=run()[1]),
    "innovations": lambda: fog.plot.innovations(stiff(), ["gps.x", "odometer.x"]),
    "nis": lambda: fog.plot.nis(stiff(), "gps"),
    "nees": lambda: fog.plot.nees(stiff(), run()[1]),
    "gain": lambda: fog.plot.gain(run()[0], ["x", "x_speed"]),
    "map": lambda: fog.plot.map(run()[0], truth=run()[1]),
    "components": lambda: fog.plot.components(fog.smooth(run()[0]), measure="gps.y"),
    "forecast": lambda: fog.plot.forecast(fog.forecast(run()[0], steps=20), "gps.y"),
    "autocorrelation": lambda: fog.plot.autocorrelation(stiff(), "gps.x"),
    "coverage": lambda: fog.plot.coverage(stiff()),
    "comparison": lambda: fog.plot.comparison(fog.backtest(run()[0].model, run()[0].log, horizon=6, every=3)),
    "belief": lambda: fog.plot.belief(fog.Belief([5.0], std=[2.0]), fog.Belief([8.0], std=[1.0])),
    "bend": lambda: fog.plot.bend(
        fog.push(POLAR, lambda x: [x.range * np.cos(x.bearing), x.range * np.sin(x.bearing)])
    ),
}


def drawn(name: str, folder: Path) -> Path:
    """The picture without its text, as a file."""
    path = folder / f"{name}.png"
    with plt.style.context("default"), plt.rc_context({"figure.figsize": (3.2, 2.4)}):
        axes = PICTURES[name]()
        figure = (axes.ravel()[0] if isinstance(axes, np.ndarray) else axes).figure
        for legend in list(figure.legends):
            legend.remove()
        figure.set_size_inches(3.2, 2.4)
        remove_ticks_and_titles(figure)
        for ax in figure.axes:
            ax.set(xlabel="", ylabel="")
            for side in ("left", "right"):
                ax.set_title("", loc=side)
            for text in list(ax.texts):
                text.remove()
        figure.savefig(path, dpi=60, metadata={"Software": None})
        plt.close(figure)
    return path


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update"):
        drawn(name, RECORDED)
    assert compare_images(str(RECORDED / f"{name}.png"), str(drawn(name, tmp_path)), TOLERANCE) is None


def test_another_picture_is_found(tmp_path: Path) -> None:
    found = compare_images(str(RECORDED / "gain.png"), str(drawn("nees", tmp_path)), TOLERANCE)
    assert found is not None and "did not match" in found


def test_recorded_pictures_are_few_and_small() -> None:
    recorded = list(RECORDED.iterdir())
    assert {path.stem for path in recorded} == set(PICTURES) and len(recorded) <= 15
    assert sum(path.stat().st_size for path in recorded) < 300_000
