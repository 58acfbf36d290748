// Columns of numbers: unpacked when they are first drawn.

import type { Column } from "./document";

export class Columns {
  private readonly unpacked = new Map<number, Float64Array>();

  constructor(private readonly packed: Column[]) {}

  /** The numbers of a column; NaN is missing. */
  at(index: number): Float64Array {
    let found = this.unpacked.get(index);
    if (found === undefined) {
      const column = this.packed[index];
      if (column === undefined) throw new Error(`there is no column ${index}`);
      found = numbersOf(column);
      this.unpacked.set(index, found);
    }
    return found;
  }

  /** The same for a plot: null where a value is missing, which breaks a line. */
  gapped(index: number): ArrayLike<number | null> {
    const numbers = this.at(index);
    let gap = 0;
    while (gap < numbers.length && Number.isFinite(numbers[gap])) gap++;
    return gap === numbers.length ? numbers : Array.from(numbers, (value) => (Number.isFinite(value) ? value : null));
  }
}

function numbersOf(column: Column): Float64Array {
  if (typeof column.data !== "string") {
    const found = Float64Array.from(column.data);
    if (column.offset !== 0) for (let k = 0; k < found.length; k++) found[k] = (found[k] ?? NaN) + column.offset;
    return found;
  }
  const text = atob(column.data);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  const view = new DataView(bytes.buffer);
  const size = column.type === "f8" ? 8 : 4;
  const found = new Float64Array(bytes.length / size);
  for (let k = 0; k < found.length; k++) {
    const value = size === 8 ? view.getFloat64(k * 8, true) : view.getFloat32(k * 4, true);
    found[k] = value + column.offset;
  }
  return found;
}
