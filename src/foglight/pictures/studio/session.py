"""One session of the studio: a model and a log, filtered again at every move."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core.errors import DataError, FoglightError, ModelError
from foglight.core.text import listed
from foglight.data.log import Log
from foglight.data.replaced_readings import with_readings
from foglight.inference.run import Run, run
from foglight.methods import registry
from foglight.model.parameters import full_name, real
from foglight.pictures.plot.results import know_as
from foglight.pictures.report.fixed_sensors import FixedSensor, fixed_sensors
from foglight.pictures.studio.given import Given
from foglight.pictures.studio.history import History, Settings
from foglight.pictures.studio.sliders import parameter_of, sliders
from foglight.tuning.fit import Fit

GUARDS = ("gate", "huber", "student")


class Session:
    """A model, a log and a method, with the run that they give.

    A move that the filter refuses raises its error and changes nothing.
    """

    def __init__(self, given: Given) -> None:
        if given.log.tracks is not None or given.log.track is not None:
            raise DataError.expected(
                "log", given.log, "a log without tracks", "Filter one track, in a file of its own."
            )
        self.given = given
        self.log = given.log
        self.log_name: str | None = None  # of a log that was dropped on the page
        self.overlay: tuple[str, ...] = ()
        first = Settings(given.model, given.method)
        self._run = run(given.model, given.log, given.method)
        self._history = History(first)
        self._others: dict[str, Run] = {}
        self._positions: tuple[list[dict[str, float]], list[FixedSensor]] | None = None
        self._shortened: tuple[Mapping[str, int], Log] = {}, given.log  # the log without what is left out

    @property
    def settings(self) -> Settings:
        """The model, the method and what is left out, as they are now."""
        return self._history.now

    @property
    def run(self) -> Run:
        """The log through the filter as it is now."""
        return self._run

    def set(self, name: str, shown: float, *, held: bool = False) -> None:
        """Give a parameter another value. held: the slider is not released yet, so that undo takes its moves as one."""
        model = self.settings.model
        name = full_name(name, model.parameters)
        value = parameter_of(real(shown, name), self.given.labels.get(name))
        low, high = model.bounds[name]
        if not low <= value <= high:
            raise ModelError.expected(name, value, f"a number from {low:g} to {high:g}", "Move the slider.")
        self._move(replace(self.settings, model=model.with_parameters({name: value})), name)
        if not held:
            self._history.release()

    def set_method(self, name: str) -> None:
        """Filter with another method, behind the same guards."""
        if name not in registry.METHODS:
            raise ModelError.expected("method", name, f"one of {listed(registry.METHODS)}", "Choose one.")
        self._move(replace(self.settings, method=registry.instead_of(self.settings.method, name)))

    def guard(self, option: str, value: float | None) -> None:
        """Switch a guard of all sensors on, with its number, or off with None. One bound takes the other off."""
        if option not in GUARDS:
            raise ModelError.expected("guard", option, f"one of {listed(GUARDS)}", "Choose one.")
        changes = {option: value}
        if value is not None and option != "gate":
            changes["student" if option == "huber" else "huber"] = None
        self._move(replace(self.settings, method=self.settings.method.with_guards(**changes)))

    def leave_out(self, sensor: str, row: int | None) -> None:
        """What if this sensor had failed: leave its readings out from a row on, or none of them with None."""
        known = self.settings.model.sensor_names
        if sensor not in known:
            raise ModelError.expected("sensor", sensor, f"one of {listed(known)}", "Choose one.")
        missing = {name: first for name, first in self.settings.missing.items() if name != sensor}
        if row is not None:
            missing[sensor] = self.checked_row(row)
        self._move(replace(self.settings, missing=missing))

    def undo(self) -> bool:
        """Go back to the settings before. Returns whether there were any."""
        return self._return(self._history.back, self._history.undo)

    def redo(self) -> bool:
        """Go on to the settings that were undone. Returns whether there were any."""
        return self._return(self._history.forth, self._history.redo)

    def preview(self, settings: Settings) -> None:
        """Show the run with these settings, on the way to others that are adopted; undo does not return to them."""
        self._run = self._filtered(settings)

    def adopt(self, fit: Fit) -> None:
        """Take over the parameters that tuning found."""
        self._move(replace(self.settings, model=self.settings.model.with_parameters(fit.params)))

    def lay_over(self, methods: Sequence[str]) -> list[str]:
        """Show other methods beside this one. Returns the sentences of those that refuse the model."""
        for name in methods:
            if name not in registry.METHODS:
                raise ModelError.expected(
                    "overlay", name, f"one of {listed(registry.METHODS)}", "Choose one."
                )
        self.overlay = tuple(name for name in registry.METHODS if name in methods)
        return self._run_others()

    @property
    def positions(self) -> list[FixedSensor]:
        """Where the sensors of a plane are: searched for again only when a parameter of a sensor has changed."""
        parameters = _sensors_of(self._run)
        if self._positions is None or self._positions[0] != parameters:
            self._positions = parameters, fixed_sensors(self._run)
        return self._positions[1]

    @property
    def others(self) -> dict[str, Run]:
        """{name: run} of the other methods that are shown."""
        return self._others

    def take_log(self, log: Log, name: str) -> None:
        """Filter another log. What was left out of the one before comes back, and undo does not return to it."""
        if log.tracks is not None or log.track is not None:
            raise DataError.expected(
                "log", name, "a log without tracks", "Drop one track, in a file of its own."
            )
        settings = replace(self.settings, missing={})
        self._run = run(settings.model, log, settings.method)
        self.log, self.log_name = log, name
        self._history = History(settings)
        self._shortened = {}, log
        self._run_others()

    def checked_row(self, row: Any) -> int:
        """The number of a row of the log; DataError for another."""
        if isinstance(row, bool) or not isinstance(row, int) or not 0 <= row < len(self.log):
            raise DataError.expected(
                "row", row, f"a row from 0 to {len(self.log) - 1}", "Click on a picture."
            )
        return row

    def row_at(self, seconds: float) -> int:
        """The row whose time is nearest to this one, in seconds as in the log."""
        return int(np.argmin(np.abs(self.log.time_ns / 1e9 - real(seconds, "time"))))

    def state(self) -> dict[str, Any]:
        """The sliders and switches, as the page shows them."""
        model, method = self._run.model, self._run.method
        name = next(name for name, kind in registry.METHODS.items() if kind is type(method))
        return {
            "sliders": sliders(model, self.given.model.parameters, self.given.labels),
            "method": name,
            "methods": list(registry.METHODS),
            "guards": {option: _plain(getattr(method, option)) for option in GUARDS},
            "sensors": list(model.sensor_names),
            "missing": dict(self.settings.missing),
            "overlay": list(self.overlay),
            "undo": self._history.back is not None,
            "redo": self._history.forth is not None,
            "loglik": _number(self._run.loglik),
            "file": self.given.file is not None,
            "toml": self.given.text is not None,
        }

    def _return(self, settings: Settings | None, step: Callable[[], None]) -> bool:
        if settings is None:
            return False
        self._run = self._filtered(settings)
        step()
        self._run_others()
        return True

    def _move(self, settings: Settings, held: str | None = None) -> None:
        """Filter with these settings, and only then take them over."""
        self._run = self._filtered(settings)
        self._history.add(settings, held)
        self._run_others()

    def _filtered(self, settings: Settings) -> Run:
        found, earlier = run(settings.model, self._log_of(settings), settings.method), self._run
        if found.log is earlier.log and _sensors_of(found) == _sensors_of(earlier):
            know_as(found, earlier)
        return found

    def _log_of(self, settings: Settings) -> Log:
        """The log without the readings that are left out."""
        if not settings.missing:
            return self.log
        if settings.missing != self._shortened[0]:
            z = self.log.bind(settings.model).copy()
            for sensor, at in settings.model.blocks:
                if sensor.name in settings.missing:
                    z[settings.missing[sensor.name] :, at] = np.nan
            self._shortened = settings.missing, with_readings(self.log, settings.model, z)
        return self._shortened[1]

    def _run_others(self) -> list[str]:
        """Run the other methods that are shown, and return the sentences of those that refuse."""
        settings, refused = self.settings, []
        self._others = {}
        for name in self.overlay:
            method = registry.instead_of(settings.method, name)
            if method is settings.method:
                continue
            try:
                self._others[name] = run(settings.model, self._run.log, method)
            except FoglightError as error:
                refused.append(f"{name.upper()}: {error}")
        return refused


def _sensors_of(run: Run) -> list[dict[str, float]]:
    """The parameters of the sensors: what readings mean depends on nothing else that a session changes."""
    return [dict(sensor.params) for sensor in run.model.sensors]


def _plain(guard: Any) -> Any:
    """A guard as JSON: a number, {sensor: number} or None."""
    return dict(guard) if hasattr(guard, "items") else guard


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
