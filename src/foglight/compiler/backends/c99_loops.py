"""The loops of array operations as C functions: each stands once in a file, and only if it is called.

They add in the order of `foglight.trace.array_operations`, and touch no entry beyond the end of a row. A matrix is the
address of its first entry and the distance from row to row (ldo, lda, ...).
"""

from string import Template

from foglight.compiler.backends.c99_conditioned import CONDITIONED, INCREASED

_REDUCED = """
/* The sum of eight partial sums: neighbours first, three times. */
static $real ${name}_reduced(const $real *s) {
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}
"""

_DOT = """
static $real ${name}_dot(const $real *a, const $real *b, long n) {
    $real s[8] = {0};
    const long rest = n % 8, whole = n - rest;
    for (long k = 0; k < whole; k += 8)
        for (long l = 0; l < 8; l++)
            s[l] += a[k + l] * b[k + l];
    for (long l = 0; l < rest; l++)
        s[l] += a[whole + l] * b[whole + l];
    return ${name}_reduced(s);
}
"""

_SUM = """
static $real ${name}_sum(const $real *a, long n) {
    $real s[8] = {0};
    for (long k = 0; k < n; k++)
        s[k % 8] += a[k];
    return ${name}_reduced(s);
}
"""

_DOTS = """
/* The products of the rows of A with b; row i has first + i step entries. */
static void ${name}_dots($real *out, const $real *A, long lda, const $real *b, long rows, long first, long step) {
    for (long i = 0; i < rows; i++)
        out[i] = ${name}_dot(A + i * lda, b, first + i * step);
}
"""

_ROWS = """
/* Row i of a sparse matrix times B: its values, from starts[i] to starts[i + 1], are in these columns. */
static void ${name}_rows($real *out, long ldo, const $real *values, const int *starts, const int *columns,
        const $real *B, long ldb, long rows, long n) {
    for (long i = 0; i < rows; i++, out += ldo) {
        for (long k = 0; k < n; k++)
            out[k] = starts[i] < starts[i + 1] ? values[starts[i]] * B[columns[starts[i]] * ldb + k] : 0;
        for (int p = starts[i] + 1; p < starts[i + 1]; p++)
            for (long k = 0; k < n; k++)
                out[k] += values[p] * B[columns[p] * ldb + k];
    }
}
"""

_RUNNING = """
static void ${name}_running($real *out, $real first, const $real *terms, long n) {
    out[0] = first;
    for (long k = 0; k < n; k++)
        out[k + 1] = out[k] + terms[k];
}
"""

_PRECEDING = """
/* For each row of A, the sum of the rows before it. */
static void ${name}_preceding($real *out, long ldo, const $real *A, long lda, long rows, long n) {
    for (long j = 0; j < rows; j++)
        for (long k = 0; k < n; k++)
            out[j * ldo + k] = j ? out[(j - 1) * ldo + k] + A[(j - 1) * lda + k] : 0;
}
"""

_COPY = """
/* Entries with any distances between them (down a column, right along a row), to others. */
static void ${name}_copy($real *out, long down, long right, const $real *A, long lda, long step, long rows, long n) {
    for (long i = 0; i < rows; i++)
        for (long k = 0; k < n; k++)
            out[i * down + k * right] = A[i * lda + k * step];
}
"""

_FILLED = """
static void ${name}_filled($real *out, long ldo, long rows, long n) {
    for (long i = 0; i < rows; i++)
        for (long k = 0; k < n; k++)
            out[i * ldo + k] = 0;
}
"""

_UNIT = """
static void ${name}_unit($real *out, long ldo, long n) {
    ${name}_filled(out, ldo, n, n);
    for (long i = 0; i < n; i++)
        out[i * ldo + i] = 1;
}
"""

_ELIMINATE = """
/* u_i = (W_i v) s and W_i -= u_i W_j, for each row i < j of W (k entries). */
static void ${name}_eliminate($real *W, long ld, long k, long j, const $real *v, $real s, $real *u) {
    for (long i = 0; i < j; i++) {
        u[i] = ${name}_dot(W + i * ld, v, k) * s;
        for (long c = 0; c < k; c++)
            W[i * ld + c] -= u[i] * W[j * ld + c];
    }
}
"""

