// A map: the path of the state in its plane, ellipses that hold a share of its probability, and sensors.

import { digits, element, shape } from "./dom";
import type { Path, Plane } from "./document";
import { Legend, type Entry } from "./legend";
import { addCross } from "./marks";
import { firstFrom, type Picture, type Shared, zoomByKey } from "./shared";
import { colour, onTheme, rem } from "./theme";

const ELLIPSES = 40; // at most, in what is shown
const PRINTED = 3; // pixels of a drawing on paper for each one of the page

interface Box { x0: number; x1: number; y0: number; y1: number }
interface View { width: number; height: number; left: number; bottom: number; scale: number; x0: number; y0: number }

export class PlanePicture implements Picture<Plane> {
  readonly node = element("div", { class: "plot map", tabindex: "0", role: "group" });
  private readonly frame = element("div", { class: "frame" });
  private readonly canvas = element("canvas", { "aria-hidden": "true" });
  private readonly legend: Legend;
  private readonly hidden = new Set<string>();
  private readonly here = shape("circle", { class: "here", r: 5, cx: -99, cy: -99 });
  private wide = 0; // of the frame; to ask the page for it at every move would make it compute its layout
  private view: View | null = null;

  constructor(private block: Plane, private readonly shared: Shared) {
    this.node.setAttribute("aria-label", `${block.title}. Keys: plus and minus zoom in time, 0 shows all.`);
    const toggle = (name: string) => (shown: boolean): void => {
      if (shown) this.hidden.delete(name);
      else this.hidden.add(name);
      this.draw();
    };
    const entries: Entry[] = block.paths.map((path) => (
      { name: path.name, role: path.role, style: path.style, toggle: toggle(path.name) }));
    const { ellipses } = block;
    if (ellipses !== undefined) {
      entries.push({ name: ellipses.name, role: ellipses.role, style: "ring", toggle: toggle(ellipses.name) });
    }
    if (block.sensors.length > 0) entries.push({ name: "sensors", role: "value", style: "sensor" });
    this.legend = new Legend(entries);
    this.node.append(this.frame, this.legend.node);
    this.node.addEventListener("keydown", (event) => { if (event.target === this.node) zoomByKey(event, shared); });
    shared.zoom.listen(() => { if (this.drawn) this.draw(); });
    shared.moment.listen((time) => this.pointed(time));
    onTheme(() => { if (this.drawn) this.draw(); });
    new ResizeObserver(() => {
      this.wide = this.frame.clientWidth;
      if (this.drawn && this.wide !== this.view?.width) this.draw();
    }).observe(this.frame);
  }

  get drawn(): boolean {
    return this.view !== null;
  }

  update(block: Plane): void {
    this.block = block;
    if (this.drawn) this.draw();
  }

  draw(printed?: number): void {
    const width = printed ?? (this.wide || this.frame.clientWidth);
    if (width === 0) return;
    const view = viewOf(this.box(), width, rem());
    if (!sameNumbers(view, this.view)) this.arrange(view);
    this.view = view;
    this.paint(view, printed === undefined ? devicePixelRatio : PRINTED);
    this.node.dataset.span = (this.shared.zoom.current ?? this.shared.whole()).join(" ");
  }

  /** What stays while numbers change: the texts and the sensors, above the canvas. */
  private arrange(view: View): void {
    const svg = shape("svg", { width: view.width, height: view.height, viewBox: `0 0 ${view.width} ${view.height}`, "aria-hidden": "true" });
    const inner = view.width - view.left;
    const clip = shape("svg", { x: view.left, y: 0, width: inner, height: view.bottom, viewBox: `${view.left} 0 ${inner} ${view.bottom}` });
    clip.append(...this.sensors(view), this.here);
    svg.append(...this.axes(view, rem()), clip);
    Object.assign(this.canvas.style, { left: `${view.left}px`, width: `${inner}px`, height: `${view.bottom}px` });
    this.frame.replaceChildren(this.canvas, svg);
  }

  /** Grid, paths and ellipses. */
  private paint(view: View, sharp: number): void {
    const [width, height] = [Math.round((view.width - view.left) * sharp), Math.round(view.bottom * sharp)];
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    const ink = this.canvas.getContext("2d");
    if (ink === null) return;
    ink.setTransform(sharp, 0, 0, sharp, -view.left * sharp, 0);
    ink.clearRect(view.left, 0, view.width - view.left, view.bottom);
    ink.lineJoin = "round";
    this.grid(view, ink);
    for (const path of this.block.paths) if (!this.hidden.has(path.name)) this.path(path, view, ink);
    this.ellipses(view, ink);
  }

