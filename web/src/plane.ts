// A map: the path of the state in its plane, ellipses that hold a share of its probability, and sensors.

import { digits, element, shape } from "./dom";
import type { Path, Plane } from "./document";
import { Legend, type Entry } from "./legend";
import { firstFrom, type Picture, type Shared, zoomByKey } from "./shared";

const ELLIPSES = 40; // at most, in what is shown

interface Box { x0: number; x1: number; y0: number; y1: number }
interface View { width: number; height: number; left: number; bottom: number; scale: number; x0: number; y0: number }

export class PlanePicture implements Picture<Plane> {
  readonly node = element("div", { class: "plot map", tabindex: "0", role: "group" });
  private readonly frame = element("div", { class: "frame" });
  private readonly legend: Legend;
  private readonly hidden = new Set<string>();
  private readonly here = shape("circle", { class: "here", r: 5, cx: -99, cy: -99 });
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
    new ResizeObserver(() => { if (this.drawn && this.frame.clientWidth !== this.view?.width) this.draw(); }).observe(this.frame);
  }

  get drawn(): boolean {
    return this.view !== null;
  }

  update(block: Plane): void {
    this.block = block;
    if (this.drawn) this.draw();
  }

  draw(width = this.frame.clientWidth): void {
    if (width === 0) return;
    const size = parseFloat(getComputedStyle(this.node).fontSize);
    const box = this.box();
    const view = viewOf(box, width, size);
    this.view = view;
    const svg = shape("svg", { width, height: view.height, viewBox: `0 0 ${width} ${view.height}`, "aria-hidden": "true" });
    svg.append(...this.axes(view, size));
    const clip = shape("svg", { x: view.left, y: 0, width: width - view.left, height: view.bottom, viewBox: `${view.left} 0 ${width - view.left} ${view.bottom}` });
    for (const path of this.block.paths) if (!this.hidden.has(path.name)) clip.append(this.path(path, view));
    clip.append(...this.ellipses(view), ...this.sensors(view), this.here);
    svg.append(clip);
    this.frame.replaceChildren(svg);
    this.node.dataset.span = (this.shared.zoom.current ?? this.shared.whole()).join(" ");
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
      box.x0 = Math.min(box.x0, x);
      box.x1 = Math.max(box.x1, x);
      box.y0 = Math.min(box.y0, y);
      box.y1 = Math.max(box.y1, y);
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

  private path(path: Path, view: View): SVGElement {
    const [x, y] = [this.shared.columns.at(path.x), this.shared.columns.at(path.y)];
    const [from, to] = this.rows(path.time);
    let d = "";
    let pen = "M";
    for (let k = from; k < to; k++) {
      const [px, py] = [x[k] ?? NaN, y[k] ?? NaN];
      if (!Number.isFinite(px) || !Number.isFinite(py)) {
        pen = "M";
        continue;
      }
      const at = `${right(px, view)} ${down(py, view)}`;
      d += path.style === "points" ? `M${at}h0` : `${pen}${at}`;
      pen = "L";
    }
    return shape("path", { class: `${path.role} ${path.style}`, d: d || "M0 0" });
  }

  private ellipses(view: View): SVGElement[] {
    const { ellipses } = this.block;
    if (ellipses === undefined || this.hidden.has(ellipses.name)) return [];
    const [x, y, a, b, angle] = [ellipses.x, ellipses.y, ellipses.a, ellipses.b, ellipses.angle].map((k) => this.shared.columns.at(k));
    const [from, to] = this.rows(ellipses.time);
    const found: SVGElement[] = [];
    const step = Math.max(1, Math.ceil((to - from) / ELLIPSES));
    for (let k = from; k < to; k += step) {
      const [rx, ry, turn] = [a?.[k] ?? NaN, b?.[k] ?? NaN, angle?.[k] ?? NaN];
      if (!Number.isFinite(rx + ry + turn)) continue;
      const [cx, cy] = [right(x?.[k] ?? NaN, view), down(y?.[k] ?? NaN, view)];
      found.push(shape("ellipse", {
        class: `${ellipses.role} ring`, cx, cy, rx: rx * view.scale, ry: ry * view.scale,
        transform: `rotate(${(-turn * 180) / Math.PI} ${cx} ${cy})`,
      }));
    }
    return found;
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
    const found: SVGElement[] = [];
    const step = niceStep((5 * size) / view.scale);
    for (let k = Math.ceil(view.x0 / step); right(k * step, view) <= view.width; k++) {
      const x = right(k * step, view);
      found.push(shape("line", { class: "grid", x1: x, x2: x, y1: 0, y2: view.bottom }));
      const edge = x > view.width - 2 * size;
      found.push(shape("text", { x: edge ? view.width : x, y: view.bottom + 1.1 * size, "text-anchor": edge ? "end" : "middle" }, digits(Number((k * step).toPrecision(10)))));
    }
    const up = niceStep((2.5 * size) / view.scale);
    for (let k = Math.ceil(view.y0 / up); down(k * up, view) >= 0; k++) {
      const y = down(k * up, view);
      found.push(shape("line", { class: "grid", x1: view.left, x2: view.width, y1: y, y2: y }));
      found.push(shape("text", { x: view.left - 0.4 * size, y: Math.max(y + 0.35 * size, 0.8 * size), "text-anchor": "end" }, digits(Number((k * up).toPrecision(10)))));
    }
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
