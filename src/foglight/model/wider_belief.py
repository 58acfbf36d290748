"""A belief about more states: those of one belief, then those of another, unrelated to them."""

import numpy as np

from foglight.model.belief import Belief


def side_by_side(first: Belief, second: Belief) -> Belief:
    """The joint belief of two groups of unrelated states; with names if both have them."""
    n, size = len(first.factor[1]), len(first.factor[1]) + len(second.factor[1])
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
        angles=(*first.angles, *[len(first.mean) + i for i in second.angles]),
        rotations=first.charts.rotations | second.charts.rotations,
        unit_vectors=first.charts.unit_vectors | second.charts.unit_vectors,
    )


def nothing_known(n: int) -> Belief:
    """The belief about n states of which nothing is known, linearised at 0."""
    return Belief(np.zeros(n), std=np.full(n, np.inf))
