// One radar in the fog: a belief, a reading, and what they say together.

import type { Kind } from "./figure";
import { oneRow } from "./filter";
import { curve, Plot } from "./plot";
import { number, share } from "./words";

const MEAN = 2; // m, of the belief

function density(mean: number, variance: number): (x: number) => number {
  return (x) => Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
}

export const oneRadar: Kind = {
  title: "a belief and one reading of a radar, and the two together",
  controls: [
    { name: "q", text: "variance of his sway", unit: "m²", low: 0.01, high: 4, value: 0.16, log: true },
    { name: "r", text: "variance of the radar's error", unit: "m²", low: 0.05, high: 10, value: 2.56, log: true },
    { name: "h", text: "what the radar makes of a metre", low: 0.5, high: 4, value: 2 },
    { name: "z", text: "the reading", unit: "m", low: 0, high: 8, value: 2.8 },
  ],
  legend: [
    { name: "what you know", kind: "predicted", style: "area" },
    { name: "what the radar says, z / h", kind: "measured", style: "area" },
    { name: "both together", kind: "filtered", style: "area" },
  ],
  draw({ q = 0, r = 0, h = 0, z = 0 }, width) {
    const run = oneRow("level", [MEAN, q], 0, z, [q, h, r]);
    const [mean = NaN, variance = NaN] = run.carry;
    const span = [-1, [5, 10, 20].find((end) => z / h < 0.85 * end) ?? 20] as const;
    const top = 1.12 / Math.sqrt(2 * Math.PI * variance);
    const plot = new Plot({
      width, height: Math.round(Math.min(320, 130 + 0.35 * width)), name: "Three bell curves over the gap",
      x: { span, label: "gap, m" }, y: { span: [0, top], label: "density, 1/m" },
    });
    const curves: [string, number, number][] = [
      ["predicted", MEAN, q], ["measured", z / h, r / (h * h)], ["filtered", mean, variance],
    ];
    for (const [kind, at, spread] of curves) {
      const f = density(at, spread);
      const points = curve(span, f, 300);
      plot.area([{ x: span[0], y: 0 }, ...points, { x: span[1], y: 0 }], kind).line(points, kind);
      plot.stem(at, f(at), `${kind} thin`);
    }
    const k = (variance * h) / r;
    const alone = Math.sqrt(Math.min(q, r / (h * h)));
    const says = `The gain is ${number(k)}: the radar counts for ${share(k * h)}. Both together say ${number(mean)} m, give or take `
      + `${number(Math.sqrt(variance))} m, where the better one alone has ${number(alone)} m.`;
    return { plots: [plot.svg], says, runs: { level: run } };
  },
};