_COMBINE = """
/* Weighted Gram-Schmidt of the rows of W (k entries each), which it changes; out: the columns of U, and below them D.
   A D below its floor is 0, if there are floors. triangular: row j is 0 before column j. v: a row of scratch. */
static void ${name}_combine($real *W, long ld, long n, long k, const $real *w, const $real *floors, int triangular,
        $real *out, long ldo, $real *v) {
    ${name}_unit(out, ldo, n);
    for (long j = n - 1; j >= 0; j--) {
        const long first = triangular ? j - j % 8 : 0;
        for (long c = 0; c < k; c++)
            v[c] = W[j * ld + c] * w[c];
        $real d = ${name}_dot(v, W + j * ld, k);
        if (floors && d < floors[j])
            d = 0;
        ${name}_eliminate(W + first, ld, k - first, j, v + first, d >= $tiny ? 1 / d : 0, out + j * ldo);
        out[n * ldo + j] = d;
    }
}
"""

_FOLDED = """
/* Of M = N + N' the triangle M_ij s_j, stored column by column, with 0 on its diagonal; and the diagonal of M. */
static void ${name}_folded($real *out, const $real *N, long ld, const $real *s, long n, $real *diagonal) {
    for (long j = 0; j < n; j++) {
        for (long k = 0; k < j; k++)
            *out++ = (N[j * ld + k] + N[k * ld + j]) * s[j];
        *out++ = 0;
        diagonal[j] = N[j * ld + j] + N[j * ld + j];
    }
}
"""

_PRODUCT = """
/* A (rows, k) times B (k, n). skip: leave out the columns of row i of A before i, rounded down to whole eights; -1:
   those from the next eight behind i on. upper: leave out the rows of column c of B from the next eight behind c on. */
static void ${name}_product($real *out, long ldo, const $real *A, long lda, long k, int skip, int upper,
        const $real *B, long ldb, long rows, long n) {
    for (long i = 0; i < rows; i++, A += lda, out += ldo) {
        const long eight = i - i % 8, first = skip > 0 ? eight : 0, end = skip < 0 && eight + 8 < k ? eight + 8 : k;
        for (long c = 0; c < n; c++) {
            out[c] = A[first] * B[first * ldb + c];
            for (long p = first + 1; p < end && !(upper && p >= c - c % 8 + 8); p++)
                out[c] += A[p] * B[p * ldb + c];
        }
    }
}
"""

_SWEPT_ALONG = """
/* The derivative of a sweep along dU, dv and df, the derivative of its factors. sum: scratch; dsum: of U v. */
static void ${name}_swept_along($real *out, long ldo, const $real *U, long ldu, const $real *dU, long ldd, long n,
        const $real *v, const $real *factors, const $real *dv, const $real *df, $real *sum, $real *dsum) {
    ${name}_filled(out, ldo, n, n);
    ${name}_filled(sum, 0, 1, n);
    ${name}_filled(dsum, 0, 1, n);
    for (long j = 0; j < n; j++)
        for (long k = 0; k <= j; k++) {
            const $real a = U[j * ldu + k], b = dU[j * ldd + k];
            out[j * ldo + k] = b - (df[j] * sum[k] + factors[j] * dsum[k]);
            sum[k] += v[j] * a;
            dsum[k] += dv[j] * a + v[j] * b;
        }
}
"""

_SWEEP = """
/* Column j of U (row j of its transpose) minus factor_j times the sum of v_l column l, l < j; sum: in the end U v. */
static void ${name}_sweep($real *out, long ldo, const $real *U, long ldu, long n, const $real *v,
        const $real *factors, $real *sum) {
    ${name}_filled(out, ldo, n, n);
    ${name}_filled(sum, 0, 1, n);
    for (long j = 0; j < n; j++)
        for (long k = 0; k <= j; k++) {
            out[j * ldo + k] = U[j * ldu + k] - factors[j] * sum[k];
            sum[k] += v[j] * U[j * ldu + k];
        }
}
"""

