"""How the parts of a model travel to another process: as data, and as where their functions stand.

A pickle holds a function of a module by its name. The functions of ready-made parts stand within functions, so they are
held by the position of their code in this package and by what they close over: the other process takes the code from
its own installation, which must be of the same release. Functions of the user's own that have no such name are left
to cloudpickle, where it is installed. Nothing of this package reads a pickle: `pickle.loads` of the user does.
"""

import functools
import sys
from collections import deque
from collections.abc import Callable, Iterator
from importlib import import_module
from types import CellType, CodeType, FunctionType, MappingProxyType
from typing import Any, ClassVar
from weakref import WeakKeyDictionary, WeakValueDictionary, ref

import numpy as np

from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.core.version import __version__
from foglight.trace.source_location import of_function

_PACKAGE = __name__.partition(".")[0]
_STORES_KEPT = 8  # of kernels for models that came from elsewhere


class Portable:
    """Base class of what is pickled by its attributes, without those that are computed from others when asked for."""

    def __getstate__(self) -> dict[str, Any]:
        kind = type(self)
        return {
            name: portable(value)
            for name, value in vars(self).items()
            if not isinstance(getattr(kind, name, None), functools.cached_property)
        }

    def __copy__(self) -> Any:  # the stand-ins are for pickles and deep copies only
        new = object.__new__(type(self))
        vars(new).update(vars(self))
        return new


class PortablePart(Portable):
    """Base class of parts that hold functions. Nobody changes them, so they are their own copies."""

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: object) -> Any:
        return self


class Kernels(dict[Any, Any]):
    """The compiled kernels of models with the same functions. A pickle holds the name of this store instead, so that a
    process which is sent the same model many times compiles it once."""

    _known: ClassVar["WeakValueDictionary[str, Kernels]"] = WeakValueDictionary()
    _received: ClassVar["deque[Kernels]"] = deque(maxlen=_STORES_KEPT)

    def __reduce__(self) -> Any:
        if "name" not in vars(self):
            import secrets

            self.name = secrets.token_hex(16)
            Kernels._known[self.name] = self
        return Kernels.of, (self.name,)

    @classmethod
    def of(cls, name: str) -> "Kernels":
        """The store of this name; a new one where no model that has it was seen lately."""
        found = cls._known.get(name)
        if found is None:
            found = cls()
            found.name = name
            found = cls._known.setdefault(name, found)
        if not any(found is other for other in cls._received):
            cls._received.append(found)
        return found


def portable(value: Any) -> Any:
    """The value, with stand-ins that pickle for functions and for frozen mappings in it."""
    if isinstance(value, FunctionType):
        return value if _has_name(value) else _stand_in(value)
    if type(value) is MappingProxyType:
        return _Frozen(value)
    if type(value) is dict:
        return {key: portable(entry) for key, entry in value.items()}
    if type(value) in (tuple, list):
        return type(value)(map(portable, value))
    if type(value) is functools.partial:
        return _Partial(value)
    if type(value) is np.ndarray and not value.flags.writeable:
        return _ReadOnly(value)
    return value


class _Frozen:
    """Stands for a mapping that cannot be changed."""

    def __init__(self, mapping: MappingProxyType[Any, Any]) -> None:
        self.mapping = mapping

    def __reduce__(self) -> Any:
        return frozen, (portable(dict(self.mapping)),)


class _ReadOnly:
    """Stands for an array that cannot be changed."""

    def __init__(self, array: Array) -> None:
        self.array = array

    def __reduce__(self) -> Any:
        return read_only, (self.array,)


class _Partial:
    """Stands for a function with some of its arguments."""

    def __init__(self, partial: functools.partial[Any]) -> None:
        self.partial = partial

    def __reduce__(self) -> Any:
        own = self.partial
        return partial_of, (portable(own.func), portable(own.args), portable(own.keywords))


