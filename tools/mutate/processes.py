"""Fresh processes from one warm parent: third-party packages are imported once, then every test run forks."""

import atexit
import contextlib
import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest
from tools.mutate.tree import ROOT, SOURCE

SCRATCH = ROOT / ".mutation"
TEMPORARY = SCRATCH / f"tmp-{os.getpid()}"  # what the tests of this run write
MEMORY = 8 << 30
OPTIONS = [
    "-x", "-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "--assert=plain",
    "-o", "addopts=", "-m", "not campaign and not check", "--rootdir", str(ROOT),
]  # fmt: skip
Job = TypeVar("Job")


def prepare(cores: Iterable[int]) -> None:
    """Settings that every forked process inherits."""
    os.chdir(ROOT)
    os.sched_setaffinity(0, set(cores))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.path.insert(0, str(SOURCE))
    os.environ["PYTHONPATH"] = str(SOURCE)  # for the processes that tests start
    atexit.register(shutil.rmtree, TEMPORARY, ignore_errors=True)
    warm()
    gc.collect()
    gc.freeze()  # or every child's first collection would touch, and so copy, all that was imported here


def warm() -> None:
    """Import what the tests import, less the package and the tests: a child tells the names."""

    def names(tell: Callable[[Any], None]) -> None:
        pytest.main([*OPTIONS, "--collect-only", "tests"])
        tell([name for name, module in sys.modules.items() if _foreign(module)])

    for _, message in run([0], lambda _, tell: names(tell), 1, lambda _: 300.0):
        for name in message if isinstance(message, list) else ():
            if name not in sys.modules:
                try:
                    importlib.import_module(name)
                except ImportError:
                    continue


def _foreign(module: Any) -> bool:
    path = getattr(module, "__file__", None) or ""
    inside = path.startswith(str(ROOT)) and "site-packages" not in path
    return bool(path) and not inside


def tests(nodes: list[str], plugin: object) -> int:
    """Run tests in this process; pytest's exit code."""
    TEMPORARY.mkdir(parents=True, exist_ok=True)
    # A folder for each session: a library is not loaded twice from one path, and a test would run another's code.
    folder = TEMPORARY / f"{os.getpid()}-{time.time_ns()}"
    return int(pytest.main([*OPTIONS, f"--basetemp={folder}", *nodes], plugins=[plugin]))


class Child(Generic[Job]):
    """A forked process at work on a job, and what it says, one JSON text a line."""

    def __init__(
        self, job: Job, work: Callable[[Job, Callable[[Any], None]], None], core: int | None
    ) -> None:
        self.job = job
        self.core = core
        self.read, write = os.pipe()
        self.rest = b""
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.read)
            _work(job, work, write, core)
        os.close(write)
        self.heard = time.monotonic()
        self.allowed = 0.0

    def messages(self) -> Iterator[Any]:
        """What was said since last asked; None at the end."""
        data = os.read(self.read, 1 << 16)
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            yield json.loads(line)
        if not data:
            yield None

    def end(self) -> int:
        """Kill what is left of it and its own children; the wait status."""
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(self.pid, signal.SIGKILL)
        os.close(self.read)
        return os.waitpid(self.pid, 0)[1]


def _work(job: Any, work: Callable[[Any, Callable[[Any], None]], None], write: int, core: int | None) -> None:
    os.setpgid(0, 0)
    if core is not None:
        os.sched_setaffinity(0, {core})
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def tell(message: Any) -> None:
        data = json.dumps(message).encode() + b"\n"
        while data:
            data = data[os.write(write, data) :]

    try:
        work(job, tell)
    finally:
        os._exit(0)


def run(
    jobs: Iterable[Job],
    work: Callable[[Job, Callable[[Any], None]], None],
    workers: int,
    allowed: Callable[[Any], float],
) -> Iterator[tuple[Job, Any]]:
    """Each job in its own process, `workers` at a time. Yields (job, message), and last for each job (job, None),
    or (job, "timeout") where nothing was said for the seconds that `allowed` gave after its last message."""
    queue = iter(jobs)
    cores = sorted(os.sched_getaffinity(0))
    running: dict[int, Child[Job]] = {}
    exhausted = False
    while True:
        while len(running) < workers and not exhausted:
            job = next(queue, _END)
            if job is _END:
                exhausted = True
                break
            taken = {child.core for child in running.values()}
            core = next((c for c in cores if c not in taken), None) if workers > 1 else None
            child = Child(job, work, core)
            child.allowed = allowed(None)
            running[child.read] = child
        if not running:
            return
        ready, _, _ = select.select(list(running), [], [], 0.2)
        now = time.monotonic()
        for read, child in list(running.items()):
            if read in ready:
                for message in child.messages():
                    if message is None:
                        del running[read]
                        child.end()
                    else:
                        child.heard, child.allowed = now, allowed(message)
                    yield child.job, message
            elif now - child.heard > child.allowed:
                del running[read]
                child.end()
                yield child.job, "timeout"


_END: Any = object()


def scratch(name: str) -> Path:
    """A file of ours, its folder made."""
    path = SCRATCH / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
