/* The floor: one Kalman filter, written by hand for one model, as fast as plain C allows.
 *
 * Two axes of constant velocity, both positions measured; states x, y, x speed, y speed (0 1 2 3). P = U D U' with U
 * unit upper triangular. Prediction: weighted Gram-Schmidt (Thornton) with the zeros of F and G written out. Update:
 * one measurement at a time, U by two-by-two minors, so that nothing cancels when R is small. A sum of non-negative
 * terms below the smallest normal number counts as zero. NaN is missing; a row that is not finite changes nothing.
 */
#include <float.h>
#include <math.h>
#include <stdint.h>

#define LOG_2PI 1.8378770664093453

enum { USED = 1, PARTIAL = 2, MISSING = 4, NONFINITE = 512 };

typedef struct { double x0, x1, x2, x3, u01, u02, u12, u03, u13, u23, d0, d1, d2, d3; } belief;
typedef struct { double innovation, S, nis; } seen;

static inline double reciprocal(double s) { return s >= DBL_MIN ? 1.0 / s : 0.0; }

/* x' = F x + w over dt; w is white acceleration of density psd on each axis. Its factor has four columns: one per
 * speed, (dt/2 in the position, 1 in the speed) of variance qs, and one per position, 1 of variance qp. */
static inline belief predict(belief b, double dt, double psd)
{
    const double qs = psd * dt, qp = qs * dt * dt / 12.0, h = 0.5 * dt, hq = h * qs;
    belief o;
    o.x0 = b.x0 + dt * b.x2, o.x1 = b.x1 + dt * b.x3, o.x2 = b.x2, o.x3 = b.x3;

    const double w02 = b.u02 + dt, w03 = b.u03 + dt * b.u23, w13 = b.u13 + dt;          /* F U where it is not U */

    o.d3 = b.d3 + qs;
    const double r3 = reciprocal(o.d3);
    o.u23 = b.u23 * b.d3 * r3, o.u13 = (w13 * b.d3 + hq) * r3, o.u03 = w03 * b.d3 * r3;

    const double b23 = b.u23 - o.u23, b13 = w13 - o.u13, b03 = w03 - o.u03;             /* column 3 that is left */
    const double t2 = -o.u23, t1 = h - o.u13, t0 = -o.u03;                              /* noise of speed 3 */
    const double m3 = b23 * b.d3, mt = t2 * qs;
    o.d2 = (b.d2 + qs) + (b23 * m3 + t2 * mt);
    const double r2 = reciprocal(o.d2);
    o.u12 = (b.u12 * b.d2 + (b13 * m3 + t1 * mt)) * r2;
    o.u02 = ((w02 * b.d2 + hq) + (b03 * m3 + t0 * mt)) * r2;

    const double c12 = b.u12 - o.u12, c13 = b13 - o.u12 * b23, s1 = -o.u12, v1 = t1 - o.u12 * t2;
    const double c02 = w02 - o.u02, c03 = b03 - o.u02 * b23, s0 = h - o.u02, v0 = t0 - o.u02 * t2;
    const double n2 = c12 * b.d2, n3 = c13 * b.d3, ns = s1 * qs, nv = v1 * qs;
    o.d1 = ((b.d1 + qp) + (c12 * n2 + c13 * n3)) + (s1 * ns + v1 * nv);
    const double r1 = reciprocal(o.d1);
    o.u01 = (b.u01 * b.d1 + (c02 * n2 + c03 * n3) + (s0 * ns + v0 * nv)) * r1;

    const double k1 = b.u01 - o.u01, k2 = c02 - o.u01 * c12, k3 = c03 - o.u01 * c13;
    const double ks = s0 - o.u01 * s1, kv = v0 - o.u01 * v1;
    o.d0 = ((b.d0 + qp) + (k1 * k1 * b.d1 + k2 * k2 * b.d2)) + (k3 * k3 * b.d3 + o.u01 * o.u01 * qp)
         + (ks * ks + kv * kv) * qs;
    return o;
}

/* Condition on z = x0 + v, v of variance r. a0 .. a3 are the partial sums of S. */
static inline belief update_x(belief b, double z, double r, seen *s)
{
    const double f1 = b.u01, f2 = b.u02, f3 = b.u03, v1 = b.d1 * f1, v2 = b.d2 * f2, v3 = b.d3 * f3;
    const double a0 = r + b.d0, a1 = a0 + f1 * v1, a2 = a1 + f2 * v2, a3 = a2 + f3 * v3;
    const double r0 = reciprocal(a0), r1 = reciprocal(a1), r2 = reciprocal(a2), r3 = reciprocal(a3);
    belief o = b;
    if (r0 > 0.0) o.d0 = b.d0 * (r * r0), o.u01 = b.u01 * r * r0;
    if (r1 > 0.0) {
        o.d1 = b.d1 * (a0 * r1);
        o.u02 = b.u02 * r * r1;
        o.u12 = (b.u12 * a0 + v1 * (b.u12 * f1 - f2)) * r1;
    }
    if (r2 > 0.0) {
        o.d2 = b.d2 * (a1 * r2);
        o.u03 = b.u03 * r * r2;
        o.u13 = (b.u13 * a0 + v1 * (b.u13 * f1 - f3) + v2 * (b.u13 * f2 - f3 * b.u12)) * r2;
        o.u23 = (b.u23 * a1 + v2 * (b.u23 * f2 - f3)) * r2;
    }
    if (r3 > 0.0) o.d3 = b.d3 * (a2 * r3);
    const double e = z - b.x0, k = e * r3;
    o.x0 = b.x0 + (b.d0 + f1 * v1 + f2 * v2 + f3 * v3) * k;
    o.x1 = b.x1 + (v1 + b.u12 * v2 + b.u13 * v3) * k;
    o.x2 = b.x2 + (v2 + b.u23 * v3) * k;
    o.x3 = b.x3 + v3 * k;
    s->innovation = e, s->S = a3, s->nis = e * k;
    return o;
}

