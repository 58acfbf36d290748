"""Fair clocks: contenders take turns, round after round, so that whatever the machine does, it does to all."""

import gc
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from contender import Contender


@dataclass(frozen=True)
class Timing:
    """Seconds per filter step (or per job, where a table says so)."""

    best: float
    median: float


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)


def summary(samples: Sequence[float]) -> Timing:
    return Timing(min(samples), statistics.median(samples))


def interleave(contenders: Sequence[Contender], rounds: int) -> list[Timing]:
    """Time each contender once per round. What a call returned is freed outside the clock."""
    samples: list[list[float]] = [[] for _ in contenders]
    for number in range(rounds):
        for contender, mine in zip(contenders, samples, strict=True):
            contender.prepare()
            gc.collect()
            started = time.perf_counter()
            out = contender.call()
            mine.append((time.perf_counter() - started) / contender.steps)
            del out
        say(f"  round {number + 1} of {rounds}")
    return [summary(mine) for mine in samples]
