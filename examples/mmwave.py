"""A real radar, and one person walking in front of it: thirteen seconds, with holes.

    python examples/mmwave.py [orig_traj_withNaN.csv]

The log is `mmwave_person_sot/orig_traj_withNaN.csv` of the recorded data (MIT, mmWave_radar_tracking by
Research-and-Project): centroids x_m, y_m, z_m every 51 ms, no time column, eight rows lost. Without it, there is
nothing to do. On the command line the same is

    foglight run examples/mmwave_person.toml orig_traj_withNaN.csv -o estimates.csv --dt 0.051
"""

import os
import sys
from pathlib import Path

import numpy as np

import foglight as fog
from foglight.consistency import nis_band
from foglight.model_file import read

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("FOGLIGHT_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
LOG = DATA / "mmwave_person_sot" / "orig_traj_withNaN.csv"


def main(path: Path) -> None:
    """Filter the log and say what came out, or that there is no log."""
    if not path.is_file():
        print(f"skipped: {path} is absent")
        return
    model, method = read(HERE / "mmwave_person.toml")
    log = fog.Log.read(path, dt=0.051)
    run = fog.run(model, log, method)
    lost = np.flatnonzero(run.status & fog.Status.MISSING)
    rows = ", ".join(str(row) for row in lost)
    first, last = run.filtered.mean[[0, -1], :2]
    steps = np.linalg.norm(np.diff(run.filtered.mean[:, :2], axis=0), axis=1)
    band = nis_band(run)
    print(run)
    print(f"lost rows {rows}: bridged")
    print(f"from {first.round(1)} to {last.round(1)} m, {steps.sum():.1f} m in all")
    print(
        f"NIS per component {band.mean:.2f}, where 95 % of right models have {band.low:.2f} to {band.high:.2f}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else LOG)
