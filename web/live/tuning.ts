// Tuning: how likely the readings are for every q and r, and how the NIS judges the ones that were chosen.

import { above, finer, type Grid } from "./contours";
import type { Kind } from "./figure";
import { column, loglik, run, seconds, type Run } from "./filter";
import { Plot, type Point } from "./plot";
import { normals } from "./random";
import { number } from "./words";

const ROWS = 100;
const TRUE = { q: 0.5, r: 4 };
const START = [10, 10]; // m, m²
const SPAN = [0.01, 100] as const;
const SIDE = 15; // points of the grid along each axis
const CLOSER = 12; // times that the search for the maximum looks around
const LEVELS = [30, 10, 3, 1]; // below the maximum
const BOUND = 3.841; // 95 % of the NIS of one number
const TOP = 12; // of the axis of the NIS
const BESIDE = 600; // pixels, from which two plots are side by side
const MEANS = [0.742, 1.296] as const; // 95 % of the mean of 100 of them

interface Log { truth: number[]; z: Float64Array; regions: Point[][][]; best: Point; most: number }

function filtered(z: Float64Array, q: number, r: number): Run {
  return run({ kernel: "level", start: START, dt: seconds(ROWS), z, params: [q, 1, r] });
}

/** A walk with the true q, and readings of it with the true r. */
function world(seed: number): { truth: number[]; z: Float64Array } {
  const drawn = normals(seed, 2 * ROWS);
  let at = START[0] ?? 0;
  const truth = Array.from({ length: ROWS }, (_, k) => {
    if (k > 0) at += Math.sqrt(TRUE.q) * (drawn[2 * k] ?? 0);
    return at;
  });
  return { truth, z: Float64Array.from(truth, (x, k) => x + Math.sqrt(TRUE.r) * (drawn[2 * k + 1] ?? 0)) };
}

function spaced(low: number, high: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => low * (high / low) ** (k / (count - 1)));
}

function gridOf(z: Float64Array, x: number[], y: number[]): Grid {
  return { x, y, values: y.flatMap((r) => x.map((q) => loglik(filtered(z, q, r)))) };
}

function highest({ x, y, values }: Grid): Point {
  const at = values.indexOf(Math.max(...values));
  return { x: x[at % x.length] ?? NaN, y: y[Math.floor(at / x.length)] ?? NaN };
}

/** The log of a seed, where its likelihood is high, and the maximum: a search from the best point of the grid. */
function logOf(seed: number): Log {
  const { truth, z } = world(seed);
  const [low, high] = SPAN;
  const grid = gridOf(z, spaced(low, high, SIDE), spaced(low, high, SIDE));
  let best = highest(grid);
  let ratio = (high / low) ** (1 / (SIDE - 1));
  for (let k = 0; k < CLOSER; k++) {
    const around = (value: number): number[] => [Math.max(low, value / ratio), value, Math.min(high, value * ratio)];
    const found = highest(gridOf(z, around(best.x), around(best.y)));
    if (found.x === best.x && found.y === best.y) ratio = Math.sqrt(ratio);
    best = found;
  }
  const most = loglik(filtered(z, best.x, best.y));
  const fine = finer(grid);
  return { truth, z, regions: LEVELS.map((level) => above(fine, most - level)), best, most };
}

const kept: { seed: number; log: Log | null } = { seed: NaN, log: null };

function known(seed: number): Log {
  if (kept.log === null || kept.seed !== seed) {
    kept.log = logOf(seed);
    kept.seed = seed;
  }
  return kept.log;
}

/** The estimate beside what it is made from. */
function walk({ truth, z }: Log, found: Run, width: number): Plot {
  const all = [...truth, ...z];
  const [low, high] = [Math.min(...all) - 0.5, Math.max(...all) + 0.5];
  const plot = new Plot({
    width, height: width < BESIDE ? 150 : 210, name: "The gap over time", left: 40,
    x: { span: [0, ROWS - 1], label: "time, s" }, y: { span: [low, high], label: "gap, m" },
  });
  const at = (values: ArrayLike<number>): Point[] => Array.from(values, (y, x) => ({ x, y }));
  const [mean, deviation] = [column(found, 0), column(found, 1).map(Math.sqrt)];
  const edge = (sign: number): Point[] => at(mean.map((m, k) => m + 2 * sign * (deviation[k] ?? 0)));
  plot.area([...edge(1), ...edge(-1).reverse()], "filtered");
  return plot.dots(at(z), "measured small").line(at(truth), "truth").line(at(mean), "filtered");
}

