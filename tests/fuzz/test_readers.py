"""The readers of files on every file of the corpus, without the fuzzer."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fuzz import readers
from fuzz.large_files import LOGS, MODELS
from fuzz.parquet_files import PARQUETS


def test_every_file_is_read_or_refused_with_a_sentence() -> None:
    """In a process of its own, with bounded memory; a file with a finding stays in the corpus once it is mended."""
    done = subprocess.run(
        [sys.executable, "-W", "error", readers.__file__, "--corpus"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    counts = {
        name: (int(files), int(accepted))
        for name, files, accepted in re.findall(
            r"(\w+): (\d+) files, (\d+) accepted, 0 findings", done.stdout
        )
    }
    assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr
    for name, made in (("model", MODELS), ("log", LOGS), ("parquet", PARQUETS)):
        files, accepted = counts[name]
        kept = readers.CORPUS / name
        assert files == len(made) + (len(list(kept.iterdir())) if kept.is_dir() else 0)
        assert files > 30 and 5 < accepted < files


def recurse(path: Path) -> str:
    return recurse(path)


def loop(path: Path) -> str:
    try:
        while True:
            pass
    except Exception:
        return ""


@pytest.mark.parametrize(
    ("reader", "finding"),
    [
        (lambda path: str(1 / 0), "ZeroDivisionError at test_readers.py"),
        (lambda path: path.read_text(encoding="ascii"), "UnicodeDecodeError"),
        (recurse, "RecursionError"),
        (loop, "SlowError"),
    ],
)
def test_what_readers_must_not_do_is_found(
    reader: Any, finding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "SECONDS", 1)
    path = tmp_path / "input"
    path.write_bytes(b"\xff")
    accepted, found = readers.judge(reader, path)
    assert not accepted and found is not None and found.startswith(finding)


def test_too_much_memory_is_found(tmp_path: Path) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(Path(readers.__file__).parent)!r}); import readers, foglight, pathlib;"
        "kept = readers.limit_memory();"
        "print(kept, readers.judge(lambda path: bytes(2 * readers.MEMORY), pathlib.Path('input')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    if done.stdout.startswith("False"):
        pytest.skip("this system does not keep a limit on address space (RLIMIT_AS)")
    assert re.match(r"True \(False, .*MemoryError", done.stdout), done.stdout + done.stderr


def test_a_log_that_comes_back_changed_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from foglight.data import columns

    path = tmp_path / "input"
    path.write_bytes((readers.CORPUS / "log" / "radar").read_bytes())
    assert readers.judge(readers.read_log, path) == (True, None)
    monkeypatch.setattr(columns, "repr", lambda value: f"{value:.1g}", raising=False)
    path.write_text("time,z\n0,1.25\n")
    accepted, found = readers.judge(readers.read_log, path)
    assert not accepted and found is not None and "another one" in found
