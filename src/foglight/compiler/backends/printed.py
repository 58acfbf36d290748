"""What the backends that print source text share: comments, names of variables, and look-ups that are tables of
constants."""

import re

from foglight.compiler.kernel import Kernel, Stage
from foglight.trace.program import Instruction


def plain(label: str) -> str:
    """The label without characters that could end a comment or start anything else."""
    return re.sub(r"[^A-Za-z0-9_ .,\[\]()^-]", "?", label)


def numbers_of(kernel: Kernel, mark: str) -> tuple[str, str]:
    """What is carried and what is read in each row, as lines of a comment; mark: what each begins with."""
    carry = [f"{mark}   carry[{i}]  {plain(label)}" for i, label in enumerate(kernel.carry)]
    inputs = [
        f"{mark}   {source}[{i}]  {plain(label)}"
        for source, labels in kernel.labels.items()
        for i, label in enumerate(labels)
    ]
    return "\n".join(carry), "\n".join(inputs)


def name_of(k: int, i: Instruction) -> str:
    """The variable of instruction k."""
    return f"{'m' if i.is_mask else 'r'}{k}"


def tables(stage: Stage) -> tuple[set[int], set[int]]:
    """The look-ups whose values are all constants, and the constants that are nowhere but in those."""
    code = stage.program.code
    found = {
        k for k, i in enumerate(code) if i.op == "lookup" and all(code[a].op == "const" for a in i.args[1:])
    }
    read = {a for k, i in enumerate(code) for a in (i.args[:1] if k in found else i.args)}
    read |= {k for ks in stage.program.outputs.values() for k in ks}
    return found, {a for k in found for a in code[k].args} - read
