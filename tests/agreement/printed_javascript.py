"""JavaScript that Foglight wrote, run by Node on the arrays of a scan."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.compiler.backends import javascript
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel

# Reads one file with the tracks of all kernels one after the other, writes what each carries and records.
SCRIPT = """
import { readFileSync, writeFileSync } from "node:fs";
for (const job of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const kernel = await import(job.module);
  const Real = job.wide ? Float64Array : Float32Array;
  const whole = job.arrays.map((name) => {
    const data = readFileSync(name);
    return new Real(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
  });
  const parts = [];
  for (let track = 0; track < job.tracks; track++) {
    const [carry, ...given] = whole.map((all) => {
      const size = all.length / job.tracks;
      return all.slice(track * size, (track + 1) * size);
    });
    const out = new Real(job.rows * kernel.RECORD);
    kernel.scan(job.rows, carry, ...given, out);
    parts.push(Buffer.from(carry.buffer), Buffer.from(out.buffer));
  }
  writeFileSync(job.out, Buffer.concat(parts));
}
"""


def need_node() -> str:
    """The path of Node; skip, visibly, where there is none."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node absent: printed JavaScript is not run")
    return node


def run(jobs: list[tuple[Kernel, Arrays]], folder: Path) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """carry_out and records of each kernel on its arrays, in one process of Node."""
    node = need_node()
    described = []
    for number, (kernel, arrays) in enumerate(jobs):
        module = folder / f"kernel{number}.mjs"
        module.write_text(javascript.text(kernel))
        described.append(job(kernel, arrays, module, folder / f"{number}"))
    return finished(node, described, jobs, folder)


def job(kernel: Kernel, arrays: Arrays, module: Path, stem: Path) -> dict[str, Any]:
    """The arrays of one kernel as files, each with a leading axis of tracks, and where they are."""
    tracks, files = arrays.tracks, []
    for name in ("carry", "dt", "u", "row", "z", "params"):
        array = getattr(arrays, name)
        whole = array[None] if name in ("dt", "params") else array
        files.append(f"{stem}.{name}")
        np.ascontiguousarray(np.broadcast_to(whole, (tracks, *whole.shape[1:]))).tofile(files[-1])
    return {
        "module": module.as_uri(),
        "wide": kernel.dtype == "float64",
        "tracks": tracks,
        "rows": len(arrays.dt),
        "arrays": files,
        "out": f"{stem}.out",
    }


def finished(
    node: str, described: list[dict[str, Any]], jobs: list[tuple[Kernel, Arrays]], folder: Path
) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Run these jobs, and read what they wrote."""
    script, listed = folder / "scan.mjs", folder / "jobs.json"
    script.write_text(SCRIPT)
    listed.write_text(json.dumps(described))
    done = subprocess.run([node, script, listed], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    results = []
    for one, (kernel, arrays) in zip(described, jobs, strict=True):
        tracks, rows = arrays.tracks, len(arrays.dt)
        found = np.fromfile(one["out"], kernel.dtype).reshape(tracks, kernel.carried + rows * kernel.width)
        records = found[:, kernel.carried :].reshape(tracks, rows, kernel.width)
        results.append((np.ascontiguousarray(found[:, : kernel.carried]), np.ascontiguousarray(records)))
    return results
