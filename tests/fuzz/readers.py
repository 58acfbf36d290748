"""The readers of files, fed with what nobody would write.

    python tests/fuzz/readers.py --corpus           every file of the corpus once, without atheris
    python tests/fuzz/readers.py --seconds 60       mutations of them under atheris, 20 s a reader

Each prints its counts and fails if a reader raises anything but a FoglightError, if what it accepts does not hold
together, or if a small file takes more than SECONDS or MEMORY. What fails goes to out/fuzz, one file a finding.
"""

import argparse
import hashlib
import mmap
import re
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from foglight.methods.registry import METHODS

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
FOUND = HERE.parents[1] / "out" / "fuzz"
SECONDS = 5  # of processor time for one small file; a reader takes milliseconds
MEMORY = 2 << 30  # bytes of address space beyond what the process has when it starts to read
LENGTH = 4_096  # bytes of a mutated file


class BrokenError(Exception):
    """A file was read, and what came out does not hold together."""


def read_model(path: Path) -> str:
    """A model file, as far as a user sees it before a run."""
    from foglight.diagnostics.explain import explain
    from foglight.model import model_file

    model, method = model_file.read(path)
    again, same = model_file.read(path)
    if (again.parameters, again.state, same) != (model.parameters, model.state, method):
        raise BrokenError("the same file gave another model")
    return f"{model!r} {method!r} {explain(model)}"


WAYS: tuple[dict[str, Any], ...] = (
    {},
    {"time": "t"},
    {"dt": 0.1, "ignore": ("time",)},
    {"unit": "ns", "repeats": "skip"},
    {"sensor": "sensor"},
    {"track": "track"},
    {"unit": "ms", "wraps": 256},
    {"track": "track", "sensor": "sensor", "sort": True},
)


def read_log(path: Path) -> str:
    """A log read in all ways that a user could mean."""
    return _read_in_all_ways(path, "log.csv")


def read_parquet(path: Path) -> str:
    """The same for the bytes of a Parquet file."""
    return _read_in_all_ways(path, "log.parquet")


def _read_in_all_ways(path: Path, name: str) -> str:
    import foglight as fog
    from foglight.data.description import description

    file = path.with_name(name)
    file.write_bytes(path.read_bytes())
    refused: fog.FoglightError | None = None
    seen = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of dates long ago
        for way in WAYS:
            try:
                log = fog.Log.read(file, **way)
            except fog.FoglightError as error:
                refused = refused or error
                continue
            _holds_together(log, path.with_name("again.csv"))
            if "sort" not in way:
                _comes_in_parts(log, file, way)
            seen.append(description(log))
            seen.append(repr(log))
    if refused and not seen:
        raise refused
    return " ".join(seen)


def _holds_together(log: Any, path: Path) -> None:
    """Rows in order, columns of one length, and the same numbers once written and read again."""
    import numpy as np

    import foglight as fog
    from foglight.data.column_files import write_log

    columns = log.columns()
    if (log.dt() < 0.0).any() or {len(values) for values in columns.values()} != {len(log)}:
        raise BrokenError("rows out of order, or columns of different lengths")
    clock = 1 + (log.track is not None)
    if len(columns) != len(log.blocks) + clock:
        raise BrokenError(f"{len(log.blocks)} columns were read, {len(columns) - clock} are told")
    if not log.blocks:
        return
    write_log(path, log)
    again = fog.Log.read(path, track=None if log.track is None else "track")
    same = again.time_ns.tobytes() == log.time_ns.tobytes() and len(again.blocks) == len(log.blocks)
    if log.track is not None:
        same = same and again.track is not None and again.track.tobytes() == log.track.tobytes()
    for old, new in zip(log.blocks.values(), again.blocks.values(), strict=False):
        same = same and np.array_equal(old, new, equal_nan=True)
    if not same:
        raise BrokenError("written and read again, the log is another one")


