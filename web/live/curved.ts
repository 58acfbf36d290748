// Curved worlds: a range and a bearing, as a place on the map. Samples are the truth; the EKF and the UKF draw an ellipse.

import type { Kind } from "./figure";
import { oneRow } from "./filter";
import { carriedOf, ellipse, gaussianOf, moments, within, type Gaussian } from "./gaussian";
import { Plot, type Point } from "./plot";
import { normals } from "./random";
import { number } from "./words";

const SAMPLES = 3000;
const DOTS = 800; // of them are drawn
const DUE = 86; // % within two standard deviations of a Gaussian in the plane
const DRAWN = normals(1, 2 * SAMPLES);

function samples(range: number, rangeStd: number, bearingStd: number): Point[] {
  return Array.from({ length: SAMPLES }, (_, k) => {
    const far = range + rangeStd * (DRAWN[2 * k] ?? 0);
    const turn = bearingStd * (DRAWN[2 * k + 1] ?? 0);
    return { x: far * Math.cos(turn), y: far * Math.sin(turn) };
  });
}

/** As the driver sees it: aside to the right, ahead upwards. */
function seen({ x, y }: Point): Point {
  return { x: y, y: x };
}

/** The least span with all of these values. */
function spanOf(values: number[], margin: number): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [low - margin * (high - low), high + margin * (high - low)];
}

export const curvedWorlds: Kind = {
  title: "where the EKF and the UKF believe a target to be, by its range and bearing",
  controls: [
    { name: "distance", text: "of the target", unit: "m", low: 5, high: 100, value: 10 },
    { name: "bearing", label: "σ bearing", text: "how blurred the beam is", unit: "°", low: 0.5, high: 45, value: 15, log: true },
    { name: "range", label: "σ range", text: "how blurred the range is", unit: "m", low: 0.02, high: 5, value: 0.1, log: true },
  ],
  legend: [
    { name: "where it can be: 800 samples", kind: "truth", style: "dots" },
    { name: "their ellipse", kind: "truth", style: "dashes" },
    { name: "EKF", kind: "two", style: "line" },
    { name: "UKF", kind: "one", style: "line" },
  ],
  draw({ distance = 0, bearing = 0, range = 0 }, width) {
    const turn = (bearing * Math.PI) / 180;
    const start = carriedOf(distance, 0, range * range, turn * turn);
    const runs = {
      "curved-ekf": oneRow("curved-ekf", start, 1, NaN, [1]), "curved-ukf": oneRow("curved-ukf", start, 1, NaN, [1]),
    };
    const cloud = samples(distance, range, turn);
    const [truth, ekf, ukf]: [Gaussian, Gaussian, Gaussian] = [moments(cloud), gaussianOf(runs["curved-ekf"].carry), gaussianOf(runs["curved-ukf"].carry)];
    const dots = cloud.slice(0, DOTS).map(seen);
    const lines = [truth, ekf, ukf].map((one) => ellipse(one).map(seen));
    const inside = [...dots, ...lines.flat()];
    const plot = new Plot({
      width, height: Math.round(Math.min(420, 190 + 0.4 * width)), name: "Samples and ellipses on the map", equal: true,
      x: { span: spanOf(inside.map((p) => p.x), 0.05), label: "aside, m" },
      y: { span: spanOf(inside.map((p) => p.y), 0.05), label: "ahead, m" },
    });
    plot.dots(dots, "truth small faint");
    const kinds = ["truth dashes", "two wide", "one"]; // where both are right, one lies upon the other
    lines.forEach((points, k) => plot.line(points, kinds[k] ?? ""));
    [truth, ekf, ukf].forEach((one, k) => plot.mark(seen(one), (kinds[k] ?? "").split(" ")[0] ?? "", 4));
    const percent = (one: Gaussian): number => Math.round(100 * within(cloud, one));
    const [held, also] = [percent(ekf), percent(ukf)];
    const ending = held < DUE - 5 ? "The EKF is too sure: it goes straight on where the world bends."
      : also - held > 3 ? "The world begins to bend." : "So narrow a beam hardly bends: both are right.";
    const says = `The centre of the samples is ${number(truth.x)} m ahead; the EKF says ${number(ekf.x)} m, the UKF `
      + `${number(ukf.x)} m. Their ellipses hold ${held} % and ${also} % of the samples, where ${DUE} % are due. ${ending}`;
    return { plots: [plot.svg], says, runs };
  },
};