function map(log: Log, q: number, r: number, width: number, height: number): Plot {
  const plot = new Plot({
    width, height, name: "How likely the readings are, over q and r",
    x: { span: SPAN, label: "q, m²/s", log: true }, y: { span: SPAN, label: "r, m²", log: true },
  });
  for (const region of log.regions) plot.areas(region, "filtered");
  return plot.mark({ x: TRUE.q, y: TRUE.r }, "truth hollow").cross(log.best, "text").mark({ x: q, y: r }, "alarm");
}

function judged(found: Run, width: number, height: number): { plot: Plot; out: number; mean: number } {
  const nis = column(found, 3);
  const plot = new Plot({
    width, height, name: "The NIS of each reading",
    x: { span: [0, ROWS - 1], label: "time, s" }, y: { span: [0, TOP], label: "NIS" },
  });
  const at = nis.map((y, x) => ({ x, y: Math.min(y, TOP - 0.25) }));
  const mean = nis.reduce((total, value) => total + value, 0) / ROWS;
  plot.area([{ x: -9, y: 0 }, { x: -9, y: BOUND }, { x: ROWS + 9, y: BOUND }, { x: ROWS + 9, y: 0 }], "bound").level(BOUND, "bound thin");
  plot.level(mean, "text thin dashes");
  plot.dots(at.filter(({ y }) => y <= BOUND), "filtered").dots(at.filter(({ y }) => y > BOUND), "alarm");
  return { plot, out: nis.filter((value) => value > BOUND).length, mean };
}

export const tuning: Kind = {
  title: "what q and r do, how likely they are, and what the NIS says of them",
  controls: [
    { name: "q", text: "variance of the walk", unit: "m²/s", low: 0.01, high: 100, value: 0.03, log: true },
    { name: "r", text: "variance of a reading", unit: "m²", low: 0.01, high: 100, value: 1, log: true },
    { name: "seed", text: "which noise", low: 1, high: 100, value: 3, whole: true },
  ],
  buttons: [
    {
      text: "Go to the maximum", act: ({ seed = 0 }) => {
        const { best } = known(seed);
        return { q: Number(best.x.toPrecision(3)), r: Number(best.y.toPrecision(3)) };
      },
    },
    { text: "New noise", act: ({ seed = 0 }) => ({ seed: (seed % 100) + 1 }) },
  ],
  legend: [
    { name: "readings", kind: "measured", style: "dots" },
    { name: "truth", kind: "truth", style: "line" },
    { name: "estimate, ± 2 standard deviations", kind: "filtered", style: "line" },
    { name: "log-likelihood 30, 10, 3, 1 below its maximum", kind: "filtered", style: "area" },
    { name: "the maximum", kind: "text", style: "cross" },
    { name: "true q and r", kind: "truth", style: "mark" },
    { name: "yours", kind: "alarm", style: "mark" },
    { name: "NIS: 95 of 100 belong in the grey band", kind: "bound", style: "area" },
  ],
  draw({ q = 0, r = 0, seed = 0 }, width) {
    const log = known(seed);
    const found = filtered(log.z, q, r);
    const [each, height] = width < BESIDE ? [width, 190] : [Math.floor((width - 12) / 2), 280];
    const { plot, out, mean } = judged(found, each, height);
    const judgement = mean > MEANS[1] ? "The filter is too sure of itself." : mean < MEANS[0] ? "The filter is too cautious."
      : "The filter is as sure as it may be.";
    const missing = log.most - loglik(found);
    const compared = missing < 0.05 ? "No q and r are more likely." : `The log-likelihood is ${number(missing)} below its maximum, at `
      + `q = ${number(log.best.x)} and r = ${number(log.best.y)}.`;
    const says = `${out} of ${ROWS} readings are outside the band, where 5 are due; the mean NIS is ${number(mean)}, where 1 is due. `
      + `${judgement} ${compared}`;
    return { plots: [walk(log, found, width).svg, map(log, q, r, each, height).svg, plot.svg], says, runs: { level: found } };
  },
};
