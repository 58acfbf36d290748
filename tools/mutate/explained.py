"""tests/mutation.md: the survivors that are known, and why they may live."""

import re
from dataclasses import dataclass

from tools.mutate.mutants import Mutant, mutants, named
from tools.mutate.tree import PACKAGE, ROOT

PAGE = ROOT / "tests/mutation.md"
ENTRY = re.compile(r"^- `(?P<key>[0-9a-f]{8})` (?P<module>\S+\.py)\b")


@dataclass(frozen=True)
class Explanation:
    """One entry: the mutant's key, its module, and the heading it stands under."""

    key: str
    module: str
    heading: str

    @property
    def equivalent(self) -> bool:
        """Whether the heading claims that no test could tell."""
        return self.heading.lower().startswith("equivalent")


def read() -> dict[str, Explanation]:
    """The entries by key. An entry is a line `- \\`key\\` module.py …` under a heading."""
    heading, entries = "", {}
    for line in PAGE.read_text().splitlines() if PAGE.exists() else ():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif match := ENTRY.match(line):
            entries[match["key"]] = Explanation(match["key"], match["module"], heading)
    return entries


def entry(mutant: Mutant) -> str:
    """The line that would explain a mutant."""
    place = named(mutant.module, mutant.function, mutant.before)
    return f"- `{mutant.key}` {place} → `{mutant.after}`"


def stale() -> list[Explanation]:
    """The entries that name no mutant of the present source."""
    page, entries = PAGE.read_text(), read()
    paths = [PACKAGE / module for module in sorted({entry.module for entry in entries.values()})]
    present = {(m.module, m.key) for path in paths if path.exists() for m in mutants(path, page)}
    return [entry for entry in entries.values() if (entry.module, entry.key) not in present]