_SQUARES = """
/* The diagonal of U D U', from the transpose of U. */
static void ${name}_squares($real *out, const $real *U, long ldu, long n, const $real *D) {
    ${name}_filled(out, 0, 1, n);
    for (long j = 0; j < n; j++)
        for (long k = 0; k <= j; k++)
            out[k] += D[j] * (U[j * ldu + k] * U[j * ldu + k]);
}
"""

_UNPACK = """
/* U of a triangle stored column by column; down and right: from row to row and column to column of U. */
static void ${name}_unpack($real *out, long down, long right, const $real *A, long n) {
    for (long j = 0, at = 0; j < n; at += ++j)
        for (long i = 0; i < n; i++)
            out[i * down + j * right] = i < j ? A[at + i] : i == j ? 1 : 0;
}
"""

_PIVOTS = """
/* D of a stored triangle. */
static void ${name}_pivots($real *out, const $real *A, long n) {
    for (long j = 0; j < n; j++)
        out[j] = A[j * (j + 3) / 2];
}
"""

_PACKED = """
/* The stored triangle of U, given as its transpose, and D. */
static void ${name}_packed($real *out, const $real *U, long ldu, const $real *D, long n) {
    for (long j = 0; j < n; j++) {
        for (long i = 0; i < j; i++)
            *out++ = U[j * ldu + i];
        *out++ = D[j];
    }
}
"""

_INVERSE = """
/* The inverse of a unit upper triangular matrix C, whose diagonal is not read. */
static void ${name}_inverse($real *out, long ldo, const $real *C, long ldc, long n) {
    ${name}_unit(out, ldo, n);
    for (long i = n - 1; i >= 0; i--)
        for (long k = i + 1; k < n; k++)
            for (long c = k; c < n; c++)
                out[i * ldo + c] -= C[i * ldc + k] * out[k * ldo + c];
}
"""

_SUBSTITUTE = """
/* The solution of U X = B for a unit upper triangular U, given as its transpose. X and B have n rows of k entries. */
static void ${name}_substitute($real *out, long ldo, const $real *U, long ldu, long n, const $real *B, long ldb,
        long k) {
    for (long i = n - 1; i >= 0; i--) {
        for (long c = 0; c < k; c++)
            out[i * ldo + c] = B[i * ldb + c];
        for (long j = n - 1; j > i; j--)
            for (long c = 0; c < k; c++)
                out[i * ldo + c] -= U[j * ldu + i] * out[j * ldo + c];
    }
}
"""

_JOIN = """
/* Rotate m more equations, with coefficients h and these variances, one after the other into n equations: d, C and y
   side by side in E. A coefficient counts if it exceeds the sizes of the terms that it is a sum of, times seen. */
static void ${name}_join($real *E, long ld, long n, $real *h, long ldh, const $real *variances, $real *sizes, long m,
                         $real seen) {
    const $real tiny = $tiny;
    for (long i = 0; i < m; i++, h += ldh, sizes += ldh) {
        $real r = variances[i], *e = E;
        int filled = 0;
        for (long j = 0; j < n; j++, e += ld) {
            const $real own = !filled && $abs(h[j]) > sizes[j] * seen ? h[j] : 0, d = e[0];
            const $real square = own * own, s = r + square * d;
            const $real inverse = square >= tiny ? 1 / square : 0;
            const int empty = e[j + 1] == 0, found = square >= tiny && r * inverse * tiny < 1;
            $real kept = s >= tiny ? r / s : 1, given = own * d * (s >= tiny ? 1 / s : 0), new_d = kept * d;
            if (empty) {
                new_d = found ? r * inverse : 1;
                kept = found ? 0 : 1;
                given = found ? own * inverse : 0;
            }
            if (own == 0)
                continue;
            e[0] = new_d;
            if (empty && found)
                e[j + 1] = 1;
            for (long k = j + 1; k <= n; k++) {
                const $real term = own * e[k + 1];
                e[k + 1] = kept * e[k + 1] + given * h[k];
                sizes[k] += $abs(term);
                h[k] -= term;
            }
            r = s;
            filled = filled || (empty && found);
        }
    }
}
"""

