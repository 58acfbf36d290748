"""Make the reference set anew, and compare it with the recorded one; with --write, record it.

    python tools/make_reference.py          needs numpy, mpmath and python-flint; minutes on one core

Ball arithmetic doubles its digits until every recorded number is proven; a sample is computed again in mpmath.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from flint import arb, ctx
from mpmath import mp

from oracle import balls, recursion, reference_set, strategy
from oracle.reference_set import ABSENT, EARLY, LAST, SETTLED

BITS = 1000
PROVEN = 1e-45  # radius of every number, in standard deviations
RECORDED = 1e-28  # and how far its two floats may be from it
SAMPLED = 130  # one model of so many is computed in mpmath, too
AGREED = 1e-40
WORST_CONDITION = 1e9  # of a correlation matrix; beyond, the belief counts as singular


class TooFewBitsError(Exception):
    """A number is not yet known as well as it must be."""


def upper_bound(ball: Any) -> float:
    return float(ball.abs_upper())


def pair(ball: Any, unit: float) -> tuple[float, float]:
    """The ball as two floats, after checking that both are as near as promised."""
    if not float(ball.rad()) <= PROVEN * unit:
        raise TooFewBitsError
    high = float(ball.mid())
    low = float((ball - high).mid())
    assert upper_bound(ball - high - low) <= RECORDED * unit, "two floats are not enough"
    return high, low


def floats(P: Any) -> np.ndarray:
    return np.array([[float(P[i, j].mid()) for j in range(P.ncols())] for i in range(P.nrows())])


def correlation_condition(P: np.ndarray) -> float:
    """Infinite where P is singular or nearly so."""
    deviations = np.sqrt(np.diag(P))
    if not (deviations > 0).all():
        return np.inf
    values = np.linalg.eigvalsh(P / np.outer(deviations, deviations))
    return float(values[-1] / values[0]) if values[0] * WORST_CONDITION > values[-1] else np.inf


def information_gain(before: np.ndarray, after: np.ndarray) -> float:
    """The largest eigenvalue of P_post^-1 P_pred."""
    L = np.linalg.cholesky(after)
    half = np.linalg.solve(L, before)
    return float(np.linalg.eigvalsh(np.linalg.solve(L, half.T))[-1])


def exponent(value: float) -> int:
    """Rounded down to a power of two; what is one but for rounding counts as one."""
    return int(np.floor(np.log2(value) + 1e-6))


def chosen_rows(given: strategy.Varying, beliefs: list[balls.Ball], index: int) -> list[int]:
    """The rows to record."""
    n = given.shape[0]
    updates = np.cumsum(~np.isnan(given.z).all(1))
    wanted = 1 + index % (n - 1) if n > 1 else n
    sound = [np.isfinite(correlation_condition(floats(row.cov))) for row in beliefs[: 8 * n]]
    early = [k for k in range(8 * n) if wanted <= updates[k] < n and sound[k]]
    settled = [k for k in range(8 * n) if updates[k] >= n and sound[k]]
    return [early[0] if early else ABSENT, settled[0], strategy.ROWS - 1]


def solved(given: strategy.Varying, index: int) -> dict[str, Any]:
    """What is recorded of one model."""
    bits = BITS
    while True:
        try:
            return attempted(list(balls.rows(given, bits)), given, index)
        except (TooFewBitsError, ZeroDivisionError, ValueError):
            bits *= 2
            if bits > 64_000:
                raise


def attempted(beliefs: list[balls.Ball], given: strategy.Varying, index: int) -> dict[str, Any]:
    n = given.shape[0]
    if not all(
        beliefs[-1].cov[i, i] > 0 for i in range(n)
    ):  # a comparison of balls holds only where it is certain
        raise TooFewBitsError
    loglik = sum((row.loglik for row in beliefs), arb(0))
    rows = chosen_rows(given, beliefs, index)
    triangle = list(zip(*np.triu_indices(n), strict=True))
    mean, cov = np.zeros((2, 3, n)), np.zeros((2, 3, len(triangle)))
    gain, condition = 0, [0, 0, 0]
    for place, k in enumerate(rows):
        if k == ABSENT:
            continue
        row = beliefs[k]
        P = floats(row.cov)
        sigma = np.sqrt(np.diag(P))
        mean[:, place] = np.array([pair(row.mean[i, 0], sigma[i]) for i in range(n)]).T
        cov[:, place] = np.array([pair(row.cov[i, j], sigma[i] * sigma[j]) for i, j in triangle]).T
        condition[place] = exponent(correlation_condition(P))
        if place == EARLY:
            gain = exponent(information_gain(floats(row.cov_before), P))
    ll = pair(loglik, max(1.0, abs(float(loglik.mid()))))
    if index % SAMPLED == 0:
        second_opinion(given, beliefs, rows)
    return {"rows": rows, "mean": mean, "cov": cov, "gain": gain, "condition": condition, "loglik": ll}


def second_opinion(given: strategy.Varying, beliefs: list[balls.Ball], rows: list[int]) -> None:
    """The same rows, and the log-likelihood of all, by mpmath; an error where they differ."""
    digits = 60
    ctx.prec = 400
    exact = recursion.filter_rows(
        given.F,
        given.Q,
        given.H,
        given.R,
        given.mean,
        given.cov,
        given.z,
        b=given.b,
        d=given.d,
        digits=digits,
    )
    worst = arb(0)
    n = given.shape[0]
    with mp.workdps(digits):
        for k in rows:
            if k == ABSENT:
                continue
            sigma = [row.sqrt() for row in (beliefs[k].cov[i, i].mid() for i in range(n))]
            for i in range(n):
                worst = worst.max(abs(decimal(exact[k].mean[i]) - beliefs[k].mean[i, 0]) / sigma[i])
                for j in range(n):
                    error = abs(decimal(exact[k].cov[i, j]) - beliefs[k].cov[i, j])
                    worst = worst.max(error / (sigma[i] * sigma[j]))
        total = decimal(sum(row.loglik for row in exact))
        worst = worst.max(abs(total / sum((row.loglik for row in beliefs), arb(0)) - 1))
    AGREEMENT.append(upper_bound(worst))
    assert AGREEMENT[-1] <= AGREED, f"mpmath differs by {AGREEMENT[-1]:.2g}"


AGREEMENT: list[float] = []


def decimal(value: Any) -> Any:
    return arb(mp.nstr(value, 58))


def made() -> dict[str, np.ndarray]:
    """The whole set."""
    shapes = strategy.shapes()
    entries = []
    for index, shape in enumerate(shapes):
        given = strategy.model(index)
        assert given.shape == shape
        entries.append(solved(given, index) | {"fingerprint": given.fingerprint()})
        if index % 250 == 0:
            print(f"{index} of {len(shapes)} models", flush=True)
    arrays = {
        "rows": np.array([e["rows"] for e in entries], np.int16),
        "gain": np.array([e["gain"] for e in entries], np.int16),
        "condition": np.array([e["condition"] for e in entries], np.int16),
        "fingerprint": np.array([e["fingerprint"] for e in entries], np.uint64),
        "loglik_high": np.array([e["loglik"][0] for e in entries]),
        "loglik_low": np.array([e["loglik"][1] for e in entries]),
    }
    for n in strategy.COUNTS:
        of_n = [e for e, shape in zip(entries, shapes, strict=True) if shape[0] == n]
        for name in ("mean", "cov"):
            for part, which in enumerate(("high", "low")):
                arrays[f"{name}_{which}_{n}"] = np.array([e[name][part] for e in of_n])
    return arrays


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="record what is computed now")
    write = parser.parse_args().write
    arrays = made()
    found = reference_set.digest(arrays)
    if write:
        reference_set.FOLDER.mkdir(exist_ok=True)
        np.savez_compressed(reference_set.NUMBERS, allow_pickle=False, **arrays)
        reference_set.DIGEST.write_text(found + "\n")
    recorded = reference_set.DIGEST.read_text().strip()
    rows = arrays["rows"]
    print(f"{len(rows)} models, {int((rows != ABSENT).sum())} beliefs, {len(AGREEMENT)} again in mpmath: "
          f"differ by {max(AGREEMENT):.1e} sigma at most")  # fmt: skip
    print(f"settled rows: {np.percentile(rows[:, SETTLED], [50, 99, 100]).tolist()}; "
          f"cond corr of the last: 2^{np.percentile(arrays['condition'][:, LAST], [50, 99, 100]).tolist()}; "
          f"of the settled: 2^{np.percentile(arrays['condition'][:, SETTLED], [50, 99, 100]).tolist()}; "
          f"of the early: 2^{np.percentile(arrays['condition'][:, EARLY], [50, 99, 100]).tolist()}; "
          f"gain 2^{np.percentile(arrays['gain'], [50, 99, 100]).tolist()}")  # fmt: skip
    print(f"SHA-256 {found}: {'as recorded' if found == recorded else 'recorded is ' + recorded}")
    return int(found != recorded)


if __name__ == "__main__":
    sys.exit(main())