class _Nested:
    """Stands for a function within a function of this package."""

    def __init__(self, function: FunctionType) -> None:
        self.function = ref(function)

    def __reduce__(self) -> Any:
        function = self.function()
        assert function is not None  # what is being pickled holds it
        module, code = function.__globals__["__name__"], function.__code__
        index = next(k for k, other in enumerate(_codes(module, code.co_qualname)) if other is code)
        contents = tuple(portable(cell.cell_contents) for cell in function.__closure__ or ())
        defaults = portable(function.__defaults__), portable(function.__kwdefaults__)
        return nested, (__version__, module, code.co_qualname, index, contents, *defaults)


class _ByValue:
    """Stands for a function of the user's own that no module has by name."""

    def __init__(self, function: FunctionType) -> None:
        self.function = ref(function)

    def __reduce__(self) -> Any:
        function = self.function()
        try:
            import cloudpickle  # type: ignore[import-not-found, import-untyped, unused-ignore]
        except ImportError:
            assert function is not None
            raise ModelError(
                f"{of_function(function)}: the function {function.__qualname__} cannot be pickled, since no module has "
                "it by this name: expected one that stands in a module, with def. Move it there, or install "
                "cloudpickle, which sends its code: pip install cloudpickle.",
                field=function.__qualname__,
                value=function,
            ) from None
        return cloudpickle.loads, (cloudpickle.dumps(function),)


_STAND_INS: WeakKeyDictionary[FunctionType, _Nested | _ByValue] = WeakKeyDictionary()


def _stand_in(function: FunctionType) -> Any:
    """The stand-in of a function, always the same, so that what has a function twice has it twice afterwards."""
    found = _STAND_INS.get(function)
    if found is None:
        own = function.__globals__.get("__name__", "").partition(".")[0] == _PACKAGE
        found = _STAND_INS[function] = _Nested(function) if own else _ByValue(function)
    return found


def _has_name(function: FunctionType) -> bool:
    """Whether a module has this function under its own name."""
    found: Any = sys.modules.get(function.__module__)
    for name in function.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is function


def frozen(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """A mapping that cannot be changed."""
    return MappingProxyType(mapping)


def read_only(array: Array) -> Array:
    """An array that cannot be changed."""
    array.flags.writeable = False
    return array


def partial_of(
    function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> functools.partial[Any]:
    """A function with some of its arguments."""
    return functools.partial(function, *arguments, **keywords)


def nested(
    release: str,
    module: str,
    name: str,
    index: int,
    contents: tuple[Any, ...],
    defaults: tuple[Any, ...] | None,
    keyword_defaults: dict[str, Any] | None,
) -> FunctionType:
    """The function within a function of this package whose code has this name; what it closes over are the contents.

    index: among the codes of the same name. Raises ModelError for a pickle of another release.
    """
    if release != __version__:
        raise ModelError(
            f"the model was pickled with Foglight {release}, and this is {__version__}: expected the same release in "
            "both processes. Install it in both, or build the model again.",
            field="release",
            value=release,
        )
    code = list(_codes(module, name))[index]
    function = FunctionType(
        code, vars(import_module(module)), None, defaults, tuple(CellType(value) for value in contents)
    )
    function.__kwdefaults__ = keyword_defaults
    return function


def _codes(module: str, name: str) -> Iterator[CodeType]:
    """The codes of this qualified name in a module of this package, in their order."""
    if module.partition(".")[0] != _PACKAGE:
        raise ModelError.expected(
            "module", module, "a module of this package", "Pickle the model again, with this release."
        )
    outermost: Any = import_module(module)
    for part in name.partition(".<locals>")[0].split("."):
        outermost = vars(outermost)[part] if isinstance(outermost, type) else getattr(outermost, part)
    while not isinstance(outermost, FunctionType):  # a class method, a property or one that is wrapped
        outermost = outermost.__wrapped__ if hasattr(outermost, "__wrapped__") else outermost.__func__
    return _within(outermost.__code__, name)


def _within(code: CodeType, name: str) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_qualname == name:
                yield constant
            yield from _within(constant, name)
