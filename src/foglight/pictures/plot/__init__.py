"""Pictures of results with matplotlib: what is known, how sure it is, and in a sentence what is wrong.

Every function takes a result and optional axes, draws in the user's style, and returns the axes. Colours have one
meaning throughout. Of long series only the extremes of each pixel are drawn, so that a million rows stay quick and no
spike is hidden.
"""

from foglight.pictures.plot.component_panels import components
from foglight.pictures.plot.correlogram import autocorrelation
from foglight.pictures.plot.densities import belief
from foglight.pictures.plot.fan import forecast
from foglight.pictures.plot.gains import gain
from foglight.pictures.plot.innovation_panels import innovations
from foglight.pictures.plot.likelihood import profile
from foglight.pictures.plot.methods_compared import comparison
from foglight.pictures.plot.planar import map
from foglight.pictures.plot.pushed_points import bend
from foglight.pictures.plot.shares import coverage
from foglight.pictures.plot.squares import nees, nis
from foglight.pictures.plot.state_panels import states

__all__ = [
    "autocorrelation",
    "belief",
    "bend",
    "comparison",
    "components",
    "coverage",
    "forecast",
    "gain",
    "innovations",
    "map",
    "nees",
    "nis",
    "profile",
    "states",
]
