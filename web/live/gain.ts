// The best gain: the variance of the error over the gain, and its minimum.

import type { Kind } from "./figure";
import { oneRow } from "./filter";
import { curve, Plot } from "./plot";
import { number, share } from "./words";

const MEAN = 2; // m; the gain does not depend on it

export const gain: Kind = {
  title: "the variance of the error for every gain k",
  controls: [
    { name: "k", text: "your gain", low: 0, high: 1, value: 0.25 },
    { name: "q", text: "variance of his sway", unit: "m²", low: 0.01, high: 4, value: 0.16, log: true },
    { name: "r", text: "variance of the radar's error", unit: "m²", low: 0.05, high: 10, value: 2.56, log: true },
    { name: "h", text: "what the radar makes of a metre", low: 1, high: 4, value: 2 },
  ],
  buttons: [{ text: "Take the best gain", act: ({ q = 0, r = 0, h = 0 }) => ({ k: Number(((h * q) / (h * h * q + r)).toPrecision(3)) }) }],
  legend: [
    { name: "both together", kind: "filtered", style: "line" },
    { name: "his sway, (1 − kh)² q", kind: "predicted", style: "dashes" },
    { name: "the radar's error, k² r", kind: "measured", style: "dashes" },
    { name: "the least, p′", kind: "filtered", style: "mark" },
    { name: "yours", kind: "alarm", style: "mark" },
  ],
  draw({ q = 0, r = 0, h = 0, k = 0 }, width) {
    const run = oneRow("level", [MEAN, q], 0, h * MEAN, [q, h, r]);
    const least = run.carry[1] ?? NaN; // p' as the filter has it
    const best = (least * h) / r;
    const error = (gain: number): number => (1 - gain * h) ** 2 * q + gain * gain * r;
    const span = [0, Math.max(1.1 / h, 1.05 * k)] as const; // from the belief alone to the radar alone
    const plot = new Plot({
      width, height: Math.round(Math.min(330, 150 + 0.35 * width)), name: "The variance of the error over the gain",
      x: { span, label: "gain k" }, y: { span: [0, 1.15 * Math.max(q, r / (h * h))], label: "variance of the error, m²" },
    });
    plot.line(curve(span, (x) => (1 - x * h) ** 2 * q), "predicted dashes");
    plot.line(curve(span, (x) => x * x * r), "measured dashes");
    plot.line(curve(span, error), "filtered");
    plot.level(least, "filtered thin dashes").stem(best, least, "filtered thin");
    plot.mark({ x: best, y: least }, "filtered").stem(k, error(k), "alarm thin").mark({ x: k, y: error(k) }, "alarm");
    const more = error(k) / least - 1;
    const compared = more > 1 ? `${number(more + 1)} times as much` : `${number(100 * more)} % more`;
    const yours = more < 0.005 ? "Yours is the best one." : `Yours leaves ${number(error(k))} m², ${compared}.`;
    const says = `The best gain is ${number(best)}: the radar counts for ${share(best * h)}, and a variance of ${number(least)} m² `
      + `is left. ${yours}`;
    return { plots: [plot.svg], says, runs: { level: run } };
  },
};
