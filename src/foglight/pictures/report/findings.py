"""The sentences of a check, each with the picture that shows it, and the rows that they accuse."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from foglight.diagnostics.check.health import Code, Finding, Health
from foglight.inference.run import Run
from foglight.pictures.plot.tracks import Track
from foglight.pictures.report.document import Block, Document

# What shows a fault best; where there is no such picture of its subject, the next kind is tried.
_KINDS = {
    Code.R_SMALL: ("innovation", "nis"),
    Code.R_LARGE: ("innovation", "nis"),
    Code.Q_SMALL: ("whiteness", "innovation"),
    Code.Q_LARGE: ("whiteness", "innovation"),
    Code.COLOURED: ("whiteness", "innovation"),
    Code.BIAS: ("innovation", "reading"),
    Code.DYNAMICS: ("innovation", "reading"),
    Code.CURVED: ("nis", "innovation"),
    Code.LOST: ("nis", "reading"),
    Code.START: ("state", "innovation"),
    Code.DIVERGED: ("state", "reading"),
}
_OTHERS = ("reading", "innovation")
_ALL = ("state", "reading", "innovation", "whiteness", "nis")


def sentences_block(page: Document, health: Health) -> Block:
    """The findings and notes of a check. Made after the pictures, which it links to."""
    items = [
        {"mark": str(finding.code), "text": finding.sentence, "bad": True, "picture": picture_of(page, finding)}
        for finding in health.findings
    ]  # fmt: skip
    if not items:
        items = [{"mark": "OK", "text": "Nothing speaks against the model.", "bad": False, "picture": None}]
    items += [{"mark": "Note", "text": note, "bad": False, "picture": None} for note in health.notes]
    return page.block("sentences", "What the check says", items=items)


def picture_of(page: Document, finding: Finding) -> str | None:
    """The picture that shows a finding best; None if the page has no picture."""
    preferred = _KINDS.get(finding.code, _OTHERS)
    kinds = [*preferred, *(kind for kind in _ALL if kind not in preferred)]
    for subject in _subjects(finding.subject):
        for kind in kinds:
            for (known, shown), name in page.pictures.items():
                if known == kind and (shown == subject or shown.startswith(f"{subject}.")):
                    return name
    return next((name for kind in kinds for (known, _), name in page.pictures.items() if known == kind), None)


def _subjects(subject: str) -> Iterator[str]:
    """What a finding is about, then wider: `radar.range`, then `radar`; of a pair each."""
    yield subject
    for part in subject.split(", "):
        yield part
        if "." in part:
            yield part.partition(".")[0]


def accused(run: Run, health: Health, track: Track) -> dict[str, NDArray[np.int64]]:
    """The rows of a track that findings name, by the measure that they are about."""
    found: dict[str, list[int]] = {}
    for finding in health.findings:
        for name in run.model.components:
            if finding.rows and any(
                name == s or name.startswith(f"{s}.") for s in _subjects(finding.subject)
            ):
                found.setdefault(name, []).extend(finding.rows)
    rows = _of_all(run, track)
    return {name: np.flatnonzero(np.isin(rows, given)) for name, given in found.items()}


def _of_all(run: Run, track: Track) -> NDArray[np.int64]:
    """The numbers of a track's rows among those of all tracks, one after another."""
    count = len(track.time)
    return track.number * count + np.arange(count) if track.rows is None else track.rows