  /** The rows of a column of times that are shown. */
  private rows(time: number): [number, number] {
    const column = this.shared.columns.at(time);
    const span = this.shared.zoom.current;
    return span === null ? [0, column.length] : [firstFrom(column, span[0]), firstFrom(column, span[1])];
  }

  private box(): Box {
    const box = { x0: Infinity, x1: -Infinity, y0: Infinity, y1: -Infinity };
    const include = (x: number, y: number): void => {
      if (!Number.isFinite(x) || !Number.isFinite(y)) return;
      if (x < box.x0) box.x0 = x;
      if (x > box.x1) box.x1 = x;
      if (y < box.y0) box.y0 = y;
      if (y > box.y1) box.y1 = y;
    };
    for (const path of this.block.paths) {
      if (this.hidden.has(path.name)) continue;
      const [x, y] = [this.shared.columns.at(path.x), this.shared.columns.at(path.y)];
      const [from, to] = this.rows(path.time);
      for (let k = from; k < to; k++) include(x[k] ?? NaN, y[k] ?? NaN);
    }
    if (this.shared.zoom.current === null) for (const sensor of this.block.sensors) include(sensor.x, sensor.y);
    return box.x1 >= box.x0 ? box : { x0: -1, x1: 1, y0: -1, y1: 1 };
  }

  private grid(view: View, ink: CanvasRenderingContext2D): void {
    ink.beginPath();
    for (const { at } of ticks(view, rem()).x) {
      ink.moveTo(at, 0);
      ink.lineTo(at, view.bottom);
    }
    for (const { at } of ticks(view, rem()).y) {
      ink.moveTo(view.left, at);
      ink.lineTo(view.width, at);
    }
    ink.strokeStyle = colour("grid");
    ink.lineWidth = 1;
    ink.stroke();
  }

  private path(path: Path, view: View, ink: CanvasRenderingContext2D): void {
    const [x, y] = [this.shared.columns.at(path.x), this.shared.columns.at(path.y)];
    const [from, to] = this.rows(path.time);
    const dots = path.style === "points";
    const radius = 0.12 * rem();
    let pen = false; // whether the last point was there
    ink.beginPath();
    for (let k = from; k < to; k++) {
      const [px, py] = [right(x[k] ?? NaN, view), down(y[k] ?? NaN, view)];
      if (!Number.isFinite(px + py)) {
        pen = false;
        continue;
      }
      if (path.style === "crosses") addCross(ink, px, py, 0.3 * rem());
      else if (dots) {
        ink.moveTo(px + radius, py);
        ink.arc(px, py, radius, 0, 2 * Math.PI);
      } else if (pen) ink.lineTo(px, py);
      else ink.moveTo(px, py);
      pen = true;
    }
    if (dots) {
      ink.fillStyle = colour(path.role, 0.7);
      ink.fill();
      return;
    }
    ink.setLineDash(path.style === "dashes" ? [6, 4] : []);
    ink.strokeStyle = colour(path.role);
    ink.lineWidth = (path.style === "crosses" ? 0.08 : 0.1) * rem();
    ink.stroke();
    ink.setLineDash([]);
  }

  private ellipses(view: View, ink: CanvasRenderingContext2D): void {
    const { ellipses } = this.block;
    if (ellipses === undefined || this.hidden.has(ellipses.name)) return;
    const [x, y, a, b, angle] = [ellipses.x, ellipses.y, ellipses.a, ellipses.b, ellipses.angle].map((k) => this.shared.columns.at(k));
    const [from, to] = this.rows(ellipses.time);
    const step = Math.max(1, Math.ceil((to - from) / ELLIPSES));
    ink.fillStyle = colour(ellipses.role, 0.1);
    ink.strokeStyle = colour(ellipses.role, 0.6);
    ink.lineWidth = 1;
    for (let k = from; k < to; k += step) {
      const [rx, ry, turn] = [a?.[k] ?? NaN, b?.[k] ?? NaN, angle?.[k] ?? NaN];
      if (!Number.isFinite(rx + ry + turn)) continue;
      ink.beginPath();
      ink.ellipse(right(x?.[k] ?? NaN, view), down(y?.[k] ?? NaN, view), rx * view.scale, ry * view.scale, -turn, 0, 2 * Math.PI);
      ink.fill();
      ink.stroke();
    }
  }

