"""make bench: every row of the benchmark, side by side in one run, and RESULTS.md at the end.

Example: python benchmarks/run.py --rows series,many --quick
"""

import argparse
import os
import warnings
from pathlib import Path

# One thread for everybody; these are read when the libraries are imported, so they come first.
os.environ.update(
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    JAX_PLATFORMS="cpu",
    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
)

import report
from race import Effort
from rows import curved, linear, maximisation, season, startup, states, tuning

ROWS = {
    "online": linear.online,
    "single": linear.single,
    "series": linear.series,
    "many": linear.many,
    "threads": linear.threads,
    "ekf": curved.ekf,
    "opaque": curved.opaque,
    "ukf": curved.ukf,
    "compile": startup.compiling,
    "import": startup.importing,
    "growth": linear.growth,
    "states": states.filtering,
    "smoother": states.smoothing,
    "draws": states.drawing,
    "first": states.first_calls,
    "ring-ekf": states.ring_ekf,
    "ring-ukf": states.ring_ukf,
    "season": season.season,
    "em": maximisation.em,
    "tune": tuning.tune,
}
RESULTS = Path(__file__).resolve().parent / "RESULTS.md"


def names(text: str) -> list[str]:
    chosen = text.split(",")
    unknown = [name for name in chosen if name not in ROWS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no row {unknown[0]!r}; there are {', '.join(ROWS)}")
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=names, default=list(ROWS), help=f"of {','.join(ROWS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, two rounds: a smoke test")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS, help="default: benchmarks/RESULTS.md")
    options = parser.parse_args()

    warnings.simplefilter("ignore")  # the peers' own deprecations
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    effort = Effort(rounds=2, less=10) if options.quick else Effort(rounds=7)
    tables = [table for name in options.rows for table in ROWS[name](effort)]
    report.write(options.output, tables)
    print(f"wrote {options.output}")


if __name__ == "__main__":
    main()
