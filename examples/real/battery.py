"""How much charge is left in a battery: a table in the voltmeter's function, and the current as its input.

    python examples/real/battery.py

The logs are battery_nasa, a lithium-ion cell of the NASA Prognostics Center of Excellence (public domain, no licence
needed): a discharge with 1 A, 491 rows, and the charge after it with 1.5 A and less, 1,622 rows. The current is
measured, and so is the voltage under that current; the charge is not. The voltmeter reads

    z = table(charge) + R0 current + v

and the motion counts the current. The table is read off the discharge: the voltage at 21 levels of charge, less what
1 A loses in 0.2 Ω. With it the filter finds the charge of a cell about which nothing is known, within a few rows. On
the other log the same table serves with another resistance, which the log itself tells: a cell that is charged resists
more. What the filter says is compared with counting every ampere of a log from its full end, which a battery in use
does not have.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from recorded import folder

import foglight as fog

Array = np.ndarray
R0 = 0.2  # Ω
LEVELS = np.linspace(0.0, 1.0, 21)


class Recording(NamedTuple):
    """Time in s, voltage in V, current into the cell in A, and the charge that has flown in so far (As)."""

    time: Array
    volts: Array
    amps: Array
    charged: Array

    @property
    def log(self) -> fog.Log:
        """The log: the voltage is measured, and the current an input."""
        return fog.Log.from_arrays(self.time, meter=self.volts, u=self.amps)


def read(path: Path) -> Recording:
    """One recording."""
    volts, amps, _, _, _, time = np.loadtxt(path, delimiter=",", skiprows=1, unpack=True)
    flown = np.diff(time) * (amps[1:] + amps[:-1]) / 2.0
    return Recording(time, volts, amps, np.concatenate([[0.0], np.cumsum(flown)]))


def voltage_table(discharge: Recording) -> Callable[[Any], Any]:
    """The voltage at rest over the charge, from 0 to 1."""
    loaded = discharge.amps < -0.5
    charge = 1.0 + discharge.charged[loaded] / capacity(discharge)
    at_rest = discharge.volts[loaded] - R0 * discharge.amps[loaded]
    volts = np.interp(LEVELS, charge[::-1], at_rest[::-1])
    return fog.table(LEVELS, volts, kind="pchip", extrapolate="linear", name="at_rest")


def capacity(discharge: Recording) -> float:
    """What the cell gave from full to empty (As)."""
    return float(-discharge.charged[-1])


def cell(discharge: Recording) -> fog.Model:
    """The model: its state is the charge, from 0 to 1, of which nothing is known but that it is between them."""
    table, full = voltage_table(discharge), capacity(discharge)
    counter = fog.Motion(
        ("charge",),
        lambda x, dt, p, u: [x.charge + dt * u.amps / full],
        lambda dt, p: [[p.drift**2 * dt]],
        params={"drift": 2e-5},
        controls=("amps",),
    )
    meter = fog.Sensor(
        "meter",
        ("volts",),
        lambda x, p, u: [table(x.charge) + p.R0 * u.amps],
        lambda p: [[p.std**2]],
        params={"R0": fog.param(R0, low=0), "std": fog.param(0.02, low=0)},
        controls=("amps",),
    )
    return fog.Model(counter, [meter], start=fog.Belief([0.5], std=[0.3]))


def off(run: fog.Run, charge: Array) -> Array:
    """By how much the filter's charge is off, in each row."""
    error: Array = run.filtered.mean[:, 0] - charge
    return error


def main() -> None:
    data = folder("battery_nasa")
    discharge, charge = read(data / "00001.csv"), read(data / "00003.csv")
    model = cell(discharge)

    run = fog.run(model, discharge.log, fog.UKF())
    error = off(run, 1.0 + discharge.charged / capacity(discharge))
    std = run.filtered.std[5, 0]
    print(f"discharge: begun at 0.5 ± 0.3; {100.0 * abs(error[5]):.1f} % off after 5 rows, std {std:.3f}")

    counted = 1.0 + (charge.charged - charge.charged[-1]) / capacity(discharge)
    fit = fog.tune(model, charge.log, free=("meter.R0", "meter.std"))
    print(f"charge: R0 = {fit.params['meter.R0']:.3f} Ω by likelihood")
    for name, chosen in (("with the resistance of the discharge", model), ("with its own", fit.model)):
        error = off(fog.run(chosen, charge.log), counted)
        print(f"  {name}: {100.0 * np.sqrt(np.mean(error**2)):.1f} % off, root mean square")


if __name__ == "__main__":
    main()
