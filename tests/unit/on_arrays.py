"""Kernels on whole arrays, as a context: every recipe that has them is compiled so, however few states it has."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from foglight.compiler.engine import cache, engine
from foglight.compiler.kernel import Kernel
from foglight.compiler.recipe import Recipe, traced


@contextmanager
def engines_apart() -> Iterator[pytest.MonkeyPatch]:
    """What is compiled inside is not kept on the models: afterwards they have the engines that they had before."""
    engines: dict[int, tuple[Any, dict[Any, Any]]] = {}

    def kept(model: Any, key: Any, make: Callable[[], Any]) -> Any:
        _, own = engines.setdefault(id(model.kernels), (model.kernels, {}))
        if key not in own:
            own[key] = make()
        return own[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "kept", kept)
        yield patch


@contextmanager
def on_arrays() -> Iterator[list[str]]:
    """What runs inside is on whole arrays where a recipe can be; gives the names of those kernels."""
    names: list[str] = []

    def forced(recipe: Recipe) -> Kernel:
        kernel = traced(recipe, arrays=recipe.on_arrays)
        if all(stage.program.on_arrays for stage in kernel.stages):
            names.append(kernel.name)
        return kernel

    with engines_apart() as patch:
        patch.setattr(engine, "_cheaper", forced)
        yield names