# In this order: a function stands after those that it calls.
LOOPS = {
    "reduced": _REDUCED, "dot": _DOT, "sum": _SUM, "dots": _DOTS, "rows": _ROWS, "running": _RUNNING,
    "preceding": _PRECEDING, "copy": _COPY, "filled": _FILLED, "unit": _UNIT, "eliminate": _ELIMINATE,
    "combine": _COMBINE, "product": _PRODUCT, "folded": _FOLDED, "sweep": _SWEEP, "swept_along": _SWEPT_ALONG,
    "squares": _SQUARES, "unpack": _UNPACK, "pivots": _PIVOTS, "packed": _PACKED, "inverse": _INVERSE,
    "substitute": _SUBSTITUTE, "join": _JOIN, "conditioned": CONDITIONED,
    "increased": INCREASED,
}  # fmt: skip
_CALLS = {
    "dot": ("reduced",), "sum": ("reduced",), "dots": ("dot", "reduced"), "eliminate": ("dot", "reduced"),
    "combine": ("eliminate", "dot", "reduced", "unit", "filled"),
 "swept_along": ("filled",),
    "conditioned": ("filled", "dot", "reduced"),
    "unit": ("filled",), "inverse": ("unit", "filled"), "sweep": ("filled",), "squares": ("filled",),
}  # fmt: skip
# Operations on entries. A mask is 1 or 0; a number is a mask that holds unless it is 0.
_ARITHMETIC = {"add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}"}
_MASKS = {
    "lt": "{0} < {1}", "le": "{0} <= {1}", "eq": "{0} == {1}", "ne": "{0} != {1}",
    "and": "{0} != 0 && {1} != 0", "or": "{0} != 0 || {1} != 0", "not": "{0} == 0",
}  # fmt: skip


def loops(names: set[str], name: str, single: bool) -> str:
    """The functions of these names and those that they call; `map_OP_KINDS` for an operation on entries.

    name: of the kernel.  single: whether its numbers are floats.
    """
    wanted = _with_called(names)
    tiny = "0x1p-126f" if single else "0x1p-1022"
    given = {"name": name, "real": f"{name}_real", "tiny": tiny, "abs": f"{name}_abs"}
    found = [Template(text).substitute(given) for loop, text in LOOPS.items() if loop in wanted]
    maps = [loop.split("_")[1:] for loop in sorted(wanted) if loop.startswith("map_")]
    return "".join([*found, *[_mapped(op, kinds, name) for op, kinds in maps]])


def operations(names: set[str]) -> set[str]:
    """The operations on single numbers that these loops call, see `c99_arithmetic`."""
    wanted = _with_called(names)
    found = {loop.split("_")[1] for loop in wanted if loop.startswith("map_")}
    return found | ({"abs"} if any("$abs" in LOOPS.get(loop, "") for loop in wanted) else set())


def _with_called(names: set[str]) -> set[str]:
    return names | {called for n in names for called in _CALLS.get(n, ())}


def _mapped(op: str, kinds: str, name: str) -> str:
    """One operation on the entries of rows. kinds: as in `llvm_loops.mapped`."""
    real, arguments, entries = f"{name}_real", "", []
    for k, kind in enumerate(kinds):
        arguments += f", {real} a{k}" if kind == "s" else f", const {real} *a{k}, long ld{k}"
        entries.append({"s": f"a{k}", "c": f"a{k}[i * ld{k}]", "r": f"a{k}[i * ld{k} + k]"}[kind])
    return f"""
static void {name}_map_{op}_{kinds}({real} *out, long ldo, long rows, long n{arguments}) {{
    for (long i = 0; i < rows; i++)
        for (long k = 0; k < n; k++)
            out[i * ldo + k] = {_applied(op, entries, name)};
}}
"""


def _applied(op: str, args: list[str], name: str) -> str:
    if op in _ARITHMETIC:
        return _ARITHMETIC[op].format(*args)
    if op in _MASKS:
        return f"({name}_real)({_MASKS[op].format(*args)})"
    if op == "select":
        return f"{args[0]} != 0 ? {args[1]} : {args[2]}"
    if op == "lookup":
        found = args[1]
        for k, value in enumerate(args[2:], 1):
            found = f"{args[0]} >= {k} ? {value} : ({found})"
        return found
    return f"{name}_{op}({', '.join(args)})"
