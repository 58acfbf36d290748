// Gaussians in the plane: from what a kernel carries to a covariance, and from that to an ellipse.

import type { Point } from "./plot";

export interface Gaussian { x: number; y: number; xx: number; xy: number; yy: number }

/** The belief in the carried numbers: mean, D0, U01, D1, with P = U D Uᵀ. */
export function gaussianOf(carried: ArrayLike<number>): Gaussian {
  const [x = NaN, y = NaN, first = NaN, u = NaN, second = NaN] = Array.from(carried);
  return { x, y, xx: first + u * u * second, xy: u * second, yy: second };
}

/** The carried numbers of independent components. */
export function carriedOf(x: number, y: number, xx: number, yy: number): number[] {
  return [x, y, xx, 0, yy];
}

/** Part of the way from one Gaussian to another. */
export function between(a: Gaussian, b: Gaussian, share: number): Gaussian {
  const mixed = (one: number, other: number): number => one + share * (other - one);
  return { x: mixed(a.x, b.x), y: mixed(a.y, b.y), xx: mixed(a.xx, b.xx), xy: mixed(a.xy, b.xy), yy: mixed(a.yy, b.yy) };
}

/** The line that is `size` standard deviations from the mean. */
export function ellipse({ x, y, xx, xy, yy }: Gaussian, size = 2, count = 72): Point[] {
  const a = Math.sqrt(xx);
  const b = xy / a;
  const c = Math.sqrt(Math.max(0, yy - b * b)); // the Cholesky factor
  return Array.from({ length: count + 1 }, (_, k) => {
    const turn = (2 * Math.PI * k) / count;
    const [u, v] = [size * Math.cos(turn), size * Math.sin(turn)];
    return { x: x + a * u, y: y + b * u + c * v };
  });
}

/** The share of points within `size` standard deviations of a Gaussian. */
export function within(points: Point[], { x, y, xx, xy, yy }: Gaussian, size = 2): number {
  const limit = size * size * (xx * yy - xy * xy);
  const inside = ({ x: a, y: b }: Point): boolean =>
    yy * (a - x) ** 2 - 2 * xy * (a - x) * (b - y) + xx * (b - y) ** 2 <= limit;
  return points.filter(inside).length / points.length;
}

/** Mean and covariance of points. */
export function moments(points: Point[]): Gaussian {
  const n = points.length;
  const sum = (f: (point: Point) => number): number => points.reduce((total, point) => total + f(point), 0) / n;
  const [x, y] = [sum((p) => p.x), sum((p) => p.y)];
  return {
    x, y, xx: sum((p) => (p.x - x) ** 2), xy: sum((p) => (p.x - x) * (p.y - y)), yy: sum((p) => (p.y - y) ** 2),
  };
}
