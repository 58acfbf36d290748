"""Run as a program: kills resumable runs at random moments, a given number of times.

`python killed.py FOLDER KILLS SEED` prints a line for each output that was completed in spite of the kills: how many
there were, whether it is byte for byte the uninterrupted output, and the files that were left behind. Each run is a
forked child, so that nothing is loaded or compiled again; a kill is SIGKILL, after a random time up to that of a whole
run.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import foglight as fog
from foglight.cli.filter_file import filter_file
from foglight.data.parts import open_log

ROWS = 60  # of a part
MODEL = fog.Model(
    fog.motion.constant_velocity(("gap",), accel=0.4),
    [fog.sensing.linear("radar", of="gap", std=0.8)],
    start=fog.Belief([5, 0], std=[5, 1]),
)


def write_log(path: Path, rows: int) -> None:
    draw = random.Random(4)
    with path.open("w") as file:
        file.write("time,track,gap\n")
        for k in range(rows):
            reading = "" if draw.random() < 0.2 else f"{5 + draw.gauss(0, 2):.3f}"
            file.write(f"{0.1 * (k % 700):.1f},{k // 700},{reading}\n")


def filter_it(log: Path, out: Path, resume: bool) -> None:
    source = open_log(log, track="track")
    filter_file(
        source, MODEL, fog.EKF(), out, gap=1.0, rows=ROWS, every=0.0, note=lambda text: None,
        resume={"track": "track"} if resume else None,
    )  # fmt: skip


def killed(log: Path, out: Path, after: float | None) -> bool:
    """Whether the run was killed before it ended. after: seconds until the kill; None for no kill."""
    child = os.fork()
    if child == 0:
        filter_it(log, out, resume=True)
        os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or status == 0, "a run failed"
    return os.WIFSIGNALED(status)


def main(folder: Path, kills: int, seed: int) -> None:
    log, out = folder / "log.csv", folder / "out.csv"
    write_log(log, 1_000)
    filter_it(log, folder / "whole.csv", resume=False)
    whole = (folder / "whole.csv").read_bytes()
    begun = time.monotonic()
    filter_it(log, folder / "timed.csv", resume=True)
    takes = time.monotonic() - begun
    draw, through, mine = random.Random(seed), 0, 0
    while through < kills or mine:
        if killed(log, out, draw.uniform(0.0, takes) if through < kills else None):
            through, mine = through + 1, mine + 1
            continue
        left = sorted(path.name for path in folder.iterdir() if path.name.startswith("out.csv."))
        print(mine, out.read_bytes() == whole, left)
        out.unlink()
        mine = 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