  private sensors(view: View): SVGElement[] {
    return this.block.sensors.flatMap((sensor) => {
      const [x, y] = [right(sensor.x, view), down(sensor.y, view)];
      const mark = shape("path", { class: "sensor", d: `M${x - 6} ${y + 5}L${x} ${y - 7}L${x + 6} ${y + 5}Z` });
      const atRight = x > 0.7 * view.width;
      const label = shape("text", { x: atRight ? x - 9 : x + 9, y: y + 4, "text-anchor": atRight ? "end" : "start" }, sensor.name);
      return [mark, label];
    });
  }

  private axes(view: View, size: number): SVGElement[] {
    const { x, y } = ticks(view, size);
    const found = x.map(({ at, text }) => {
      const last = view.width - 0.25 * size * text.length; // where half of it still fits
      return shape("text", { x: Math.min(at, last), y: view.bottom + 1.1 * size, "text-anchor": "middle" }, text);
    });
    found.push(...y.map(({ at, text }) =>
      shape("text", { x: view.left - 0.4 * size, y: Math.max(at + 0.35 * size, 0.8 * size), "text-anchor": "end" }, text)));
    const middle = view.bottom / 2;
    found.push(shape("text", { x: (view.left + view.width) / 2, y: view.height - 0.3 * size, "text-anchor": "middle" }, this.block.x.label));
    found.push(shape("text", { x: 0.9 * size, y: middle, "text-anchor": "middle", transform: `rotate(-90 ${0.9 * size} ${middle})` }, this.block.y.label));
    return found;
  }

  private pointed(time: number | null): void {
    const path = this.block.paths.find((one) => one.style === "line");
    if (this.view === null || path === undefined) return;
    const times = this.shared.columns.at(path.time);
    const k = time === null ? -1 : Math.min(firstFrom(times, time), times.length - 1);
    const [x, y] = [this.shared.columns.at(path.x)[k] ?? NaN, this.shared.columns.at(path.y)[k] ?? NaN];
    const shown = time !== null && Number.isFinite(x + y);
    this.here.setAttribute("cx", String(shown ? right(x, this.view) : -99));
    this.here.setAttribute("cy", String(shown ? down(y, this.view) : -99));
  }
}

interface Tick { at: number; text: string }

/** Where the lines of the grid are, and what is written at them. */
function ticks(view: View, size: number): { x: Tick[]; y: Tick[] } {
  const [x, y]: [Tick[], Tick[]] = [[], []];
  const text = (value: number): string => digits(Number(value.toPrecision(10)));
  const step = niceStep((5 * size) / view.scale);
  for (let k = Math.ceil(view.x0 / step); right(k * step, view) <= view.width; k++) x.push({ at: right(k * step, view), text: text(k * step) });
  const up = niceStep((2.5 * size) / view.scale);
  for (let k = Math.ceil(view.y0 / up); down(k * up, view) >= 0; k++) y.push({ at: down(k * up, view), text: text(k * up) });
  return { x, y };
}

function sameNumbers(a: View, b: View | null): boolean {
  return b !== null && (Object.keys(a) as (keyof View)[]).every((key) => a[key] === b[key]);
}

/** One scale for both axes, so that a circle is one. */
function viewOf(box: Box, width: number, size: number): View {
  const left = 5 * size;
  const wide = Math.max(box.x1 - box.x0, 1e-12);
  const tall = Math.max(box.y1 - box.y0, 1e-12);
  const inner = width - left;
  const bottom = Math.max(12 * size, Math.min((inner * tall) / wide, 26 * size));
  const scale = Math.min(inner / (wide * 1.12), bottom / (tall * 1.12));
  const x0 = (box.x0 + box.x1) / 2 - inner / scale / 2;
  const y0 = (box.y0 + box.y1) / 2 - bottom / scale / 2;
  return { width, height: bottom + 2.7 * size, left, bottom, scale, x0, y0 };
}

function right(x: number, view: View): number {
  return round(view.left + (x - view.x0) * view.scale);
}

function down(y: number, view: View): number {
  return round(view.bottom - (y - view.y0) * view.scale);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** 1, 2 or 5 times a power of ten, at least this large. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return (([1, 2, 5].find((k) => k * power >= least)) ?? 10) * power;
}
