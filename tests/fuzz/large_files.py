"""Files that are short to describe and not worth keeping: each within the readers' limits, or just beyond one."""

from collections.abc import Callable

WALK = """[motion]
kind = "constant_velocity"
axes = ["gap"]
accel = 0.4
[[sensor]]
name = "radar"
kind = "linear"
of = "gap"
std = 0.8
[start]
mean = [5, 0]
std = [5, 1]
"""


def walk(before: str, after: str) -> Callable[[], str]:
    """The model above with one piece replaced."""
    assert WALK.count(before) == 1
    return lambda: WALK.replace(before, after)


def listed(count: int, entry: str) -> str:
    return "[" + ",".join(entry.format(i) for i in range(count)) + "]"


MODELS: dict[str, Callable[[], str]] = {
    "whole number of 400 digits": walk("0.4", "9" * 400),
    "whole number of 5000 digits": walk("0.4", "9" * 5_000),
    "hexadecimal number of 5000 digits": walk("0.4", "0x" + "f" * 5_000),
    "kind is a hexadecimal number": walk('"linear"', "0x" + "f" * 5_000),
    "state has a hexadecimal name": walk('["gap"]', "[0x" + "f" * 5_000 + "]"),
    "list of lists": walk("[5, 0]", "[" * 5_000 + "]" * 5_000),
    "list of 200 lists": walk("[5, 0]", "[" * 200 + "]" * 200),
    "kind is a table of tables": walk('kind = "linear"', "kind" + ".a" * 3_000 + " = 1"),
    "std is a table of tables": walk("std = 0.8", "std" + ".a" * 3_000 + " = 1"),
    "key of 30,000 parts": lambda: "a" + ".a" * 30_000 + " = 1\n",
    "table of 30,000 parts": lambda: "[a" + ".a" * 30_000 + "]\n",
    "40,000 axes": walk('["gap"]', listed(40_000, '"a{}"')),
    "2,000 axes": walk('["gap"]', listed(2_000, '"a{}"')),
    "50,000 means": lambda: WALK.replace("[5, 0]", listed(50_000, "1")).replace("[5, 1]", listed(50_000, "1")),
    "20,000 sensors": lambda: WALK + "".join("[[sensor]]\nkind = 'range'\nname = 'a'\nstd=1\n" for _ in range(20_000)),
    "1,000,000 bytes of comment": lambda: WALK + "#" * (1_000_000 - len(WALK)),
    "1,000,001 bytes": lambda: WALK + "#" * (1_000_001 - len(WALK)),
}  # fmt: skip

LOGS: dict[str, Callable[[], str]] = {
    "stamp of 5000 digits": lambda: "time,z\n3000000." + "1" * 5_000 + ",1\n",
    "whole stamp of 5000 digits": lambda: "time,z\n" + "0" * 5_000 + "3000000,1\n",
    "exponent of 5000 digits": lambda: "time,z\n3000000e-" + "0" * 5_000 + ",1\n",
    "small exponent on a large stamp": lambda: "time,z\n3000000,1\n4000000e-0999999999,1\n",
    "cell at the limit": lambda: "time,z\n0," + "1" * 131_072 + "\n",
    "cell beyond the limit": lambda: "time,z\n0," + "1" * 131_073 + "\n",
    "name at the limit": lambda: "time," + "z" * 131_072 + "\n0,1\n",
    "cell of blanks": lambda: "time,z\n0," + " " * 1_000_000 + "1\n",
    "line of quotes": lambda: "time,z\n0," + '"' * 100_001 + "\n",
    "3,000 columns": lambda: "time," + listed(3_000, "c{}")[1:-1] + "\n" + "1," * 3_000 + "1\n",
    "100,000 blank lines": lambda: "time,z\n0,1\n" + "\n" * 100_000,
    "row of 2 MB": lambda: "time,z\n0," + '"\n' * 700_000 + "\n",
    "header of 2 MB": lambda: 'time,"' + '\n","' * 400_000 + '"\n0,1\n',
    "400,000 columns": lambda: "time," + "c," * 400_000 + "z\n",
    "10,000 tracks": lambda: "time,track,z\n" + "".join(f"0,t{k},1\n" for k in range(10_000)),
    "10,000 sensors": lambda: "time,sensor,z\n" + "".join(f"0,s{k},1\n" for k in range(10_000)),
    "dates of 9 digits and more": lambda: (
        "time,z\n" + "".join(f"2026-03-02T10:15:00.{'1' * k},1\n" for k in range(12))
    ),
    "late byte that is no UTF-8": lambda: "time,z\n" + "1,2\n" * 3_000 + "1,\udcff\n",
}