def _comes_in_parts(log: Any, path: Path, way: dict[str, Any]) -> None:
    """Parts of three rows are the log."""
    import numpy as np

    from foglight.data.parts import open_log

    parts = [part.log for part in open_log(path, **way).parts(rows=3)]
    same = np.concatenate([part.time_ns for part in parts]).tobytes() == log.time_ns.tobytes()
    for name, block in log.blocks.items():
        found = [part.blocks.get(name, np.full((len(part), 1), np.nan)) for part in parts]
        same = same and np.array_equal(np.concatenate(found), block, equal_nan=True)
    if not same:
        raise BrokenError("in parts, the log is another one")


READERS: dict[str, Callable[[Path], str]] = {"model": read_model, "log": read_log, "parquet": read_parquet}


class SlowError(BaseException):
    """A small file took too long. No Exception: a reader must not take it for an error of its own."""


@contextmanager
def bounded(seconds: int) -> Iterator[None]:
    """SlowError after so many seconds of processor time; a single call into C is found out when it returns."""

    def stop(*_: object) -> NoReturn:
        raise SlowError(f"more than {seconds} s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def limit_memory() -> bool:
    """An allocation beyond the limit is a MemoryError from here on; False on a system that does not keep the limit."""
    used = int(re.findall(r"VmSize:\s*(\d+) kB", Path("/proc/self/status").read_text())[0]) << 10
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    try:
        mmap.mmap(-1, 2 * MEMORY).close()
    except OSError:
        return True
    return False


def judge(reader: Callable[[Path], str], path: Path) -> tuple[bool, str | None]:
    """Whether the file was accepted, and what was raised that is no FoglightError."""
    import foglight as fog

    try:
        with bounded(SECONDS):
            reader(path)
    except fog.FoglightError as error:
        return False, None if str(error) else f"{told(error)} without a sentence"
    except (Exception, SlowError) as error:
        return False, f"{told(error)}: {str(error)[:160]!r}"
    return True, None


def told(error: BaseException) -> str:
    """An error by its type and the innermost line of ours: what makes two findings one."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "foglight" in frame.filename] or frames[-1:]
    where = f"{Path(ours[-1].filename).name} line {ours[-1].lineno}" if ours else "?"
    return f"{type(error).__name__} at {where}"


def files_of(name: str) -> Iterator[tuple[str, bytes]]:
    """The corpus of one reader: what lies in its folder, and what is too long to lie there."""
    from large_files import LOGS, MODELS
    from parquet_files import PARQUETS

    folder = CORPUS / name
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        yield file.name, file.read_bytes()
    for what, text in {"model": MODELS, "log": LOGS}.get(name, {}).items():
        yield what, text().encode(errors="surrogateescape")
    if name == "parquet":
        for what, data in PARQUETS.items():
            yield what, data()


def read_corpus(name: str) -> int:
    """Every file of one reader's corpus; returns how many raised what they should not."""
    count = accepted = bad = 0
    for what, data in files_of(name):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "input")
            path.write_bytes(data)
            good, finding = judge(READERS[name], path)
        count, accepted = count + 1, accepted + good
        if finding is not None:
            bad += 1
            print(f"FOUND {finding} in {name} {what!r}")
    print(f"{name}: {count} files, {accepted} accepted, {bad} findings", flush=True)
    return bad


