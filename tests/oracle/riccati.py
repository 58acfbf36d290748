"""The covariance of a time-invariant filter after any number of steps, and where it settles, in mpmath.

    x' = F x + w, w ~ N(0, Q);  z = H x + v, v ~ N(0, R)

After k steps: the composition of k equal steps by repeated squaring (Särkkä & García-Fernández 2021, eqs. 10-14),
in which covariances stay covariances. Settled: Newton's method on the Riccati equation (Hewer 1971).
"""

from typing import Any

from mpmath import mp

from .matrices import Exact, exact, floats, identity

Step = tuple[Any, Any, Any]  # A, C, J: P_k = A (P_0^-1 + J)^-1 A' + C


def filtered_after(steps: int, F: Any, Q: Any, H: Any, R: Any, P: Any, digits: int = 60) -> Exact:
    """The filtered covariance after this many steps of predict and update, from P."""
    with mp.workdps(digits):
        F, Q, H, R, P = (mp.matrix(exact(a).tolist()) for a in (F, Q, H, R, P))
        S = H * Q * H.T + R
        K = Q * H.T * S**-1
        I = mp.eye(F.rows)  # noqa: E741
        power: Step = ((I - K * H) * F, (I - K * H) * Q, F.T * H.T * S**-1 * H * F)
        whole: Step | None = None
        while steps:
            if steps & 1:
                whole = power if whole is None else joined(whole, power)
            power = joined(power, power)
            steps >>= 1
        assert whole is not None
        A, C, J = whole
        return _array(A * P * (I + J * P) ** -1 * A.T + C)


def joined(first: Step, then: Step) -> Step:
    """One step after the other."""
    (A, C, J), (B, D, K) = first, then
    I = mp.eye(A.rows)  # noqa: E741
    W = (I + C * K) ** -1
    return B * W * A, B * W * C * B.T + D, A.T * (I + K * C) ** -1 * K * A + J


def settled(F: Any, Q: Any, H: Any, R: Any, K: Any, digits: int = 60) -> Exact:
    """The filtered covariance in the end, from a gain K (n, m) that makes F - K H stable."""
    with mp.workdps(digits):
        F, Q, H, R, K = (mp.matrix(exact(a).tolist()) for a in (F, Q, H, R, K))
        n = F.rows
        P = mp.matrix(n)
        for _ in range(200):
            A, W = F - K * H, Q + K * R * K.T
            M = mp.eye(n * n)
            for a in range(n * n):
                for b in range(n * n):
                    M[a, b] -= A[a // n, b // n] * A[a % n, b % n]
            vector = mp.lu_solve(M, mp.matrix([W[i, j] for i in range(n) for j in range(n)]))
            new = mp.matrix(n)
            for i in range(n * n):
                new[i // n, i % n] = vector[i]
            change = mp.mnorm(new - P) / mp.mnorm(new)
            P = new
            K = F * P * H.T * (H * P * H.T + R) ** -1
            if change < mp.mpf(10) ** (10 - digits):
                gain = P * H.T * (H * P * H.T + R) ** -1
                return _array(P - gain * H * P)
        raise ArithmeticError("Newton's method did not settle: is F - K H stable?")


def _array(M: Any) -> Exact:
    out = exact(floats(identity(M.rows)))
    for i in range(M.rows):
        for j in range(M.cols):
            out[i, j] = M[i, j]
    return out
