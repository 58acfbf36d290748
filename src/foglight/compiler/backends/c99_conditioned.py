"""The loops of measurements as C functions: a factor conditioned on several of them, see `ops.conditioned`, and one
of information that increases by them, see `ops.increased`."""

INCREASED = """
/* The n rows of U, of which row j has j + 1 + ahead entries, then zeros, and D below them, with m further columns: the
   rows of T, which it changes. behind: where a row of T has its weight. */
static void ${name}_increased($real *out, long ldo, long n, long ahead, $real *T, long ldt, long m, long behind) {
    for (long j = n - 1; j >= 0; j--) {
        $real *row = out + j * ldo, *d = out + n * ldo + j;
        for (long b = 0; b < m; b++) {
            $real *column = T + b * ldt, *w = column + behind;
            const $real p = column[j + ahead], weighted = *w * p, after = *d + weighted * p;
            const $real inverse = after >= $tiny ? 1 / after : 0, kept = after >= $tiny ? *d * inverse : 1;
            const $real given = weighted * inverse;
            for (long k = 0; k < j + ahead; k++) {
                const $real before = row[k];
                row[k] = kept * before + given * column[k];
                column[k] -= p * before;
            }
            *w *= kept;
            *d = after;
        }
    }
}
"""

CONDITIONED = """
/* The end of row j of U, up to whole eights. */
static long ${name}_end(long j, long n, long ahead) {
    const long end = (j + ahead) / 8 * 8 + 8;
    return end < n + ahead ? end : n + ahead;
}

/* The factors and v of `count` measurements that are taken together, one below the other from f and v on, the new D,
   and the last 1 / a of each. */
static void ${name}_weighed($real *out, long ldo, long n, long ahead, const $real *H, long ldh, const $real *s,
        long first, long count, $real *f, $real *v, long room, $real *inverse) {
    $real *D = out + n * ldo;
    const long begin = (first + ahead) / 8 * 8;
    for (long b = 0; b < count; b++)
        for (long j = first; j < n; j++)
            f[b * room + j] = ${name}_dot(H + b * ldh + begin, out + j * ldo + begin, ${name}_end(j, n, ahead) - begin);
    for (long b = 0; b < count; b++) {
        $real a = 1, across[4] = {0};
        inverse[b] = 1;
        for (long j = first; j < n; j++) {
            const $real left = f[b * room + j], factor = left * inverse[b], weighted = s[b] * left;
            const $real share = D[j] * weighted, after = a + D[j] * (weighted * left);
            for (long c = b + 1; c < count; c++) {
                const $real before = f[c * room + j];
                f[c * room + j] = before - factor * across[c];
                across[c] += share * before;
            }
            f[b * room + j] = factor;
            v[b * room + j] = share;
            inverse[b] = 1 / after;
            D[j] *= a * inverse[b];
            a = after;
        }
    }
}

/* The n rows of U, of which row j has j + 1 + ahead entries, then zeros, then D, then x unless z is 0, conditioned on m
   measurements; echelon: 1 if row i of H is 0 before entry i + ahead, -1 if row i from the last one on is.
   scratch: twelve rows. */
static void ${name}_conditioned($real *out, long ldo, long n, long ahead, const $real *H, long ldh, long m,
        int echelon, const $real *s, const $real *z, $real *scratch, long room) {
    $real *x = out + (n + 1) * ldo, inverse[4];
    const long width = n + ahead;
    for (long i = 0, count; i < m; i += count, H += count * ldh, s += count) {
        count = (echelon < 0 ? i < m % 4 : m - i < 4) ? 1 : 4;
        const long first = echelon > 0 ? i : echelon < 0 ? m - i - count : 0;
        $real *f = scratch, *v = f + count * room, *sums = v + count * room;
        ${name}_weighed(out, ldo, n, ahead, H, ldh, s, first, count, f, v, room, inverse);
        ${name}_filled(sums, room, count, width);
        for (long j = first; j < n; j++)
            for (long k = 0; k < ${name}_end(j, n, ahead); k++)
                for (long b = 0; b < count; b++) {
                    const $real row = out[j * ldo + k], sum = sums[b * room + k];
                    out[j * ldo + k] = row - f[b * room + j] * sum;
                    sums[b * room + k] = sum + v[b * room + j] * row;
                }
        for (long b = 0; z && b < count; b++) {
            const $real share = (z[i + b] - ${name}_dot(H + b * ldh, x, width)) * inverse[b];
            for (long k = 0; k < width; k++)
                x[k] += sums[b * room + k] * share;
        }
    }
}
"""
