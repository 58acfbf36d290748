"""The table of faults, faults.toml: how its rows are read, run, and turned into the page that users read."""

import linecache
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

TABLE = Path(__file__).with_name("faults.toml")
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"
KINDS = {
    "refused": "",
    "accepted": "",
    "holds": "",
    "not yet": "*Not yet.* ",
}


@dataclass(frozen=True)
class Case:
    """One input and its outcome: an error with everything that it contains, or a result."""

    row: int
    input: str
    where: str
    error: str = ""
    field: str = ""
    index: Any = None
    value: str = ""  # of the error, as text; the message shows the same unless `shown` is given
    shown: str | None = None
    says: str = ""
    remedy: str = ""
    gives: str = ""
    digits: str = ""  # "vary" where the digits of a message depend on the linear algebra of the machine
    only: str = ""  # "long double" for cases that need a platform with one

    @property
    def refused(self) -> bool:
        return bool(self.error)

    @property
    def name(self) -> str:
        return f"{self.row}: {self.where}: {self.input[:60]}"

    def run(self, names: dict[str, Any]) -> Any:
        """Evaluate the input, with its text in the line cache, so that tracebacks can show it."""
        name = f"input_of_row_{self.row}.py"
        linecache.cache[name] = (len(self.input), None, [self.input + "\n"], name)
        return eval(compile(self.input, name, "eval"), dict(names))


@dataclass(frozen=True)
class Row:
    """One fault: what is wrong, what happens, and the cases and tests that show it."""

    number: int
    subject: str
    fault: str
    kind: str
    happens: str
    cases: tuple[Case, ...]
    tests: tuple[str, ...]


def rows() -> list[Row]:
    """The rows of the table, in their order."""
    found = []
    for entry in tomllib.loads(TABLE.read_text(encoding="utf-8"))["row"]:
        cases = tuple(Case(row=entry["number"], **case) for case in entry.get("case", ()))
        given = {key: entry[key] for key in ("number", "subject", "fault", "kind", "happens")}
        found.append(Row(**given, cases=cases, tests=tuple(entry.get("test", ()))))
    return found


def page(rows: list[Row]) -> str:
    """The page: by subject, each fault with what happens and, for each input, the message or the result."""
    text = [INTRODUCTION]
    for subject in dict.fromkeys(row.subject for row in rows):
        text.append(f"## {subject}\n")
        for row in rows:
            if row.subject == subject:
                text.append(_section(row))
    return "\n".join(text).rstrip() + "\n"


def text_of(value: Any) -> str:
    """An error's value as the table has it: numbers to six digits, at most 60 characters."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)[:60]


def _section(row: Row) -> str:
    number = f"{row.number}. " if row.number else ""
    lines = [f"### {number}{row.fault}", "", KINDS[row.kind] + row.happens, ""]
    if row.cases:
        lines += ["| where | input | what happens |", "|---|---|---|"]
        lines += [f"| {case.where} | {_code(case.input)} | {_outcome(case)} |" for case in row.cases]
        lines.append("")
    return "\n".join(lines)


def _outcome(case: Case) -> str:
    if not case.refused:
        return f"gives {_code(case.gives)}"
    index = "" if case.index is None else f", index {_code(str(_plain(case.index)))}"
    says = _cell(f"{case.says} {case.remedy}")
    return f"**{case.error}**, field {_code(case.field)}{index}: {says}"


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{_cell(text)}{fence}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _plain(index: Any) -> Any:
    return tuple(index) if isinstance(index, list) else index


INTRODUCTION = """# What happens to bad input

Every error of Foglight is a `fog.FoglightError`, and also a `ValueError` or a `RuntimeError`. Its message names the field
with its index, the offending value, what was expected, and one remedy; `error.field`, `error.index` and `error.value`
hold the same for a program.

```python
import foglight as fog

try:
    fog.Belief(mean=[0.0, 1.0], std=[1.0, -3.0])
except fog.ModelError as error:
    print(error)
    print(error.field, error.index, error.value)
```

```text
std[1] = -3.0: a standard deviation must be >= 0. Did you pass a signed value?
std 1 -3.0
```

| error | also a | raised when |
|---|---|---|
| `ModelError` | `ValueError` | the model is not valid: a shape, a variance, a name, a function |
| `DataError` | `ValueError` | the readings do not fit the model, or are not valid readings |
| `TimeError` | `ValueError` | time runs backwards, or a stamp is not a valid time |
| `NumericalError` | `ArithmeticError`, `RuntimeError` | a number left the range in which the filter is meaningful |
| `StateError` | `RuntimeError` | a filter cannot be used at this time, or in this thread or file |

Nothing is repaired silently: no negative variance is made positive, nothing is broadcast, no covariance is adjusted.
A refused input changes nothing: a belief, a live filter, a model and your arrays are bit for bit what they were. A run has
two policies. `on_bad="raise"`, the default, raises an error at the first bad row. `on_bad="flag"` leaves out what cannot be
computed, which is a whole prediction or a whole update of a sensor, and marks it in `run.status`.

The tests run the inputs below, and compare the messages word for word. In the inputs,

- `linear(...)` is `fog.linear_model(F, Q, H, R, start=start)` with two states and two measures, and with the named parts
  replaced;
- `motion(...)`, `sensor(...)` and `model(...)` are a `fog.Motion` of `gap` and `speed`, a `fog.Sensor` "radar" that measures
  `range`, and the model of both, with parts replaced;
- `two_sensors()` is a model with a radar and a lidar, and `bearings()` a model of one angle with a compass;
- `changed(A, index, value)` is A with one entry replaced, and `asymmetric(d)` a covariance whose triangles differ by d;
- `late(k, then)` is a measure function that works k times and then returns `then(x)`, and `failing(error)` a function that
  raises this error;
- `fed(started(model), z, ...)` steps a live filter through rows that are a second apart, and `taken(live, ...)` makes these
  calls of `step`;
- `log(...)` and `ranges(...)` make logs; `months()` is a pandas Series of three months from January 1968 on, and
  `dated(*dates)` is `fog.Log.series` of a Series with these dates; `priced()` is a run of three months of sales, whose
  sensor reads a price;
- `read(text)` is `fog.Log.read` of a file with that text, `lines(...)` is the text of a CSV file, and `parquet(...)` the bytes
  of a Parquet file;
- `hints(log)` is the end of what `log.describe()` prints, and `accused(std, seen)` the codes of `fog.check` for a level with two
  gauges, whose noise is 0.5 and whose readings are changed by `seen`;
- `flagged` gives the status of each row with `on_bad="flag"`, and `in_c` gives the same in exported C, where every number
  is the same to the bit.

The faults are numbered for reference; the numbers have gaps.
"""
