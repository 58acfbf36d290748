"""A page of the reference for each public name, made from its docstring when the site is built."""

import inspect
from functools import cached_property
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

import foglight as fog

LOG = logging.getLogger(__name__)
DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
FOLDER = DOCS / "reference" / "api"
OPTIONS = {"KF", "EKF", "UKF", "CKF"}  # their methods are for filters, not for users
MEMBERS = (FunctionType, property, classmethod, staticmethod, cached_property)


def public_names() -> dict[str, Any]:
    """{dotted name below foglight: what it is}; the names of ready-made parts come after their module."""
    found: dict[str, Any] = {}
    for name in fog.__all__:
        found[name] = getattr(fog, name)
        if isinstance(found[name], ModuleType):
            found |= {f"{name}.{member}": getattr(found[name], member) for member in found[name].__all__}
    return found


def members(cls: type) -> list[str]:
    """The public methods and properties of a class and of its bases in the package."""
    found: dict[str, Any] = {}
    for base in reversed([c for c in cls.__mro__ if c.__module__.startswith("foglight.")]):
        found |= vars(base)
    return [name for name, value in found.items() if name[0] != "_" and isinstance(value, MEMBERS)]


def resolved(name: str) -> Any:
    found: Any = fog
    for part in name.split("."):
        found = inspect.getattr_static(found, part) if inspect.isclass(found) else getattr(found, part)
    for wrapped in ("fget", "func", "__func__"):
        found = getattr(found, wrapped, None) or found
    return inspect.unwrap(found) if callable(found) else found


def source_of(dotted: str) -> str | None:
    """The address of a name's source: its file, and the line where it begins."""
    try:
        found = resolved(dotted.removeprefix("foglight."))
        path, line = inspect.getsourcefile(found), inspect.getsourcelines(found)[1]
    except (AttributeError, TypeError, OSError):
        return None
    relative = Path(path or "").resolve().relative_to(ROOT)
    return f"source:{relative}" + (f"#L{line}" if line else "")


def entry(name: str, found: Any) -> str:
    """The text of a page, in reStructuredText."""
    title = f"{name}\n{'=' * len(name)}\n\n"
    if isinstance(found, ModuleType):
        names = "".join(f"   {member}\n" for member in found.__all__)
        return f"{title}.. automodule:: foglight.{name}\n\n.. autosummary::\n   :nosignatures:\n\n{names}"
    kind = "class" if inspect.isclass(found) else "function"
    if kind == "class" and issubclass(found, BaseException):
        kind = "exception"
    text = f"{title}.. auto{kind}:: foglight.{name}\n"
    listed = members(found) if kind == "class" and name not in OPTIONS else []
    return text + (f"   :members: {', '.join(listed)}\n   :member-order: bysource\n" if listed else "")


def write_pages(app: Sphinx) -> None:
    """Write what changed, and remove pages of names that are gone."""
    FOLDER.mkdir(exist_ok=True)
    texts = {f"{name}.rst": entry(name, found) for name, found in public_names().items()}
    for path in FOLDER.glob("*.rst"):
        if path.name not in texts:
            path.unlink()
    for file, text in texts.items():
        if not (FOLDER / file).exists() or (FOLDER / file).read_text(encoding="utf-8") != text:
            (FOLDER / file).write_text(text, encoding="utf-8")


def check_entries(app: Sphinx, env: Any) -> None:
    """Each public name has an entry, and stands in one group of the contents."""
    described = env.get_domain("py").objects
    contents = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    listed = [line.strip() for line in contents.splitlines() if line.strip().startswith("foglight.")]
    for name, found in public_names().items():
        if f"foglight.{name}" not in described and not isinstance(found, ModuleType):
            LOG.warning("foglight.%s has no entry in the reference", name)
        if "." not in name and listed.count(f"foglight.{name}") != 1:
            LOG.warning("foglight.%s stands %d times in api.md", name, listed.count(f"foglight.{name}"))
        if source_of(name) is None and not isinstance(found, ModuleType):
            LOG.warning("foglight.%s: its source was not found", name)


def import_lazy(app: Sphinx) -> None:
    """Make every name of the door an attribute of it, as autodoc expects."""
    for name in fog.__all__:
        getattr(fog, name)


def plain_bars(app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    """A bar in a docstring is an absolute value or a condition, never a substitution of reStructuredText."""
    lines[:] = [line if line.lstrip().startswith(">>>") else line.replace("|", "\\|") for line in lines]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", import_lazy)
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", plain_bars, priority=900)
    app.connect("env-check-consistency", check_entries)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
