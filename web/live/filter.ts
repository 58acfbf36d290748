// Runs the kernels, and reads their records. The numbers are those of `fog.run`, to the bit.

import * as curvedEkf from "./kernels/curved-ekf.kernel.js";
import * as curvedUkf from "./kernels/curved-ukf.kernel.js";
import * as level from "./kernels/level.kernel.js";
import * as plane from "./kernels/plane.kernel.js";

const KERNELS = { level, plane, "curved-ekf": curvedEkf, "curved-ukf": curvedUkf };
const NONE = new Float64Array(0);

export type KernelName = keyof typeof KERNELS;

/** What a filter reads: the carried numbers at the start, steps in seconds, readings, parameters. */
export interface Given { kernel: KernelName; start: number[]; dt: Float64Array; z: Float64Array; params: number[] }

/** What it gave: the carried numbers at the end, and the record of each row. */
export interface Run extends Given { carry: Float64Array; records: Float64Array }

export function run(given: Given): Run {
  const kernel = KERNELS[given.kernel];
  const rows = given.dt.length;
  const carry = Float64Array.from([...given.start, 0, 0]);
  const records = new Float64Array(rows * kernel.RECORD);
  kernel.scan(rows, carry, given.dt, NONE, NONE, given.z, Float64Array.from(given.params), records);
  return { ...given, carry, records };
}

/** The log-likelihood of all readings. */
export function loglik(found: Run): number {
  return found.carry[found.carry.length - 2] ?? NaN;
}

/** One number of each row's record. */
export function column(found: Run, index: number): number[] {
  const width = KERNELS[found.kernel].RECORD;
  return Array.from({ length: found.dt.length }, (_, k) => found.records[k * width + index] ?? NaN);
}

/** A row without a reading, of length dt; with dt = 0 and a reading, only the reading. */
export function oneRow(kernel: KernelName, start: number[], dt: number, z: number, params: number[]): Run {
  return run({ kernel, start, dt: Float64Array.of(dt), z: Float64Array.of(z), params });
}

/** Steps of a second; the start is the belief at the first row. */
export function seconds(rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, k) => (k === 0 ? 0 : 1));
}
