// A plot: axes with few ticks, and what is drawn within them. Colours are classes of the style sheet.

import { shape } from "../src/dom";
import { number } from "./words";

type Span = readonly [number, number];
interface Axis { span: Span; label: string; log?: boolean }
export interface Frame {
  width: number; height: number; x: Axis; y: Axis; name: string;
  equal?: boolean; // as many units a pixel in both directions
  left?: number; // where the axis is, for plots one above the other
}
export interface Point { x: number; y: number }

const CHARACTER = 7; // pixels of a digit
const LINE = 17;

/** Round numbers within a span, about `count` of them. */
export function ticks([low, high]: Span, count: number, log = false): number[] {
  if (log) {
    const found = [];
    for (let k = Math.ceil(Math.log10(low) - 1e-9); k <= Math.log10(high) + 1e-9; k++) found.push(Number(`1e${k}`));
    return found;
  }
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(Number((k * step).toPrecision(12)));
  return found;
}

export class Plot {
  readonly svg: SVGElement;
  private readonly inside: SVGElement;
  private readonly left: number;
  private readonly right: number;
  private readonly top = LINE + 6;
  private readonly bottom: number;
  private readonly xs: Span;
  private readonly ys: Span;

  constructor(private readonly frame: Frame) {
    const { width, height, x, y, name } = frame;
    this.bottom = height - 2 * LINE - 4;
    const marks = ticks(y.span, (this.bottom - this.top) / 45, y.log);
    this.left = frame.left ?? 10 + CHARACTER * Math.max(2, ...marks.map((value) => number(value).length));
    this.right = width - 14;
    this.xs = x.span;
    this.ys = y.span;
    if (frame.equal === true) [this.xs, this.ys] = this.equalled();
    this.svg = shape("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name });
    this.axes();
    const [w, h] = [this.right - this.left, this.bottom - this.top];
    this.inside = shape("svg", { x: this.left, y: this.top, width: w, height: h, viewBox: `${this.left} ${this.top} ${w} ${h}` });
    this.svg.append(this.inside);
  }

  /** Spans with as many units a pixel in both directions, which contain those that were asked for. */
  private equalled(): [Span, Span] {
    const [x, y] = [this.frame.x.span, this.frame.y.span];
    const [w, h] = [this.right - this.left, this.bottom - this.top];
    const unit = Math.max((x[1] - x[0]) / w, (y[1] - y[0]) / h);
    const around = (span: Span, pixels: number): Span => {
      const middle = (span[0] + span[1]) / 2;
      return [middle - unit * pixels / 2, middle + unit * pixels / 2];
    };
    return [around(x, w), around(y, h)];
  }

  private share(value: number, [low, high]: Span, log?: boolean): number {
    return log === true ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  }

  x(value: number): number {
    return this.left + this.share(value, this.xs, this.frame.x.log) * (this.right - this.left);
  }

  y(value: number): number {
    return this.bottom - this.share(value, this.ys, this.frame.y.log) * (this.bottom - this.top);
  }

  private axes(): void {
    const { x, y } = this.frame;
    const grid: string[] = [];
    const texts: SVGElement[] = [];
    for (const value of ticks(this.ys, (this.bottom - this.top) / 45, y.log)) {
      const at = round(this.y(value));
      grid.push(`M${this.left} ${at}H${this.right}`);
      texts.push(shape("text", { x: this.left - 6, y: at + 4, class: "end" }, number(value)));
    }
    for (const value of ticks(this.xs, (this.right - this.left) / 60, x.log)) {
      const at = round(this.x(value));
      grid.push(`M${at} ${this.top}V${this.bottom}`);
      texts.push(shape("text", { x: at, y: this.bottom + LINE, class: "middle" }, number(value)));
    }
    texts.push(shape("text", { x: 2, y: LINE - 5, class: "name" }, y.label));
    texts.push(shape("text", { x: this.right, y: this.bottom + 2 * LINE, class: "name end" }, x.label));
    this.svg.append(shape("path", { d: grid.join(""), class: "grid" }), ...texts);
  }

  private path(points: Iterable<Point>): string {
    let d = "";
    for (const { x, y } of points) {
      if (Number.isFinite(x) && Number.isFinite(y)) d += `${d === "" ? "M" : "L"}${round(this.x(x))} ${round(this.y(y))}`;
    }
    return d || "M0 0";
  }

  private put(d: string, kind: string): this {
    this.inside.append(shape("path", { d, class: kind }));
    return this;
  }

  line(points: Iterable<Point>, kind: string): this {
    return this.put(this.path(points), kind);
  }

  /** An area between a closed line of points. */
  area(points: Iterable<Point>, kind: string): this {
    return this.put(`${this.path(points)}Z`, `${kind} area`);
  }

  /** Areas of one colour, which touch each other. */
  areas(all: Iterable<Point[]>, kind: string): this {
    let d = "";
    for (const points of all) d += `${this.path(points)}Z`;
    return this.put(d || "M0 0", `${kind} cells`);
  }

  dots(points: Iterable<Point>, kind: string): this {
    let d = "";
    for (const { x, y } of points) d += `M${round(this.x(x))} ${round(this.y(y))}h0`;
    return this.put(d || "M0 0", `${kind} dots`);
  }

  /** A line from edge to edge. */
  level(y: number, kind: string): this {
    return this.put(`M${this.left} ${round(this.y(y))}H${this.right}`, kind);
  }

  /** A line from the bottom up to a point. */
  stem(x: number, y: number, kind: string): this {
    return this.put(`M${round(this.x(x))} ${this.bottom}V${round(this.y(y))}`, kind);
  }

  mark({ x, y }: Point, kind: string, radius = 6): this {
    this.inside.append(shape("circle", { cx: round(this.x(x)), cy: round(this.y(y)), r: radius, class: `${kind} mark` }));
    return this;
  }

  cross({ x, y }: Point, kind: string): this {
    const [a, b] = [round(this.x(x)), round(this.y(y))];
    return this.put(`M${a - 7} ${b}h14M${a} ${b - 7}v14`, kind);
  }

  /** The spans that are shown. */
  get shown(): { x: Span; y: Span } {
    return { x: this.xs, y: this.ys };
  }
}

function round(value: number): number {
  return Math.round(10 * Math.max(-1e4, Math.min(1e4, value))) / 10;
}

/** Points of a function of x. */
export function curve(span: Span, f: (x: number) => number, count = 160): Point[] {
  return Array.from({ length: count + 1 }, (_, k) => {
    const x = span[0] + (k / count) * (span[1] - span[0]);
    return { x, y: f(x) };
  });
}
