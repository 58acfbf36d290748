"""A belief about more states: those of one belief, then those of another, unrelated to them."""

import numpy as np

from foglight.model.belief import Belief


def side_by_side(first: Belief, second: Belief) -> Belief:
    """The joint belief of two groups of unrelated states; with names if both have them."""
    n, size = len(first.mean), len(first.mean) + len(second.mean)
    U = np.eye(size)
    U[:n, :n], U[n:, n:] = first.factor[0], second.factor[0]
    directions = first.unknown.shape[1]
    unknown = np.zeros((size, directions + second.unknown.shape[1]))
    unknown[:n, :directions], unknown[n:, directions:] = first.unknown, second.unknown
    return Belief(
        np.concatenate([first.mean, second.mean]),
        factor=(U, np.concatenate([first.factor[1], second.factor[1]])),
        unknown=unknown,
        names=(*first.names, *second.names) if first.names and second.names else (),
        angles=(*first.angles, *[n + i for i in second.angles]),
    )


def nothing_known(n: int) -> Belief:
    """The belief about n states of which nothing is known, linearised at 0."""
    return Belief(np.zeros(n), std=np.full(n, np.inf))