/* Condition on z = x1 + v, v of variance r. */
static inline belief update_y(belief b, double z, double r, seen *s)
{
    const double f2 = b.u12, f3 = b.u13, v1 = b.d1, v2 = b.d2 * f2, v3 = b.d3 * f3;
    const double a1 = r + v1, a2 = a1 + f2 * v2, a3 = a2 + f3 * v3;
    const double r1 = reciprocal(a1), r2 = reciprocal(a2), r3 = reciprocal(a3);
    belief o = b;
    if (r1 > 0.0) {
        o.d1 = b.d1 * (r * r1);
        o.u02 = (b.u02 * r + v1 * (b.u02 - f2 * b.u01)) * r1;
        o.u12 = b.u12 * r * r1;
    }
    if (r2 > 0.0) {
        o.d2 = b.d2 * (a1 * r2);
        o.u03 = (b.u03 * r + v1 * (b.u03 - f3 * b.u01) + v2 * (b.u03 * f2 - f3 * b.u02)) * r2;
        o.u13 = b.u13 * r * r2;
        o.u23 = (b.u23 * a1 + v2 * (b.u23 * f2 - f3)) * r2;
    }
    if (r3 > 0.0) o.d3 = b.d3 * (a2 * r3);
    const double e = z - b.x1, k = e * r3;
    o.x0 = b.x0 + (b.u01 * v1 + b.u02 * v2 + b.u03 * v3) * k;
    o.x1 = b.x1 + (v1 + f2 * v2 + f3 * v3) * k;
    o.x2 = b.x2 + (v2 + b.u23 * v3) * k;
    o.x3 = b.x3 + v3 * k;
    s->innovation = e, s->S = a3, s->nis = e * k;
    return o;
}

static inline double log_of(double S) { return S >= DBL_MIN ? log(S) : 0.0; }

/* rows steps from carry (mean 4, U 6 by columns, D 4), which is written back. dt (rows), z (rows, 2), r (2).
 * Outputs, one entry per row: mean (4), factor (U 6, D 4), innovation (2), nis, loglik, status. */
void kf_run(int64_t rows, int started, double *carry, const double *dt, double psd, const double *r, const double *z,
            double *mean, double *factor, double *innovation, double *nis, double *loglik, int32_t *status)
{
    belief b = *(const belief *)carry;
    for (int64_t k = 0; k < rows; k++) {
        const double zx = z[2 * k], zy = z[2 * k + 1];
        const seen nothing = { NAN, 0.0, 0.0 };
        seen sx = nothing, sy = nothing;
        belief n = started || k ? predict(b, dt[k], psd) : b;
        double ll = 0.0;
        int used = 0;
        if (zx == zx) { n = update_x(n, zx, r[0], &sx); ll += LOG_2PI + log_of(sx.S) + sx.nis; used++; }
        if (zy == zy) { n = update_y(n, zy, r[1], &sy); ll += LOG_2PI + log_of(sy.S) + sy.nis; used++; }
        const int finite = isfinite(((n.x0 + n.x1) + (n.x2 + n.x3)) + ((n.d0 + n.d1) + (n.d2 + n.d3)) + ll);
        if (finite) b = n;
        const double means[4] = { b.x0, b.x1, b.x2, b.x3 };
        const double factors[10] = { b.u01, b.u02, b.u12, b.u03, b.u13, b.u23, b.d0, b.d1, b.d2, b.d3 };
        for (int i = 0; i < 4; i++) mean[4 * k + i] = means[i];
        for (int i = 0; i < 10; i++) factor[10 * k + i] = factors[i];
        innovation[2 * k] = sx.innovation, innovation[2 * k + 1] = sy.innovation;
        nis[k] = used ? sx.nis + sy.nis : NAN;
        loglik[k] = -0.5 * ll;
        status[k] = !finite ? NONFINITE : used == 2 ? USED : used ? USED | PARTIAL : MISSING;
    }
    *(belief *)carry = b;
}

/* Many series of equal length, one after another; z and the outputs have a leading track axis. */
void kf_many(int64_t tracks, int64_t rows, const double *start, const double *dt, double psd, const double *r,
             const double *z, double *mean, double *factor, double *innovation, double *nis, double *loglik,
             int32_t *status)
{
    for (int64_t t = 0; t < tracks; t++) {
        const int64_t k = t * rows;
        belief carry = *(const belief *)start;
        kf_run(rows, 0, &carry.x0, dt, psd, r, z + 2 * k, mean + 4 * k, factor + 10 * k, innovation + 2 * k, nis + k,
               loglik + k, status + k);
    }
}
