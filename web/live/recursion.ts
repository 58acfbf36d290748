// Again and again: a walk in the fog, its readings, the estimate with its band, and the gain that settles.

import type { Kind } from "./figure";
import { column, run, seconds, type Run } from "./filter";
import { Plot } from "./plot";
import { normals } from "./random";
import { number, share } from "./words";

const ROWS = 60;
const FROM = 2; // m, where he is expected at first
const SWAY = 0.4; // m, how far he may be from there
const H = 2; // there and back

interface World { truth: number[]; z: Float64Array }

/** A walk of variance q between two readings of variance r, from the numbers of a seed. */
function world(seed: number, q: number, r: number): World {
  const drawn = normals(seed, 2 * ROWS);
  let at = FROM;
  const truth = Array.from({ length: ROWS }, (_, k) => {
    at += (k === 0 ? SWAY : Math.sqrt(q)) * (drawn[2 * k] ?? 0);
    return at;
  });
  return { truth, z: Float64Array.from(truth, (x, k) => H * x + Math.sqrt(r) * (drawn[2 * k + 1] ?? 0)) };
}

/** The gain of each row: K = P' h / r. */
function gains(found: Run, r: number): number[] {
  return column(found, 1).map((p) => (p * H) / r);
}

export const recursion: Kind = {
  title: "a filter that takes one reading after the other",
  controls: [
    { name: "q", text: "variance of his sway", unit: "m²", low: 0.0005, high: 1, value: 0.01, log: true },
    { name: "r", text: "variance of the radar's error", unit: "m²", low: 0.05, high: 50, value: 2.56, log: true },
    { name: "start", text: "the first guess", unit: "m", low: -2, high: 6, value: 2 },
    { name: "p", text: "variance of the first guess", unit: "m²", low: 0.001, high: 100, value: 0.16, log: true },
    { name: "seed", text: "which noise", low: 1, high: 100, value: 16, whole: true },
  ],
  buttons: [{ text: "New noise", act: ({ seed = 0 }) => ({ seed: (seed % 100) + 1 }) }],
  legend: [
    { name: "first guess", kind: "predicted", style: "mark" },
    { name: "truth", kind: "truth", style: "line" },
    { name: "readings, z / h", kind: "measured", style: "dots" },
    { name: "estimate", kind: "filtered", style: "line" },
    { name: "its band, ± 2 standard deviations", kind: "filtered", style: "area" },
  ],
  draw({ q = 0, r = 0, start = 0, p = 0, seed = 0 }, width) {
    const { truth, z } = world(seed, q, r);
    const found = run({ kernel: "level", start: [start, p], dt: seconds(ROWS), z, params: [q, H, r] });
    const mean = column(found, 0);
    const deviation = column(found, 1).map(Math.sqrt);
    const readings = Array.from(z, (value) => value / H);
    const all = [...truth, ...readings, ...mean, start];
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const margin = 0.08 * (high - low);
    const time = { span: [-1, ROWS - 1] as const, label: "reading" };
    const plot = new Plot({
      width, height: Math.round(Math.min(330, 150 + 0.35 * width)), name: "The gap, reading after reading", x: time,
      left: 40, y: { span: [low - margin, high + margin], label: "gap, m" },
    });
    const at = (values: ArrayLike<number>): { x: number; y: number }[] => Array.from(values, (y, x) => ({ x, y }));
    const upper = at(mean.map((m, k) => m + 2 * (deviation[k] ?? 0)));
    const lower = at(mean.map((m, k) => m - 2 * (deviation[k] ?? 0)));
    plot.area([...upper, ...lower.reverse()], "filtered").line(at(truth), "truth").dots(at(readings), "measured").line(at(mean), "filtered");
    const guess = 2 * Math.sqrt(p);
    plot.line([{ x: 0, y: start - guess }, { x: 0, y: start + guess }], "predicted").mark({ x: 0, y: start }, "predicted", 5);
    const k = gains(found, r);
    const last = k[ROWS - 1] ?? NaN;
    const settled = k.findIndex((_, row) => k.slice(row).every((gain) => Math.abs(gain - last) < 0.05 * last));
    const below = new Plot({
      width, height: 150, left: 40, name: "The gain, reading after reading", x: time, y: { span: [0, [0.05, 0.1, 0.2].find((top) => 0.95 * top > Math.max(...k)) ?? 1.05 / H], label: "gain k" },
    });
    below.level(last, "bound thin dashes").line(at(k), "filtered").dots(at(k), "filtered small");
    const held = truth.filter((x, row) => Math.abs(x - (mean[row] ?? NaN)) <= 2 * (deviation[row] ?? 0)).length;
    const says = `The gain settles at ${number(last)} after ${settled + 1} ${settled === 0 ? "reading" : "readings"}: each new one then `
      + `counts for ${share(last * H)}. The truth is within the band in ${held} of ${ROWS} rows.`;
    return { plots: [plot.svg, below.svg], says, runs: { level: found } };
  },
};
