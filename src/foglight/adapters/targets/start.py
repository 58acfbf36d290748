"""`NAME_begin_at`: an exported filter that begins at a mean and a covariance which are known on the target only."""

import numpy as np

from foglight.adapters.targets.exported import Exported
from foglight.core.types import Array
from foglight.model.model import unknown_directions


def can_begin_at(filter: Exported) -> bool:
    """Whether mean and covariance say all that is carried: not of a direction that is unknown, or of rotations."""
    return not unknown_directions(filter.model) and not filter.model.charts.parts


def declaration(filter: Exported) -> str:
    """What the header says."""
    if not can_begin_at(filter):
        return ""
    name, upper = filter.name, filter.upper
    kept = "U and D are those of P to rounding, and exact if P is diagonal." if filter.method.factored else ""
    return f"""
/* Another start: the mean of the states, and their covariance P, {upper}_STATES rows of as many, of which the upper
 * triangle is read. {kept} Angles lie within -pi and pi.
 * Returns 0, or the number of the state (1 is the first) whose mean is not finite, or in whose row P is no covariance:
 * then the filter is at the start of the model. */
int {name}_begin_at({name}_real *carry, const {name}_real *mean, const {name}_real *P);
"""


def definition(filter: Exported) -> str:
    """The function in C. P is factored where it is kept, from its last row up: a_kj = d_j u_kj is taken off a_ki."""
    if not can_begin_at(filter):
        return ""
    name, n = filter.name, len(filter.model.state)
    tiny = "DBL_EPSILON" if filter.kernel.dtype == "float64" else "FLT_EPSILON"
    copied = f"        carry[{n + n * (n + 1) // 2} + i] = mean[i];\n" if filter.method.joint else ""
    factored = f"""        for (int i = j - 1; i >= 0; i--) {{
            const {name}_real a = column[i], u = d > 0 ? a / d : 0;
            if (!(d > 0) && !(a * a <= 4 * rounding * P[i * n + i])) {{
                {name}_begin(carry);
                return j + 1;
            }}
            for (int k = 0; k <= i; k++) {{
                const {name}_real share = column[k] * u;
                U[i * (i + 1) / 2 + k] -= share;
            }}
            column[i] = u;
        }}
"""
    return f"""
int {name}_begin_at({name}_real *carry, const {name}_real *mean, const {name}_real *P) {{
    const int n = {n};
    {name}_real *const U = carry + n;
    {name}_begin(carry);
    for (int i = 0; i < n; i++) {{
        if (!(mean[i] - mean[i] == 0)) {{
            {name}_begin(carry);
            return i + 1;
        }}
        carry[i] = mean[i];
{copied}        for (int k = 0; k <= i; k++)
            U[i * (i + 1) / 2 + k] = P[k * n + i];
    }}
    for (int j = n - 1; j >= 0; j--) {{
        {name}_real *const column = U + j * (j + 1) / 2;
        const {name}_real rounding = {2 * n} * {tiny} * P[j * n + j];
        const {name}_real d = column[j] > rounding ? column[j] : 0;
        if (!(column[j] >= -rounding) || !(d - d == 0)) {{
            {name}_begin(carry);
            return j + 1;
        }}
        column[j] = d;
{factored if filter.method.factored else ""}    }}
    return 0;
}}
"""


def example_of(filter: Exported) -> tuple[Array, Array]:
    """A covariance, and what is carried from the start's mean and it: the operations of the function, in its order."""
    kind, n = np.dtype(filter.kernel.dtype).type, len(filter.model.state)
    deviation = np.arange(1, n + 1) / 4.0
    P = (np.outer(deviation, deviation) * (0.5 + 0.5 * np.eye(n))).astype(kind)
    carry = filter.start.astype(kind)
    U = [list(P[: j + 1, j]) for j in range(n)]
    for j in reversed(range(n)) if filter.method.factored else ():
        for i in reversed(range(j)):
            u = U[j][i] / U[j][j]
            for k in range(i + 1):
                U[i][k] -= U[j][k] * u
            U[j][i] = u
    size = n * (n + 1) // 2
    carry[n : n + size] = [entry for column in U for entry in column]
    if filter.method.joint:
        carry[n + size : n + size + n] = carry[:n]
    return P, carry
