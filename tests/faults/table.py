"""The table of faults, faults.toml: how its rows are read, run, and written as the page that users read."""

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
    """One input, and what comes of it: an error with all that it says, or a result."""

    row: int
    input: str
    where: str
    error: str = ""
    field: str = ""
    index: Any = None
    value: str = ""  # of the error, as text; what the message shows of it unless `shown` says otherwise
    shown: str | None = None
    says: str = ""
    remedy: str = ""
    gives: str = ""
    digits: str = ""  # "vary" where the digits of a message depend on the linear algebra of the machine
    only: str = ""  # "long double" where the platform must have one

    @property
    def refused(self) -> bool:
        return bool(self.error)

    @property
    def name(self) -> str:
        return f"{self.row}: {self.where}: {self.input[:60]}"

    def run(self, names: dict[str, Any]) -> Any:
        """The input, run as the examples of a page are. Its text stands where a traceback looks for it."""
        place = f"input_of_row_{self.row}.py"
        linecache.cache[place] = (len(self.input), None, [self.input + "\n"], place)
        return eval(compile(self.input, place, "eval"), dict(names))


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
    """The rows of the table, as they stand there."""
    found = []
    for entry in tomllib.loads(TABLE.read_text(encoding="utf-8"))["row"]:
        cases = tuple(Case(row=entry["number"], **case) for case in entry.get("case", ()))
        given = {key: entry[key] for key in ("number", "subject", "fault", "kind", "happens")}
        found.append(Row(**given, cases=cases, tests=tuple(entry.get("test", ()))))
    return found


def page(rows: list[Row]) -> str:
    """The page: by subject, each fault with what happens and, input by input, what is said."""
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


INTRODUCTION = """# Bad input, and what comes of it

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

| error | also a | says |
|---|---|---|
| `ModelError` | `ValueError` | the model is none: a shape, a variance, a name, a function |
| `DataError` | `ValueError` | the readings do not fit the model, or are none |
| `TimeError` | `ValueError` | time runs backwards, or a stamp is no time |
| `NumericalError` | `ArithmeticError`, `RuntimeError` | a number left the range in which the filter means anything |
| `StateError` | `RuntimeError` | a filter cannot be used now, or here |

Nothing is repaired in silence: no negative variance is made positive, nothing is broadcast, no covariance is nudged.
What is refused changes nothing: a belief, a live filter, a model and your arrays are bit for bit what they were. A run has two
policies. `on_bad="raise"`, the default, raises at the first bad row. `on_bad="flag"` leaves out what cannot be
computed, a prediction or a sensor's update, whole, and says so in `run.status`.

The inputs below are run by the tests, and what they say is compared word for word. `linear(...)` is
`fog.linear_model(F, Q, H, R, start=start)` of two states and two measures with the named parts replaced; `motion(...)`,
`sensor(...)` and `model(...)` are a `fog.Motion` of `gap` and `speed`, a `fog.Sensor` "radar" that measures `range`, and the
model of both, with parts replaced. `changed(A, index, value)` is A with one entry replaced; `late(k, then)` is a
measure function that works k times and then returns `then(x)`; `fed(started(model), z, ...)`
steps a live filter through rows a second apart; `log(...)` and
`ranges(...)` make logs; `read(text)` is `fog.Log.read` of a file with that text, `lines(...)` the text of a CSV file,
`parquet(...)` the bytes of a Parquet file, `hints(log)` what `log.describe()` ends with; `flagged` gives the status of each row under `on_bad="flag"`, and `in_c` that in exported C,
where every number is the same to the bit. The numbers of the faults are for reference and have gaps.
"""
