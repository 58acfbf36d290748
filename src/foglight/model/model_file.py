"""A model from a file: TOML that names ready-made parts, or a Python file of the user's own.

TOML is data: a `kind` is looked up in the tables below, the other keys are that function's arguments, and nothing is
evaluated or imported. `file.py:name` runs the file, which is possible only from the command line.

    [motion]                            [[sensor]]
    kind = "constant_velocity"          name = "radar"
    axes = ["gap"]                      kind = "linear"
    accel = 0.4                         of = "gap"
                                        std = 0.8
    [start]
    mean = [5, 0]                       [method]
    std = [5, 1]                        kind = "ekf"
                                        gate = 0.999
    [motion.limits]
    gap = [0, inf]                      [method.huber]
                                        radar = 1.5

The noises to adapt stand in a table [method.adapt] with the arguments of `fog.adapt`.
Helper states of a sensor are tables: bias = {std = 0.5, drift = 0.01}, or one for each measure, bias.x = {std = 0.5}.
A parameter that several parts have in common stands in a table of its own, and they name it: std = "beacons.std".

    [shared.beacons]
    std = 0.5
"""

import functools
import inspect
import re
import reprlib
import runpy
import sys
import tomllib
import traceback
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from foglight.core.errors import FoglightError, ModelError
from foglight.methods.adaptation import adapt
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.methods.registry import METHODS
from foglight.model import helper_states, motion, sensing, turning_motion
from foglight.model.belief import Belief
from foglight.model.model import Model
from foglight.model.parameters import SharedParam, shared

MOTIONS: Mapping[str, Callable[..., Any]] = {
    part.__name__: part
    for part in (
        motion.random_walk,
        motion.constant_velocity,
        motion.constant_acceleration,
        motion.singer,
        motion.ornstein_uhlenbeck,
        motion.sway,
        turning_motion.ctrv,
        turning_motion.ctra,
    )
}
SENSORS: Mapping[str, Callable[..., Any]] = {
    part.__name__: part
    for part in (
        sensing.linear,
        sensing.range,
        sensing.bearing,
        sensing.range_bearing,
        sensing.range_bearing_rate,
    )
}
HELPERS: Mapping[str, Callable[..., Any]] = {
    helper.__name__: helper
    for helper in (
        helper_states.bias,
        helper_states.scale,
        helper_states.coloured,
        helper_states.facing,
        helper_states.lever_arm,
        helper_states.delay,
    )
}
DESCRIPTIONS = {**HELPERS, adapt.__name__: adapt}  # arguments that are tables of arguments of their own
_OPTIONAL = inspect.Parameter("helper", inspect.Parameter.KEYWORD_ONLY, default=None)
START = ("mean", "std", "cov")
BY_NAME = ("limits", "gate", "huber", "student")  # arguments that may be tables, by state or by sensor
FLAGS = ("joint", "motion")  # arguments that are true or false
TABLES = ("motion", "sensor", "start", "method", "shared")
LARGEST = 1_000_000  # bytes; a model takes about a page
# A dotted key of more than 50 parts: the time and memory to read one grow with the square of their number.
_LONG_KEY = re.compile(r"""(?:\.[ \t]*(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*){50}""")


class Loaded(NamedTuple):
    """The content of a model file: the model, and the method to filter it with."""

    model: Model
    method: Method


def load(spec: str) -> Loaded:
    """The model given on a command line as `model.toml` or `file.py:name`, with its method (EKF if it names none).

    Raises ModelError naming the file and the key that does not fit.
    """
    path, colon, name = spec.rpartition(":")
    if colon and path.endswith(".py"):
        return Loaded(_from_python(Path(path), name), EKF())
    if spec.endswith(".py"):
        raise ModelError(
            f"{spec}: expected the name of the model in the file. Write {spec}:model.",
            field="model",
            value=spec,
        )
    return read(Path(spec))


def load_model(path: str | PathLike[str]) -> Loaded:
    """Read a model from a TOML file that names ready-made parts.

    Nothing in the file is evaluated. A `kind` is the name of a method or of a function in `fog.motion` or
    `fog.sensing`; the other keys are its arguments, and unknown keys are errors.

    Parameters
    ----------
    path : str or os.PathLike
        The TOML file.

    Returns
    -------
    Loaded
        The pair (model, method). Without a [method] table the method is EKF().

    Raises
    ------
    ModelError
        For a file that cannot be read or is not TOML, and for a table or key that does not fit, which it names.

    Examples
    --------
    >>> model, method = fog.load_model("model.toml")
    >>> model.state, method
    (('gap', 'gap_speed'), EKF())
    >>> run = fog.run(model, log, method)
    """
    return read(Path(path))


