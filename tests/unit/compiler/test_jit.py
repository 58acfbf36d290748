"""From text to machine code: for which processor, and when the code is freed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from foglight.compiler.backends import jit

NOTHING = "define void @scan(ptr %frame) {\n  ret void\n}\n"


class Host:
    """The features of some processor."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def get(self, name: str) -> bool:
        return name in self.names


@pytest.mark.parametrize(
    ("features", "lanes"),
    [(("sse2",), 2), (("avx",), 4), (("avx2",), 4), (("avx", "avx2"), 4), (("avx", "avx2", "avx512f"), 8)],
)
def test_lanes_by_features(features: tuple[str, ...], lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    binding = pytest.importorskip("llvmlite.binding")
    monkeypatch.setattr(binding, "get_host_cpu_features", lambda: Host(*features))
    assert jit.best_lanes.__wrapped__() == lanes


def test_an_invalid_text_is_refused() -> None:
    """It parses, but a value is used in a block that its own block does not dominate."""
    pytest.importorskip("llvmlite.binding")
    text = """define void @scan(ptr %frame) {
entry:
  br i1 true, label %a, label %b
a:
  %v = load i64, ptr %frame
  br label %b
b:
  store i64 %v, ptr %frame
  ret void
}
"""
    with pytest.raises(RuntimeError, match="dominate"):
        jit.compile_scan(text)


def test_code_is_made_for_this_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    binding = pytest.importorskip("llvmlite.binding")
    really = binding.Target.from_default_triple
    asked: list[dict[str, Any]] = []

    class Spy:
        def create_target_machine(self, **given: Any) -> Any:
            asked.append(given)
            return really().create_target_machine(**given)

    monkeypatch.setattr(binding.Target, "from_default_triple", Spy)
    jit.compile_scan(NOTHING)
    features = binding.get_host_cpu_features().flatten()
    assert asked == [{"cpu": binding.get_host_cpu_name(), "features": features, "opt": 2, "jit": True}]


class FakeEngine:
    """Counts how often it is closed."""

    closed = 0

    def close(self) -> None:
        self.closed += 1


@contextmanager
def compiling_elsewhere() -> Iterator[None]:
    """Another thread holds the lock."""
    locked, go = threading.Event(), threading.Event()

    def compiling() -> None:
        with jit.COMPILING:
            locked.set()
            go.wait(20.0)

    other = threading.Thread(target=compiling)
    other.start()
    try:
        assert locked.wait(20.0)
        yield
    finally:
        go.set()
        other.join()


def test_machine_code_is_closed_once_and_under_the_lock() -> None:
    """At once if nothing is being compiled, else by the next compilation."""
    engine = FakeEngine()
    code = jit._Code(engine)
    del code
    assert engine.closed == 1 and not jit._left
    code = jit._Code(engine)
    with compiling_elsewhere():
        del code
        kept = list(jit._left)
    assert kept == [engine] and engine.closed == 1
    jit.compile_scan(NOTHING)
    assert engine.closed == 2 and not jit._left


def test_machine_code_is_left_alone_when_the_process_ends() -> None:
    engine = FakeEngine()
    code = jit._Code(engine)
    assert code.freed.atexit is False and engine.closed == 0
    del code
    assert engine.closed == 1


def test_a_scan_takes_a_whole_address() -> None:
    pytest.importorskip("llvmlite.binding")
    scan = jit.compile_scan(NOTHING.replace("  ret", "  store i64 1234567890123, ptr %frame\n  ret"))
    frame = np.zeros(1 << 20, np.int64)
    scan(frame.ctypes.data)
    assert frame[0] == 1234567890123 and not frame[1:].any()


def test_a_scan_owns_its_code() -> None:
    pytest.importorskip("llvmlite.binding")
    scan = jit.compile_scan(NOTHING)
    with compiling_elsewhere():
        del scan
        assert len(jit._left) == 1
    jit.compile_scan(NOTHING)
    assert not jit._left


def test_an_engine_that_cannot_be_closed_leaves_the_lock_free() -> None:
    class Broken:
        asked = 0

        def close(self) -> None:
            self.asked += 1
            if self.asked == 1:
                raise RuntimeError("no")

    code = jit._Code(Broken())
    with pytest.raises(RuntimeError, match="no"):
        code.freed()
    free: list[bool] = []

    def look() -> None:
        free.append(jit.COMPILING.acquire(timeout=2.0))
        if free[0]:
            jit.COMPILING.release()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert free == [True]
