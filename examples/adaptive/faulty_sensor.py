"""Which sensor is at fault? Two or three sensors see the same position, and one of them fails half-way.

A position is measured once a second by two or three sensors with a standard deviation of 1 m, and accelerates by
0.3 m/s² per √Hz. From row 500 of 1000 on, one sensor has a bias of 3 m, drifts by 12 m, is three times as noisy,
repeats its last reading, or reads 1.3 times the position.

    python examples/adaptive/faulty_sensor.py [logs of each kind]
"""

import sys
from collections import Counter
from typing import Any

import numpy as np

import foglight as fog

ROWS, BEGINS = 1000, 500
KINDS = ("bias", "drift", "noise", "stuck", "scale")
FAULTY = "b"


def model(sensors: str) -> fog.Model:
    """Sensors of these names for one position."""
    return fog.Model(
        fog.motion.constant_velocity(("x",), accel=0.3),
        [fog.sensing.linear(name, of="x", std=1.0) for name in sensors],
        start=fog.Belief([0, 0], std=[1, 1]),
    )


def faulty(of: fog.Model, kind: str, seed: int, rows: int = ROWS) -> Any:
    """Readings (T, M) of which those of one sensor are at fault; of none for kind = ""."""
    log, _ = fog.simulate(of, rows, 1.0, seed=seed)
    z, rng = log.bind(of).copy(), np.random.default_rng(seed)
    after = np.arange(rows) >= BEGINS
    own = z[after, of.sensor_names.index(FAULTY)]
    progress = np.linspace(0.0, 1.0, len(own))
    changed = {
        "": own,
        "bias": own + 3.0,
        "drift": own + 12.0 * progress,
        "noise": own + np.sqrt(8.0) * rng.standard_normal(len(own)),
        "stuck": np.full(len(own), own[0]),
        "scale": 1.3 * own,
    }
    z[after, of.sensor_names.index(FAULTY)] = changed[kind]
    return z


def log_of(of: fog.Model, z: Any) -> fog.Log:
    """The readings as a log."""
    return fog.Log.from_arrays(np.arange(float(len(z))), **dict(zip(of.sensor_names, z.T, strict=True)))


def main(logs: int) -> None:
    """The tables of docs/how-to/faulty-sensor.md."""
    print(
        "| sensors | fault | the right one | both | a wrong one | the kind is right | onset off by (median) |"
    )
    print("|---|---|---|---|---|---|---|")
    for sensors in ("abc", "ab"):
        of = model(sensors)
        for kind in KINDS:
            named: Counter[str] = Counter()
            right, onsets = 0, []
            for seed in range(logs):
                found = fog.suspects(fog.run(of, log_of(of, faulty(of, kind, seed))))
                both = found.sensor is None and len(found.suspects) == 2
                named["right" if found.sensor == FAULTY else "both" if both else "wrong"] += 1
                first = next((one for one in found.suspects if one.subject == FAULTY), None)
                if first is not None:
                    right += first.kind == kind
                    onsets.append(abs(first.row - BEGINS))
            counts = [named["right"], named["both"], named["wrong"], right]
            shares = [f"{count / logs:.0%}" for count in counts]
            print(f"| {len(sensors)} | {kind} | {' | '.join(shares)} | {np.median(onsets):.0f} rows |")
    alarms = 0
    for seed in range(logs):
        of = model("abc" if seed % 2 else "ab")
        alarms += bool(fog.suspects(fog.run(of, log_of(of, faulty(of, "", 1000 + seed, 10_000)))).suspects)
    print(f"\n{alarms} false alarms in {logs} healthy logs of 10,000 rows")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
