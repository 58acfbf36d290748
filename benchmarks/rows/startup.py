"""What is paid once: trace and compile, and the import."""

import subprocess
import sys

from models import turning
from peers import dynamax, filterpy, foglight, pykalman, simdkalman, statsmodels, stonesoup
from race import Effort
from results import Line, Table
from timing import say, summary

CLOCK = "import time, numpy; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"
PEERS = (filterpy, pykalman, statsmodels, simdkalman, dynamax, stonesoup)


def compiling(effort: Effort) -> list[Table]:
    """From the user's functions to the first answer."""
    say("Trace and compile")
    lines = []
    for peer in (foglight, dynamax):
        for noise in ("constant", "state") if peer is foglight else ("constant",):
            problem = turning(2, noise=noise)
            samples = [peer.compile_time(problem) for _ in range(effort.rounds + 1)][1:]
            who = peer.NAME + (", noise turned by the heading" if noise == "state" else "")
            lines.append(Line(who, summary(samples), 1))
            say(f"  {who}")
    note = "A new model each time, in a process that has compiled before: from the functions to two filtered rows."
    return [Table("compile", "Trace and compile: CTRV EKF, nothing cached", "s", lines, [note])]


def importing(effort: Effort) -> list[Table]:
    """Each in its own fresh interpreter, NumPy already imported."""
    say("Import")
    jobs = {
        foglight.NAME: "import foglight",
        f"{foglight.NAME}, and all that a run loads": foglight.FIRST_RUN,
    }
    jobs |= {peer.NAME: f"import {peer.IMPORTS}" for peer in PEERS}
    lines = []
    for who, code in jobs.items():
        command = [sys.executable, "-W", "ignore", "-c", CLOCK.format(code=code)]
        samples = [
            float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            for _ in range(effort.rounds + 1)
        ][1:]
        lines.append(Line(who, summary(samples), 1))
        say(f"  {who}")
    notes = ["Beyond NumPy; of each library the modules that a filter needs."]
    return [Table("import", "Import time", "s", lines, notes)]
