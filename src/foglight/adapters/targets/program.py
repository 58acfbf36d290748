"""Beside an exported filter: a program that shows its use, and a class for C++."""

from foglight.adapters.targets.c_names import c_names
from foglight.adapters.targets.exported import Exported
from foglight.adapters.targets.header import units_of
from foglight.adapters.targets.selftest import rows_of
from foglight.adapters.targets.start import can_begin_at
from foglight.compiler.backends.printed import plain

SHOWN = 4  # states in a line of the example


def example(filter: Exported) -> str:
    """NAME_main.c: the test, then the filter at work on the rows of the test."""
    name, upper = filter.name, filter.upper
    widths = filter.kernel.widths
    n = len(filter.model.state)
    shown = list(zip(filter.model.state, c_names(filter.model.state), strict=True))[:SHOWN]
    units = units_of(filter.model)
    labels = ", ".join(f"{plain(state)} = %.6g {plain(units.get(state, ''))}".rstrip() for state, _ in shown)
    means = ", ".join(f"(double)carry[{upper}_X_{c_name}]" for _, c_name in shown)
    first = plain(filter.model.state[0])
    return f"""/* How {name} is used: the test of this computer, then each row of the test as a reading that arrives.
 *
 *   cc -std=c99 -O2 -ffp-contract=off {name}_main.c {name}.c {name}_selftest.c -o {name}
 */
#include <stdio.h>

#include "{name}.h"

extern const {name}_real {name}_test_dt[][1], {name}_test_u[][{max(widths["u"], 1)}];
extern const {name}_real {name}_test_row[][{max(widths["row"], 1)}], {name}_test_z[][{max(widths["z"], 1)}];

int main(void) {{
    {name}_real carry[{upper}_CARRY], record[{upper}_RECORD], P[{n} * {n}];
    const int failed = {name}_selftest();
    if (failed) {{
        printf("the selftest fails in row %d: compile with -ffp-contract=off and without -ffast-math\\n", failed);
        return 1;
    }}
    printf("the selftest passes\\n");
    {name}_begin(carry);
    for (int k = 0; k < {rows_of(filter)}; k++) {{
        {name}_step(carry, {name}_test_dt[k], {name}_test_u[k], {name}_test_row[k], {name}_test_z[k],
                {name}_params, record);
        {name}_covariance(carry, P);
        printf("row %2d, after %g s: {labels}; variance of {first} = %.3g; status %u\\n",
               k + 1, (double){name}_test_dt[k][0], {means},
               (double)P[0], (unsigned)record[{upper}_RECORD_STATUS]);
    }}
    return 0;
}}
"""


def wrapper(filter: Exported) -> str:
    """NAME.hpp: the filter as a class of C++17."""
    name, upper = filter.name, filter.upper
    begin_at = f"""
    // Begin at a mean and a covariance, row by row; false if they are none: then at the start of the model.
    bool begin_at(const real *mean, const real *P) noexcept {{
        return {name}_begin_at(carry_.data(), mean, P) == 0;
    }}
"""
    begin_at *= can_begin_at(filter)
    return f"""// {name} as a class: a value that can be copied, without allocation and without exceptions.
#pragma once

#include <array>

#include "{name}.h"

namespace {name} {{

using real = {name}_real;

class Filter {{
public:
    // The filter at its start.
    Filter() noexcept {{ {name}_begin(carry_.data()); }}
{begin_at}
    // One row: dt in seconds, readings z (NaN is a missing one), controls u and the row's matrices where it has any.
    void step(real dt, const real *z, const real *u = nullptr, const real *row = nullptr) noexcept {{
        {name}_step(carry_.data(), &dt, u, row, z, params.data(), record_.data());
    }}

    // The mean of a state, such as {upper}_X_{c_names(filter.model.state)[0]}.
    real mean(int state) const noexcept {{ return carry_[static_cast<std::size_t>(state)]; }}

    // The covariance of the states, row by row.
    std::array<real, {upper}_STATES * {upper}_STATES> covariance() const noexcept {{
        std::array<real, {upper}_STATES * {upper}_STATES> P{{}};
        {name}_covariance(carry_.data(), P.data());
        return P;
    }}

    // The record of the last step, such as record()[{upper}_RECORD_NIS].
    const std::array<real, {upper}_RECORD> &record() const noexcept {{ return record_; }}

    // The status bits of the last step.
    unsigned status() const noexcept {{ return static_cast<unsigned>(record_[{upper}_RECORD_STATUS]); }}

    // The parameters, which may be changed between steps.
    std::array<real, {max(filter.kernel.widths["params"], 1)}> params = initial();

private:
    static std::array<real, {max(filter.kernel.widths["params"], 1)}> initial() noexcept {{
        std::array<real, {max(filter.kernel.widths["params"], 1)}> values{{}};
        for (std::size_t k = 0; k < values.size(); k++)
            values[k] = {name}_params[k];
        return values;
    }}

    std::array<real, {upper}_CARRY> carry_{{}};
    std::array<real, {upper}_RECORD> record_{{}};
}};

}}  // namespace {name}
"""
