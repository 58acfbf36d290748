// The part of a grid, logarithmic in both directions, that is above a level: marching squares.

import type { Point } from "./plot";

export interface Grid { x: number[]; y: number[]; values: number[] } // values row by row, a row for each y

interface Corner extends Point { value: number }

/** The part of a polygon whose values are at least `level`. */
function clipped(corners: Corner[], level: number): Point[] {
  const found: Point[] = [];
  corners.forEach((one, k) => {
    const next = corners[(k + 1) % corners.length] ?? one;
    if (one.value >= level) found.push(one);
    if (one.value >= level !== next.value >= level) {
      const share = (level - one.value) / (next.value - one.value);
      found.push({ x: one.x + share * (next.x - one.x), y: one.y + share * (next.y - one.y) });
    }
  });
  return found;
}

/** Twice as many points: those between are on cubics through their four neighbours. */
export function finer({ x, y, values }: Grid): Grid {
  const columns = x.map((_, i) => doubled(y.map((_row, j) => values[j * x.length + i] ?? 0)));
  const rows = Array.from({ length: 2 * y.length - 1 }, (_, j) => doubled(columns.map((column) => column[j] ?? 0)));
  return { x: doubled(x.map(Math.log)).map(Math.exp), y: doubled(y.map(Math.log)).map(Math.exp), values: rows.flat() };
}

function doubled(values: number[]): number[] {
  const at = (k: number): number => {
    const last = values.length - 1;
    if (k < 0) return 2 * at(0) - at(1); // straight on, beyond the ends
    if (k > last) return 2 * at(last) - at(last - 1);
    return values[k] ?? 0;
  };
  return values.flatMap((value, k) => (k + 1 === values.length ? [value]
    : [value, (9 * (value + at(k + 1)) - at(k - 1) - at(k + 2)) / 16]));
}

/** Polygons that together are where the grid is at least `level`; whole cells of a row are one. */
export function above({ x, y, values }: Grid, level: number): Point[][] {
  const corner = (i: number, j: number): Corner => ({ x: x[i] ?? 0, y: y[j] ?? 0, value: values[j * x.length + i] ?? -Infinity });
  const found: Point[][] = [];
  for (let j = 0; j + 1 < y.length; j++) {
    let from = -1; // the first of whole cells side by side
    for (let i = 0; i < x.length; i++) {
      const [a, b, c, d] = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
      const cell = i + 1 < x.length;
      const whole = cell && Math.min(a.value, b.value, c.value, d.value) >= level;
      if (whole && from < 0) from = i;
      if (!whole && from >= 0) {
        found.push([corner(from, j), a, d, corner(from, j + 1)]);
        from = -1;
      }
      const part = whole || !cell ? [] : clipped([a, b, c, d], level);
      if (part.length > 2) found.push(part);
    }
  }
  return found;
}
