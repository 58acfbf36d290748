"""The tuned model as TOML: as text, and as a new file beside the model."""

import re
from pathlib import Path

from foglight.core.atomic_file import whole_file
from foglight.core.errors import DataError, ModelError
from foglight.model.model_text import with_values
from foglight.pictures.studio.session import Session

_LONGEST = 100  # characters of a name
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]*\.toml", re.ASCII)
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)", re.IGNORECASE)


def toml_of(session: Session) -> str:
    """The model as TOML with the parameters as they are now. ModelError for a model that was not made from TOML."""
    text = session.given.text
    if text is None:
        raise ModelError(
            "the model was not read from TOML: expected a model.toml on the command line. Copy the Python instead.",
            field="model", value=session.given.title,
        )  # fmt: skip
    before, now = session.given.model.parameters, session.settings.model.parameters
    return with_values(text, {name: value for name, value in now.items() if value != before[name]})


def save(session: Session, name: str, own: set[Path]) -> Path:
    """Write the model beside its file, under a new name. own: the files that this studio saved before.

    DataError for a name that is not that of a plain TOML file, and for a file that exists and is not one of these.
    """
    file = session.given.file
    if file is None:
        raise DataError.expected("name", name, "a model with a file", "Download the TOML instead.")
    text = toml_of(session)
    target = _beside(file, name)
    if (target.exists() or target.is_symlink()) and target not in own:
        raise DataError.expected(
            "name", name, "the name of a new file, since this one exists", "Choose another."
        )
    with whole_file(target) as out:
        out.write(text)
    own.add(target)
    return target


def _beside(file: Path, name: str) -> Path:
    """The path of a file of this name in the folder of another."""
    plain = isinstance(name, str) and len(name) <= _LONGEST and _NAME.fullmatch(name) is not None
    if not plain or _DEVICES.fullmatch(name.split(".")[0].strip()):
        raise DataError.expected(
            "name", name, "a plain file name that ends in .toml, of letters, digits, spaces, - and _",
            "Write tuned.toml.",
        )  # fmt: skip
    folder = file.resolve().parent
    target = folder / name
    if target.parent != folder:
        raise DataError.expected("name", name, f"a file in {folder}", "Write tuned.toml.")
    return target