def read(path: Path) -> Loaded:
    """See `load_model`."""
    return parsed(_text(path), path)


def parsed(text: str, path: str | Path) -> Loaded:
    """The model in a text of TOML; path: where it is from, for messages."""
    if long := _LONG_KEY.search(text):
        line = text.count("\n", 0, long.start()) + 1
        raise ModelError(
            f"{path}, line {line}: a key of more than 50 parts: expected [table] and key = value. Shorten it.",
            field=str(path),
            index=line,
        )
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a ValueError: a number with too many digits
        raise ModelError(f"{path} is not TOML: {error}. Correct it there.", field=str(path)) from error
    try:
        return _assemble(tables)
    except ModelError as error:
        message = f"{path}: {error}"
        raise ModelError(message, field=error.field, index=error.index, value=error.value) from error


def _assemble(tables: dict[str, Any]) -> Loaded:
    _known("the file", tables, TABLES)
    sensors = tables.get("sensor")
    if not isinstance(sensors, list) or not sensors or not all(isinstance(table, dict) for table in sensors):
        raise ModelError("expected at least one [[sensor]] table, with double brackets.", field="sensor")
    common = _shared(tables.get("shared", {}))
    motion_part = _part("[motion]", _table(tables, "motion"), MOTIONS, common)
    sensor_parts = tuple(
        [_part(f"[[sensor]] {i + 1}", table, SENSORS, common) for i, table in enumerate(sensors)]
    )
    start = _table(tables, "start")
    _known("[start]", start, START)
    if "mean" not in start:
        raise ModelError("[start] has no mean. Write one number per state, in order.", field="mean")
    given = {key: _data(key, value) for key, value in start.items()}
    mean = given["mean"] if isinstance(given["mean"], list) else [given["mean"]]
    names = (
        motion_part.state if len(mean) == len(motion_part.state) else ()
    )  # if they differ, Model reports what it expects
    try:
        belief = Belief(names=names, **given)
    except ModelError as error:
        message = f"[start] {error}"
        raise ModelError(message, field=error.field, index=error.index, value=error.value) from error
    model = Model(motion_part, sensor_parts, start=belief)
    method: Method = _part("[method]", tables["method"], METHODS) if "method" in tables else EKF()
    method.check_sensors(model.sensor_names)
    return Loaded(model, method)


def _table(tables: dict[str, Any], name: str) -> dict[str, Any]:
    table = tables.get(name)
    if not isinstance(table, dict):
        raise ModelError(f"expected one [{name}] table. Add it.", field=name)
    return table


def _shared(groups: Any) -> dict[str, SharedParam]:
    """The shared parameters by their full names, from {group: {parameter: value}}."""
    found = {}
    for group, entries in groups.items() if isinstance(groups, dict) else [("shared", groups)]:
        if not isinstance(entries, dict):
            raise ModelError(
                f"[shared] {group} = {_shown(entries)}: expected a table for each group. Write [shared.{group}], and "
                "std = 0.5 in it.",
                field=group,
                value=entries,
            )
        for name, value in entries.items():
            found[f"{group}.{name}"] = shared(f"{group}.{name}", value)
    return found


def _with_shared(header: str, key: str, value: Any, common: Mapping[str, SharedParam]) -> Any:
    """The argument with the names of shared parameters, which have a dot, replaced by these."""
    if isinstance(value, list):
        return [_with_shared(header, key, entry, common) for entry in value]
    if not isinstance(value, str) or "." not in value:
        return value
    if value not in common:
        listed = ", ".join(common) or "none"
        raise ModelError(
            f"{header}: {key} = {_shown(value)}: expected a number, or the name of a shared parameter ({listed}). "
            "Add it to a table such as [shared.beacons].",
            field=key,
            value=value,
        )
    return common[value]


def _part(
    header: str,
    table: Any,
    kinds: Mapping[str, Callable[..., Any]],
    common: Mapping[str, SharedParam] = MappingProxyType({}),
) -> Any:
    """A ready-made part from its table: `kind` selects the function, the other keys are its arguments.

    common: the shared parameters, which arguments may name.
    """
    if not isinstance(table, dict):
        raise ModelError(f"{header}: expected a table.", field=header)
    if "kind" not in table:
        raise ModelError(f"{header} has no kind. Write one of {', '.join(kinds)}.", field="kind")
    kind = table["kind"]
    if not isinstance(kind, str) or kind not in kinds:
        near = get_close_matches(kind, kinds, n=1) if isinstance(kind, str) else []
        raise ModelError(
            f"{header}: kind = {_shown(kind)}: expected one of {', '.join(kinds)}."
            + (f" Did you mean {near[0]!r}?" if near else " Choose one, or write the model in Python."),
            field="kind",
            value=kind,
        )
    header = f"{header} of kind {kind!r}"
    arguments = {
        key: _helper(f"{header}: {key}", DESCRIPTIONS[key], value, common)
        if key in DESCRIPTIONS and isinstance(value, dict)
        else _with_shared(header, key, _argument(key, value), common)
        for key, value in table.items()
        if key != "kind"
    }
    return _called(header, kinds[kind], arguments)


