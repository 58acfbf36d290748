// What F, Q, H and R do to an ellipse: a gap and its speed, one step, one reading.

import type { Kind, Matrix } from "./figure";
import { oneRow } from "./filter";
import { between, carriedOf, ellipse, gaussianOf, type Gaussian } from "./gaussian";
import { Plot } from "./plot";
import { number } from "./words";

const START = carriedOf(0, 0, 1, 1);
const SPAN = { x: [-4, 4] as const, y: [-2.6, 2.6] as const };
const NAMES = ["P", "F P Fᵀ", "F P Fᵀ + Q", "P′"];

function matrix(name: string, rows: number[][]): Matrix {
  return { name, rows: rows.map((row) => row.map(number)) };
}

function covariance(name: string, { xx, xy, yy }: Gaussian): Matrix {
  return matrix(name, [[xx, xy], [xy, yy]]);
}

/** What the belief is after this step. */
function sentence(step: number, parts: [Gaussian, Gaussian, Gaussian, Gaussian], dt: number): string {
  const deviations = ({ xx, yy }: Gaussian): string => `${number(Math.sqrt(xx))} m and ${number(Math.sqrt(yy))} m/s`;
  const [first, moved, wide, last] = parts;
  const correlation = number(moved.xy / Math.sqrt(moved.xx * moved.yy));
  if (step === 0) return `Before: gap and speed are known to ${deviations(first)}, and say nothing about each other.`;
  if (step === 1) {
    return `F shears it: if he is faster than you think, he is also farther, after ${number(dt)} s. The correlation is now ${correlation}.`;
  }
  if (step === 2) return `Q widens it, since he may have been pushed: ${deviations(moved)} become ${deviations(wide)}.`;
  return `H and R squeeze it: the strip cuts a tilted ellipse, and what is left is ± ${deviations(last)}, around ${number(last.x)} m and `
    + `${number(last.y)} m/s.`;
}

export const matrices: Kind = {
  title: "what F, Q, H and R do to an ellipse",
  controls: [
    { name: "dt", text: "length of the step", unit: "s", low: 0.1, high: 2, value: 1 },
    { name: "q", text: "how he is pushed", unit: "m²/s³", low: 0.01, high: 2, value: 0.5, log: true },
    { name: "z", text: "the reading", low: -2, high: 2, value: 1 },
    { name: "r", text: "its variance", low: 0.01, high: 4, value: 0.09, log: true },
    { name: "angle", text: "0° reads the gap, 90° the speed", unit: "°", low: 0, high: 90, value: 0 },
  ],
  steps: ["Start", "F shears", "Q widens", "H and R squeeze"],
  legend: [
    { name: "the step before", kind: "bound", style: "dashes" },
    { name: "belief", kind: "predicted", style: "area" },
    { name: "what the radar says: z ± √R", kind: "measured", style: "area" },
    { name: "belief after the reading", kind: "filtered", style: "area" },
  ],
  draw({ dt = 0, q = 0, z = 0, r = 0, angle = 0, step = 0 }, width) {
    const [a, b] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    const moved = oneRow("plane", START, dt, NaN, [0, a, b, r]);
    const whole = oneRow("plane", START, dt, z, [q, a, b, r]);
    const wide = oneRow("plane", START, dt, NaN, [q, a, b, r]);
    const parts: [Gaussian, Gaussian, Gaussian, Gaussian] = [
      gaussianOf(START), gaussianOf(moved.carry), gaussianOf(wide.carry), gaussianOf(whole.carry)];
    const floor = Math.min(2, Math.floor(step)) as 0 | 1 | 2;
    const now = between(parts[floor], parts[(floor + 1) as 1 | 2 | 3], step - floor);
    const at = Math.round(step) as 0 | 1 | 2 | 3;
    const plot = new Plot({
      width, height: Math.round(Math.min(400, 170 + 0.38 * width)), name: "Ellipses of gap and speed",
      x: { span: SPAN.x, label: "gap, m" }, y: { span: SPAN.y, label: "speed, m/s" },
    });
    if (at === 3) { // a u + b v = z ± √r, longer than the picture
      const half = Math.sqrt(r);
      const edge = (side: number, along: number) => ({ x: a * (z + side) - b * along, y: b * (z + side) + a * along });
      plot.area([edge(-half, -99), edge(-half, 99), edge(half, 99), edge(half, -99)], "measured");
      plot.line([edge(0, -99), edge(0, 99)], "measured");
    }
    const before = at === 0 ? [] : [parts[(at - 1) as 0 | 1 | 2]];
    for (const one of before) plot.line(ellipse(one, 1), "bound dashes");
    const kind = at === 3 ? "filtered" : "predicted";
    plot.area(ellipse(now, 1), kind).line(ellipse(now, 1), kind).mark(now, kind, 3);
    const shown = [
      covariance(NAMES[at] ?? "", parts[at]), matrix("F", [[1, dt], [0, 1]]),
      matrix("Q", [[(q * dt ** 3) / 3, (q * dt ** 2) / 2], [(q * dt ** 2) / 2, q * dt]]), matrix("H", [[a, b]]), matrix("R", [[r]]),
    ];
    return { plots: [plot.svg], says: sentence(at, parts, dt), runs: { plane: whole }, matrices: shown };
  },
};
