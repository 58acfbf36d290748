"""Kernels on whole arrays, as a context: every recipe that has them is compiled so, however few states it has."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from foglight.compiler.engine import engine
from foglight.compiler.kernel import Kernel
from foglight.compiler.recipe import Recipe, traced


@contextmanager
def on_arrays() -> Iterator[list[str]]:
    """What runs inside is on whole arrays where a recipe can be; gives the names of those kernels.

    Models made outside keep the engines that they have.
    """
    names: list[str] = []

    def forced(recipe: Recipe) -> Kernel:
        kernel = traced(recipe, arrays=recipe.on_arrays)
        if all(stage.program.on_arrays for stage in kernel.stages):
            names.append(kernel.name)
        return kernel

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_cheaper", forced)
        yield names
