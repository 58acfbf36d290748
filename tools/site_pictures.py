"""Draw the icon of the site, docs/_static/favicon.svg, and the card that is shown where the site is linked, card.png.

python -m tools.site_pictures
"""

import math
from pathlib import Path

import foglight as fog

STATIC = Path(__file__).resolve().parents[1] / "docs" / "_static"
NIGHT, LIGHT, FOG = "#10243a", "#f2b632", "#8fa3b8"


def favicon() -> str:
    """A wide curve and the narrow one within it: what was known, and what is known after a reading."""

    def curve(height: float, width: float) -> str:
        points = (
            (x, 26 - height * math.exp(-(((x - 16) / width) ** 2) / 2)) for x in (i / 2 for i in range(4, 61))
        )
        return " ".join(f"{x:g},{y:.2f}" for x, y in points)

    lines = "".join(
        f'<polyline points="{curve(height, width)}" fill="none" stroke="{colour}" stroke-width="2.5" '
        'stroke-linecap="round"/>'
        for height, width, colour in ((9, 8, FOG), (20, 3.5, LIGHT))
    )
    ground = f'<rect width="32" height="32" rx="7" fill="{NIGHT}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{ground}{lines}</svg>\n'


def card(path: Path) -> None:
    """1200 × 630 pixels: readings in the fog, and the estimate that comes out of it."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    model = fog.Model(
        fog.motion.sway("gap", tau=1.0, std=0.4, mean=2.0),
        [fog.sensing.linear("radar", of="gap", std=0.8)],
        start=fog.Belief([2, 0], std=[0.4, 0.4]),
    )
    log, _ = fog.simulate(model, steps=160, dt=0.1, seed=1)
    run = fog.run(model, log)
    mean, std, time = run.filtered.mean[:, 0], run.filtered.std[:, 0], log.dt().cumsum()
    figure = plt.figure(figsize=(12, 6.3), dpi=100, facecolor=NIGHT)
    ax = figure.add_axes((0, 0, 1, 0.62))
    ax.set_axis_off()
    ax.plot(time, log["radar.gap"], "o", color=FOG, markersize=5, alpha=0.7)
    ax.fill_between(time, mean - 2 * std, mean + 2 * std, color=LIGHT, alpha=0.25, linewidth=0)
    ax.plot(time, mean, color=LIGHT, linewidth=4)
    ax.set_xlim(time[0], time[-1])
    figure.text(0.06, 0.78, "Foglight", color="white", fontsize=62, fontweight="bold")
    figure.text(
        0.06, 0.68, "See through the noise: a Kalman-filter compiler for Python", color="white", fontsize=22
    )
    figure.savefig(path, facecolor=NIGHT, metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    STATIC.mkdir(exist_ok=True)
    (STATIC / "favicon.svg").write_text(favicon(), encoding="utf-8")
    card(STATIC / "card.png")
