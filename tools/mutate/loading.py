"""How a changed module gets into a fresh process: an import hook that compiles another tree for it."""

import ast
import builtins
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from tools.mutate.tree import instrumented

Trees = Callable[[str, Path], ast.Module | None]


class _Loader(SourceFileLoader):
    """A loader that compiles the tree it was given, and leaves no bytecode behind."""

    tree: ast.Module

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, trees: Trees) -> None:
        self.trees = trees

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.split(".")[0] != "foglight":
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is None or not isinstance(spec.loader, SourceFileLoader):
            return spec
        tree = self.trees(name, Path(spec.loader.path))
        if tree is not None:
            loader = _Loader(name, spec.loader.path)
            loader.tree = tree
            spec.loader = loader
        return spec


def supply(module: str, tree: ast.Module) -> None:
    """From now on, importing `module` runs this tree."""
    sys.meta_path.insert(0, _Finder(lambda name, _: tree if name == module else None))


def watch(numbers: dict[str, int]) -> bytearray:
    """From now on, every module of the package marks in the returned array which statements ran."""
    hits = bytearray(numbers[""])
    vars(builtins)["__hits__"] = hits
    vars(builtins)["__mark__"] = hits.__setitem__
    sys.meta_path.insert(0, _Finder(lambda name, path: instrumented(path, numbers[name])))
    return hits