def mutate(name: str, seconds: int) -> NoReturn:
    """Mutations of the corpus until time is up; libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["foglight", "tomllib"]):
        import foglight  # noqa: F401
        from foglight.data import columns, description  # noqa: F401
        from foglight.data.readers import csv, parquet, source, whole  # noqa: F401
        from foglight.diagnostics import explain  # noqa: F401
        from foglight.model import model_file  # noqa: F401
    folder = Path(tempfile.mkdtemp(prefix="foglight-fuzz-"))
    path, words = folder / "input", folder / "words"
    words.write_text("".join(f"{word}\n" for word in dictionary()))
    smallest: dict[str, int] = {}
    FOUND.mkdir(parents=True, exist_ok=True)

    def one(data: bytes) -> None:
        path.write_bytes(data)
        _, finding = judge(READERS[name], path)
        key = (finding or "").partition(":")[0]  # type and place
        if finding and len(data) < smallest.get(key, 1 << 60):
            smallest[key] = len(data)
            file = FOUND / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
            file.write_bytes(data)
            print(f"FOUND {finding} in {file} ({len(data)} bytes)", flush=True)

    (folder / "seeds").mkdir()
    for number, (_, data) in enumerate(files_of(name)):
        if len(data) <= LENGTH:
            (folder / "seeds" / str(number)).write_bytes(data)
    seeds = [str(folder / "seeds")]
    limits = [
        f"-max_total_time={seconds}",
        f"-max_len={LENGTH}",
        f"-timeout={3 * SECONDS}",
        "-rss_limit_mb=4096",
    ]
    quiet = ["-seed=20", "-print_final_stats=1", f"-dict={words}", f"-artifact_prefix={FOUND}/{name}-"]
    (folder / "kept").mkdir()
    limit_memory()
    atheris.Setup([sys.argv[0], *limits, *quiet, str(folder / "kept"), *seeds], one)
    atheris.Fuzz()
    raise SystemExit(0)


def dictionary() -> list[str]:
    """The words of both formats, for the mutator."""
    import inspect

    from foglight.data.readers import csv_cells
    from foglight.model import model_file

    tables = (model_file.MOTIONS, model_file.SENSORS, METHODS)
    words = {
        *model_file.TABLES,
        *model_file.START,
        *csv_cells.MISSING,
        "kind",
        "time",
        "sensor",
        "track",
        "T10:15:00.25+01:00",
        "inf",
        "nan",
        "1e308",
        "-0.0",
    }
    for table in tables:
        for kind, part in table.items():
            words |= {kind, *inspect.signature(part).parameters}
    marks = [
        r"\"\"\"",
        "'''",
        "[[",
        "]]",
        "0x",
        "_",
        r"\x00",
        r"\xef\xbb\xbf",
        r"\x0d\x0a",
        r"\xe2\x88\x92",
        "1979-05-27",
    ]
    return [f'"{word}"' for word in sorted(words - {""}) + marks]


def watch(name: str, seconds: int) -> tuple[int, int]:
    """Mutate in a process of its own; prints executions and coverage, returns executions and findings."""
    command = [sys.executable, __file__, "--mutate", name, "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    text = done.stdout + done.stderr
    findings = {line.split(":")[0] for line in text.splitlines() if line.startswith("FOUND")}
    for line in text.splitlines():
        if line.startswith(("FOUND", "==", "SUMMARY")):
            print(line)
    runs = int((re.findall(r"number_of_executed_units:\s*(\d+)", text) or ["0"])[-1])
    cover = (re.findall(r"cov: (\d+)", text) or ["0"])[-1]
    bad = len(findings) + (done.returncode != 0)
    print(f"{name}: {runs:,} executions in {seconds} s, {cover} edges covered, {bad} findings", flush=True)
    if done.returncode:
        print(text[-2_000:])
    return runs, bad


def main() -> int:
    parser = argparse.ArgumentParser(description="Feed the readers of files.")
    parser.add_argument("--seconds", type=int, default=0, help="of mutation under atheris, in all")
    parser.add_argument("--corpus", action="store_true", help="read the corpus once")
    parser.add_argument("--mutate", choices=READERS, help="only this reader, in this process")
    given = parser.parse_args()
    if given.mutate:
        mutate(given.mutate, given.seconds)
    if given.corpus or not given.seconds:
        import pyarrow.parquet  # noqa: F401

        import foglight  # noqa: F401

        limit_memory()
        return int(sum(read_corpus(name) for name in READERS) > 0)
    results = [watch(name, given.seconds // len(READERS)) for name in READERS]
    return int(any(bad or not runs for runs, bad in results))


if __name__ == "__main__":
    raise SystemExit(main())