def _helper(
    header: str, function: Callable[..., Any], table: dict[str, Any], common: Mapping[str, SharedParam]
) -> Any:
    """A helper state from its table of arguments, or {measure: helper state} from one table for each measure."""
    if table and all(isinstance(value, dict) for value in table.values()):
        return {name: _helper(f"{header}.{name}", function, value, common) for name, value in table.items()}
    arguments = {key: _with_shared(header, key, _data(key, value), common) for key, value in table.items()}
    return _called(header, function, arguments)


_signature = functools.cache(inspect.signature)  # the same few functions for thousands of sensors


def _called(header: str, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """What a function makes of arguments that it knows, with all that it needs."""
    accepted = dict(_signature(function).parameters)
    if accepted.pop("helpers", None):
        accepted |= {key: _OPTIONAL for key in HELPERS if key not in ("facing", *accepted)}
    _known(header, arguments, tuple(accepted))
    for name, parameter in accepted.items():
        if parameter.default is parameter.empty and name not in arguments:
            raise ModelError(f"{header} has no {name}. Add it.", field=name)
    try:
        return function(**arguments)
    except (TypeError, ValueError, ArithmeticError) as error:
        message = f"{header}: {error}"
        if isinstance(error, FoglightError):
            raise ModelError(message, field=error.field, index=error.index, value=error.value) from error
        raise ModelError(message, field=function.__name__) from error


def _known(header: str, table: dict[str, Any], names: tuple[str, ...]) -> None:
    for key in table:
        if key not in names:
            near = get_close_matches(key, names, n=1)
            raise ModelError(
                f"{header} has an unknown key {key!r}: expected {', '.join(names) or 'none'}."
                + (f" Did you mean {near[0]!r}?" if near else " Remove it."),
                field=key,
                value=table[key],
            )


def _argument(key: str, value: Any) -> Any:
    """An argument of a part: data, or for some arguments a table of data."""
    if key in BY_NAME and isinstance(value, dict):
        return {name: _data(f"{key}.{name}", entry) for name, entry in value.items()}
    return _data(key, value)


def _data(key: str, value: Any) -> Any:
    """A number, a string or a list of them; TOML's booleans, dates and tables are refused."""
    if isinstance(value, list):
        return [_data(key, entry) for entry in value]
    if isinstance(value, bool) and key in FLAGS:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ModelError(
            f"{key} = {_shown(value)}: expected a number, a string or a list of them. Check the quotes.",
            field=key,
            value=value,
        )
    return value


def _shown(value: Any) -> str:
    """A value from a file, shortened for a message."""
    try:
        return reprlib.repr(value)
    except ValueError:  # Python does not print an integer of more than 4,300 digits
        return "a number with too many digits"


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise ModelError(
            f"{path}: {error.strerror}. Expected a model: a TOML file, or file.py:name.", field=str(path)
        ) from error
    if len(data) > LARGEST:
        raise ModelError(f"{path} is larger than {LARGEST} bytes: expected a page of TOML.", field=str(path))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelError(
            f"{path}: the byte at offset {error.start} is not UTF-8. Save the file as UTF-8.",
            field=str(path),
            index=error.start,
        ) from error


def _from_python(path: Path, name: str) -> Model:
    _text(path)
    folder = str(path.absolute().parent)
    sys.path.insert(0, folder)  # as Python does for a script, so that it can import modules in its folder
    try:
        names = runpy.run_path(str(path))
    except (Exception, SystemExit) as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = f", line {frames[-1].lineno}" if frames else ""
        if isinstance(error, FoglightError):
            message = f"{path}{line}: {error}"
            raise ModelError(message, field=error.field, index=error.index, value=error.value) from error
        raise ModelError(f"{path}{line}: {type(error).__name__}: {error}", field=str(path)) from error
    finally:
        sys.path.remove(folder)
    if not isinstance(names.get(name), Model):
        models = [key for key, value in names.items() if isinstance(value, Model)]
        raise ModelError(
            f"{path} has no fog.Model called {name!r}: found {', '.join(models) or 'none'}. Write file.py:name.",
            field="model",
            value=name,
        )
    model: Model = names[name]
    return model
