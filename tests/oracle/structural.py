"""Published log-likelihoods of structural time-series models, and the data they were found on.

Where each number comes from is in the README of the shared data folder. Log-likelihoods marked KFAS leave out the
-½ log 2π of each reading that a diffuse start absorbs; the others have it.
"""

import csv
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ABSORBED = 0.5 * math.log(2 * math.pi)  # what KFAS leaves out, a reading


def nile(data: Path) -> Array:
    """Volume of the Nile at Aswan, 100 years."""
    return np.genfromtxt(data / "nile" / "nile.csv", delimiter=",", skip_header=1)[:, 1]


def drivers(data: Path) -> Array:
    """Logarithm of UK drivers killed or seriously injured, 192 months."""
    return np.log(np.loadtxt(data / "commandeur_koopman" / "UKdriversKSI.txt", skiprows=1))


def fatalities(data: Path) -> Array:
    """Logarithms of road fatalities of Norway and Finland (34, 2)."""
    table = np.loadtxt(data / "commandeur_koopman" / "NorwayFinland.txt", skiprows=1)
    return np.asarray(np.log(table[:, 1:]))


def unemployment(data: Path) -> Array:
    """US unemployment, quarterly."""
    with (data / "statsmodels_results" / "macrodata.csv").open() as file:
        return np.array([float(row["unemp"]) for row in csv.DictReader(file)])


def airline(data: Path) -> Array:
    """Logarithm of airline passengers, differenced over a month and over a year: 131 months."""
    y = np.log(np.loadtxt(data / "airline_passengers" / "AirPassengers.csv", delimiter=",", skiprows=1)[:, 2])
    w = np.diff(y)
    return np.asarray(w[12:] - w[:-12])


def static_distance(data: Path) -> Array:
    """An hour of a time-of-flight sensor before a wall that stands still, mm."""
    return np.loadtxt(data / "tof_vl53l0x_static" / "static_tof_dist_data_1_h.csv", skiprows=3, delimiter=",")
