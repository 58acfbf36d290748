// Seeds of the figures: a small generator of their own, which is not that of `fog.simulate`.
// Xorshift with 32 bits (Marsaglia 2003), then the normal numbers of a kernel, so that a seed looks alike in all browsers.

import * as kernel from "./kernels/normals.kernel.js";

const NONE = new Float64Array(0);

/** `count` normal numbers, an even count, the same for the same seed everywhere. */
export function normals(seed: number, count: number): Float64Array {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1; // never 0
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296; // in (0, 1)
  };
  for (let k = 0; k < 20; k++) uniform(); // small seeds are far apart after this
  const rows = count / 2;
  const found = new Float64Array(count);
  kernel.scan(rows, new Float64Array(2), new Float64Array(rows), NONE, NONE, Float64Array.from({ length: count }, uniform), NONE, found);
  return found;
}
