"""`fog.save_many` and `fog.restore_many`: thousands of live filters in one file."""

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from foglight.core.atomic_file import target_of
from foglight.core.errors import ModelError, StateError
from foglight.core.text import listed
from foglight.live import filter_store
from foglight.live.filter import Live
from foglight.live.filter_store import Group, Position
from foglight.live.online import live_from
from foglight.live.packed_state import Sizes, origin_in, unpack
from foglight.live.saved_state import SavedState, about
from foglight.model.model import Model

_SHOWN = 5


def save_many(path: str | Path, filters: Mapping[str, Live]) -> None:
    """Append the complete states of many live filters to one file, for `fog.restore_many`.

    The newest state of each name counts; filters that are not given keep theirs, so that a save may hold only those
    that were fed. Once this has returned, the file survives a loss of power. If it is interrupted, the file holds what
    it held before. Superseded states are dropped when they take up four fifths of the file.

    Parameters
    ----------
    path : str or path
        The file. One process at a time may save to it.
    filters : dict of str to Live
        The filters by name.

    Raises
    ------
    DataError
        If the file cannot be written.
    StateError
        If the file is not one of this function, or a function of a model is a `fog.opaque` without a key.

    Examples
    --------
    >>> filters = {f"pump {k}": fog.online(model) for k in range(3)}
    >>> fog.save_many("pumps.live", filters)
    >>> sorted(fog.restore_many("pumps.live", model))
    ['pump 0', 'pump 1', 'pump 2']
    """
    if not isinstance(filters, Mapping):
        raise ModelError.expected("filters", filters, "live filters by name", "Write {'pump 7': live}.")
    groups: dict[Any, Group] = {}
    for name, live in filters.items():
        if not isinstance(name, str) or not isinstance(live, Live):
            raise ModelError.expected(
                "filters", live, "live filters by name, a text", "Write {'pump 7': live}.", index=name
            )
        key = live._kind
        if key not in groups:
            said = about(live.fingerprint, live.method, live.options)
            groups[key] = Group({**said, "labels": list(live._stepper.kernel.carry)}, {})
        entries: Any = groups[key].entries
        entries[name] = live._packed()
    filter_store.append(Path(path), list(groups.values()))


def restore_many(
    path: str | Path, model: Model | Mapping[str, Model], names: Iterable[str] | None = None
) -> dict[str, Live]:
    """Restore the filters that `fog.save_many` wrote. Each continues with the same bits.

    A save that was interrupted is left out, with a warning: the states are then those of the save before it.

    Parameters
    ----------
    path : str or path
        The file.
    model : Model or dict of str to Model
        The model that the filters were made with; by name where they have several.
    names : iterable of str, default all
        The filters to restore.

    Returns
    -------
    dict of str to Live
        The filters by name, with their methods, options, histories and counts.

    Raises
    ------
    StateError
        If the file cannot be read or is altered; if it has no filter of a name, or one that is damaged or was saved
        for another model. The message names the filter.

    Examples
    --------
    >>> fog.save_many("one.live", {"pump 7": fog.online(model)})
    >>> fog.restore_many("one.live", model, ["pump 7"])
    {'pump 7': Live(EKF(), 0 rows, nothing yet)}
    """
    target = target_of(Path(path))
    file, found = filter_store.read(target)
    with file:
        if found.interrupted:
            warnings.warn(
                f"{path}: the last save was interrupted. Restored the filters of the save before it.",
                stacklevel=2,
            )
        wanted = list(found.positions) if names is None else list(names)
        restored: dict[str, Live] = {}
        likes: dict[tuple[int, int], Live] = {}  # one filter of each group of the file and model
        for name in wanted:
            if name not in found.positions:
                some = listed([repr(one) for one in list(found.positions)[:_SHOWN]])
                raise StateError(
                    f"{path} has no filter {name!r}: expected one of {some}"
                    f"{', …' * (len(found.positions) > _SHOWN)}. Start it with fog.online.",
                    field="names", value=name,
                )  # fmt: skip
            position = found.positions[name]
            content = filter_store.entry_at(file, name, position, target)
            own = _model_of(model, name)
            kind = (id(position.about), id(own))
            live = _filter_in(content, position, own, f"{path}, {name!r}", likes.get(kind))
            restored[name] = likes[kind] = live
    return restored


def _model_of(models: Model | Mapping[str, Model], name: str) -> Model:
    found = models.get(name) if isinstance(models, Mapping) else models
    if not isinstance(found, Model):
        raise ModelError.expected(
            "model", found, "a fog.Model", "Build the model that the filter was made with.", index=name
        )
    return found


def _filter_in(content: bytes, position: Position, model: Model, where: str, like: Live | None) -> Live:
    """The filter in an entry. StateError if it is for another model, or the content is not what a filter writes."""

    def read(empty: SavedState) -> dict[str, Any]:
        sizes = Sizes(
            len(empty.carry), len(empty.record), len(empty.reports), len(model.controls), len(model.inputs)
        )
        return unpack(content, sizes, model.sensor_names)

    expected = "an entry that fog.save_many wrote"
    return live_from(position.about, model, where, lambda: origin_in(content), read, expected, like)
