"""A filter's test on the target: readings of a simulated log, and the bits that Foglight computes from them."""

from dataclasses import replace
from typing import Any

import numpy as np

from foglight.adapters.targets import start
from foglight.adapters.targets.exported import Exported
from foglight.compiler.backends import c99
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.engine import engine_for
from foglight.core.errors import FoglightError
from foglight.core.types import Array
from foglight.data.log import Log
from foglight.inference.prepare import prepare
from foglight.inference.simulate import simulate

ROWS = 40
DT = 0.1  # seconds
_ON_A_LINE = 4


def rows_of(filter: Exported) -> int:
    """How many rows the test has: fewer for a model whose matrices are given for fewer."""
    return min([ROWS, *map(len, filter.model.rows.values())])


def readings(filter: Exported) -> Arrays:
    """Rows that reach what a filter may meet: missing components and readings, steps of 0, and readings far off."""
    model, kind = filter.model, np.dtype(filter.kernel.dtype)
    rows = min(map(len, model.rows.values()), default=ROWS)
    rng = np.random.default_rng(1)
    u = rng.uniform(0.0, 1.0, (rows, len(model.controls)))
    try:
        log, _ = simulate(model, rows, DT, seed=1, u=u if u.size else None)
    except FoglightError:  # such as a model with an unknown start, from which nothing can be drawn
        z = rng.standard_normal((rows, len(model.components)))
        named: dict[str, Any] = {sensor.name: z[:, at] for sensor, at in model.blocks}
        log = Log.from_arrays(DT * np.arange(1, rows + 1), u=u if u.size else None, **named)
    arrays = prepare(model, log, filter.method, None).rows_of(0, rows_of(filter))
    z, dt = arrays.z.copy(), arrays.dt.copy()
    z[0, 3::7, 0] = np.nan
    z[0, 5::11] = np.nan
    z[0, -3:-2] *= 10.0
    z[0, -2:-1] *= 1e3
    dt[4::9] = 0.0
    dt[6::9] *= 2.5
    return replace(
        arrays,
        dt=dt.astype(kind),
        z=z.astype(kind),
        u=arrays.u.astype(kind),
        row=arrays.row.astype(kind),
        params=filter.params.astype(kind),
        carry=filter.start[None].astype(kind),
    )


def expected(filter: Exported, arrays: Arrays) -> tuple[Array, Array]:
    """What the filter carries after the last row, and its records (rows, width)."""
    carry, records = engine_for(filter.kernel, brief=True).run(arrays)
    return carry[0], records[0]


def selftest(filter: Exported) -> str:
    """NAME_selftest.c."""
    name, upper = filter.name, filter.upper
    arrays = readings(filter)
    _, records = expected(filter, arrays)
    rows = len(arrays.dt)
    given = {"dt": arrays.dt[:, None], "u": arrays.u[0], "row": arrays.row[0], "z": arrays.z[0]}
    data = "\n".join(
        f"const {name}_real {name}_test_{key}[{rows}][{max(values.shape[1], 1)}] = {{\n{_table(values, filter)}\n}};\n"
        for key, values in given.items()
    )
    begun = checked = ""
    if start.can_begin_at(filter):
        P, carry = start.example_of(filter)
        begun = (
            f"static const {name}_real spread[{len(P)}][{len(P)}] = {{\n{_table(P, filter)}\n}};\n"
            f"static const {name}_real begun[1][{upper}_CARRY] = {{\n{_table(carry[None], filter)}\n}};\n"
        )
        checked = f"""    if ({name}_begin_at(carry, {name}_start, spread[0]) != 0)
        return ROWS + 1;
    if (memcmp(carry, begun, sizeof carry) != 0)
        return ROWS + 1;
"""
    return f"""/* The test of {name} on this computer: {rows} rows, and the records that foglight computes from them. */
#include <math.h>
#include <string.h>

#include "{name}.h"

#define ROWS {rows}

extern const {name}_real {name}_test_dt[ROWS][1];
extern const {name}_real {name}_test_u[ROWS][{max(filter.kernel.widths["u"], 1)}];
extern const {name}_real {name}_test_row[ROWS][{max(filter.kernel.widths["row"], 1)}];
extern const {name}_real {name}_test_z[ROWS][{max(filter.kernel.widths["z"], 1)}];

{data}
{begun}static const {name}_real expected[ROWS][{upper}_RECORD] = {{
{_table(records, filter)}
}};

int {name}_selftest(void) {{
    {name}_real carry[{upper}_CARRY], record[{upper}_RECORD];
    {name}_begin(carry);
    for (int k = 0; k < ROWS; k++) {{
        {name}_step(carry, {name}_test_dt[k], {name}_test_u[k], {name}_test_row[k], {name}_test_z[k],
                {name}_params, record);
        if (memcmp(record, expected[k], sizeof record) != 0)
            return k + 1;
    }}
{checked}    return 0;
}}
"""


def _table(values: Array, filter: Exported) -> str:
    """Rows of numbers as an initialiser."""
    lines = []
    for row in values.tolist():
        numbers = [c99.number(v, filter.kernel.dtype) for v in row] or ["0"]
        parts = [", ".join(numbers[k : k + _ON_A_LINE]) for k in range(0, len(numbers), _ON_A_LINE)]
        lines.append("    {" + ",\n     ".join(parts) + "}")
    return ",\n".join(lines)
