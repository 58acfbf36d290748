"""What the backends that print source text share: labels as comments, and look-ups that are tables of constants."""

import re

from foglight.compiler.kernel import Stage


def plain(label: str) -> str:
    """The label without characters that could end a comment or start anything else."""
    return re.sub(r"[^A-Za-z0-9_ .,\[\]()^-]", "?", label)


def tables(stage: Stage) -> tuple[set[int], set[int]]:
    """The look-ups whose values are all constants, and the constants that are nowhere but in those."""
    code = stage.program.code
    found = {
        k for k, i in enumerate(code) if i.op == "lookup" and all(code[a].op == "const" for a in i.args[1:])
    }
    read = {a for k, i in enumerate(code) for a in (i.args[:1] if k in found else i.args)}
    read |= {k for ks in stage.program.outputs.values() for k in ks}
    return found, {a for k in found for a in code[k].args} - read
