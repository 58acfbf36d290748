// Curves over time or lag, drawn by uPlot.

import uPlot from "uplot";
import { dateText, digits, element } from "./dom";
import type { Lines, Series } from "./document";
import { Legend, type Entry } from "./legend";
import { addCross } from "./marks";
import { firstFrom, type Picture, type Shared, zoomByKey } from "./shared";
import { colour, onTheme, rem } from "./theme";

const SHARE = 0.02; // of the points of a band that may lie outside the picture, on either side
const DASHES: Partial<Record<Series["style"], number[]>> = { dashes: [6, 4] };

// How far ticks are apart in seconds, what is written at each, and below it where a year, a day or a minute begins.
const DATES: (string | number | null)[][] = [
  [31_536_000, "{YYYY}", null, null, null, null, null, null, 1],
  [2_419_200, "{YYYY}-{MM}", null, null, null, null, null, null, 1],
  [86_400, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  [0.001, "{ss}.{fff} s", "\n{YYYY}-{MM}-{DD} {HH}:{mm}", null, "\n{MM}-{DD} {HH}:{mm}", null, "\n{HH}:{mm}", null, 1],
];

export class LinesPicture implements Picture<Lines> {
  readonly node = element("div", { class: "plot", tabindex: "0", role: "group" });
  private readonly frame = element("div", { class: "frame" });
  private legend = new Legend([]);
  private curves: { series: Series; columns: number[] }[] = [];
  private plot: uPlot | null = null;

  constructor(private block: Lines, private readonly shared: Shared) {
    const keys = `${block.shared ? "Keys: arrows move, plus and minus zoom, 0 shows all" : "Keys: arrows move"}${this.picks ? ", Enter opens the row." : "."}`;
    this.node.setAttribute("aria-label", `${block.title}. ${keys}`);
    this.node.append(this.frame, this.legend.node);
    this.arrange();
    this.node.addEventListener("keydown", (event) => this.key(event));
    if (block.shared) shared.zoom.listen(() => this.zoomed());
    onTheme(() => this.plot?.redraw(false, true));
    new ResizeObserver(() => this.fitted()).observe(this.frame);
  }

  /** The curves of the block and their legend. */
  private arrange(): void {
    let next = 1;
    this.curves = this.block.series.map((series) => {
      const columns = series.style === "band" ? [next, next + 1] : [next];
      next += columns.length;
      return { series, columns };
    });
    const legend = new Legend(this.curves.map(({ series, columns }): Entry => ({
      name: series.name, role: series.role, style: series.style,
      toggle: (shown) => columns.forEach((k) => this.plot?.setSeries(k, { show: shown })),
    })));
    this.legend.node.replaceWith(legend.node);
    this.legend = legend;
  }

  update(block: Lines): void {
    const same = described(block) === described(this.block);
    this.block = block;
    if (same) {
      this.curves.forEach((curve, k) => { curve.series = block.series[k] ?? curve.series; });
      this.plot?.batch((plot: uPlot) => plot.setData(this.data())); // drawn at once, not in a later task
      return;
    }
    const { drawn } = this;
    this.plot?.destroy();
    this.plot = null;
    this.arrange();
    if (drawn) this.draw();
  }

  private get picks(): boolean {
    return this.block.shared && this.shared.pick !== undefined;
  }

  private picked(plot: uPlot): void {
    const index = plot.cursor.idx;
    const x = index === null || index === undefined ? undefined : plot.data[0][index];
    if (this.picks && x !== undefined) this.shared.pick?.(x);
  }

  get drawn(): boolean {
    return this.plot !== null;
  }

  draw(width?: number): void {
    if (this.plot === null) this.plot = new uPlot(this.options(), this.data(), this.frame);
    this.fitted(width);
  }

  private fitted(width = this.frame.clientWidth): void {
    if (this.plot === null || width === 0) return;
    const height = Math.round(15 * rem());
    if (this.plot.width !== width || this.plot.height !== height) this.plot.setSize({ width, height });
  }

  private zoomed(): void {
    if (this.plot === null) return;
    const [min, max] = this.span();
    this.plot.setScale("x", { min, max });
  }

  private span(): [number, number] {
    const x = this.shared.columns.at(this.block.x.column);
    const found = this.block.shared ? this.shared.zoom.current ?? this.shared.whole() : null;
    if (found !== null) return [found[0], found[1]];
    const [low, high] = [x[0] ?? 0, x[x.length - 1] ?? 1];
    return [low - 0.5, high + 0.5]; // half a lag for the stems at the ends
  }

  private data(): uPlot.AlignedData {
    const { columns } = this.shared;
    const found: ArrayLike<number | null>[] = [];
    for (const { series } of this.curves) {
      found.push(columns.gapped(series.y));
      if (series.high !== undefined) found.push(columns.gapped(series.high));
    }
    return [columns.at(this.block.x.column), ...found] as uPlot.AlignedData;
  }

  private options(): uPlot.Options {
    const { block } = this;
    const size = rem();
    const font = `${Math.round(0.78 * size)}px system-ui, sans-serif`;
    const axis = (label: string): uPlot.Axis => ({
      label, font, labelFont: font, labelSize: 1.4 * size, gap: 0.3 * size,
      stroke: () => colour("text"), grid: { stroke: () => colour("grid"), width: 1 },
      ticks: { stroke: () => colour("grid"), width: 1, size: 0.3 * size },
    });
    const x = axis(block.x.label);
    x.size = 2.1 * size;
    x.space = 4.5 * size;
    if (block.x.dates === true) {
      x.values = DATES;
      x.size = 3.2 * size; // two lines
    } else x.values = (_, splits) => splits.map(tick);
    const y = axis(block.y.label);
    y.values = (_, splits) => splits.map(tick);
    y.size = (_, values) => size + 0.5 * size * Math.max(3, ...(values ?? []).map((text) => text.length));
    return {
      width: this.frame.clientWidth || 600,
      height: Math.round(15 * size),
      legend: { show: false },
      scales: {
        x: { time: block.x.dates === true, range: () => this.span() },
        y: { range: (plot) => this.visible(plot) },
      },
      tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), "Etc/UTC"),
      axes: [x, y],
      series: [{}, ...this.curves.flatMap(({ series }) => drawnAs(series))],
      bands: this.curves.filter(({ series }) => series.style === "band").map(({ series, columns }) => ({
        series: [columns[1] ?? 0, columns[0] ?? 0], fill: () => colour(series.role, 0.2),
      })),
      cursor: {
        y: false,
        points: { size: 7 },
        drag: { x: block.shared, y: false, setScale: false },
        ...(block.shared ? { sync: { key: "time" } } : {}),
        bind: { dblclick: () => () => { if (block.shared) this.shared.zoom.show(null); return null; } },
      },
      hooks: {
        ready: [(plot) => plot.over.addEventListener("click", () => this.picked(plot))],
        setSelect: [(plot) => this.selected(plot)],
        setCursor: [(plot) => this.pointed(plot)],
        draw: [(plot) => this.marked(plot), () => { this.node.dataset.span = this.span().join(" "); }],
      },
    };
  }

  /** The range of y in what is shown: of lines and points all, of bands what is not far out. */
  private visible(plot: uPlot): [number, number] {
    const [from, to] = plot.series[0]?.idxs ?? [0, 0];
    let low = Infinity;
    let high = -Infinity;
    for (const { series, columns } of this.curves) {
      if (plot.series[columns[0] ?? 0]?.show !== true) continue;
      columns.forEach((column, edge) => {
        const numbers = known(plot.data[column] ?? [], from, to);
        if (series.style === "band") {
          numbers.sort();
          const out = Math.floor(SHARE * numbers.length);
          low = Math.min(low, numbers[edge === 0 ? out : 0] ?? Infinity);
          high = Math.max(high, numbers[numbers.length - 1 - (edge === 0 ? 0 : out)] ?? -Infinity);
          return;
        }
        for (const value of numbers) {
          if (value < low) low = value;
          if (value > high) high = value;
        }
      });
      if (series.style === "stems") [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    }
    if (!(high >= low)) return [0, 1];
    const margin = 0.06 * (high - low) || 0.1 * Math.abs(high) || 1;
    return [low - margin, high + margin];
  }

  private selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 3) return;
    this.shared.zoom.show([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  private pointed(plot: uPlot): void {
    const index = plot.cursor.idx;
    const x = index === null || index === undefined ? null : (plot.data[0][index] ?? null);
    if (this.block.shared && document.activeElement !== null) this.shared.moment.show(x);
    if (x === null || index === null || index === undefined) {
      this.legend.at("", []);
      return;
    }
    const where = this.block.x.dates === true ? dateText(x) : `${this.block.x.label.split(" ")[0] ?? ""} ${digits(x)}`;
    this.legend.at(where, this.curves.map(({ columns }) =>
      columns.map((k) => digits(plot.data[k]?.[index])).join(" … ")));
  }

  /** Vertical lines at the rows that sentences accuse. */
  private marked(plot: uPlot): void {
    const { ctx, bbox } = plot;
    for (const marks of this.block.marks ?? []) {
      ctx.save();
      ctx.strokeStyle = colour("alarm", 0.6);
      ctx.lineWidth = Math.max(1, devicePixelRatio);
      ctx.beginPath();
      for (const time of this.shared.columns.at(marks.column)) {
        const x = plot.valToPos(time, "x", true);
        if (x < bbox.left || x > bbox.left + bbox.width) continue;
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + 0.06 * bbox.height);
      }
      ctx.stroke();
      ctx.restore();
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.node || this.plot === null) return;
    if (this.block.shared && zoomByKey(event, this.shared)) return;
    const { plot } = this;
    const x = plot.data[0];
    const [low, high] = [plot.scales.x?.min ?? 0, plot.scales.x?.max ?? 0];
    const after = firstFrom(x, high);
    const last = x[after] === high ? after : after - 1;
    let index = plot.cursor.idx ?? firstFrom(x, low) - 1;
    if (event.key === "ArrowRight") index += 1;
    else if (event.key === "ArrowLeft") index -= 1;
    else if (event.key === "Enter") this.picked(plot);
    else if (event.key === "Home") index = firstFrom(x, low);
    else if (event.key === "End") index = last;
    else return;
    event.preventDefault();
    index = Math.max(0, Math.min(index, x.length - 1));
    const moved = plot.setCursor as (at: object, fire: boolean, publish: boolean) => void; // uPlot's types lack the third
    moved({ left: plot.valToPos(x[index] ?? 0, "x"), top: 1 }, true, this.block.shared);
  }
}

/** The numbers from one index to another, without what is missing. */
function known(all: ArrayLike<number | null | undefined>, from: number, to: number): Float64Array {
  const found = new Float64Array(Math.max(0, to - from + 1));
  let count = 0;
  for (let k = from; k <= to; k++) {
    const value = all[k];
    if (value !== null && value !== undefined) found[count++] = value;
  }
  return found.subarray(0, count);
}

/** What a picture is made of, apart from its numbers. */
function described(block: Lines): string {
  return JSON.stringify([block.x.dates, block.x.label, block.y.label, block.series.map(({ name, role, style }) => [name, role, style])]);
}

function drawnAs(series: Series): uPlot.Series[] {
  const stroke = (): string => colour(series.role);
  if (series.style === "points") {
    const points = { show: true, size: 0.26 * rem(), width: 0, fill: stroke, stroke };
    return [{ stroke, paths: () => null, points }];
  }
  if (series.style === "crosses") {
    const points = { show: true, size: 0.6 * rem(), width: 0.08 * rem(), stroke, fill: "transparent", paths: crosses };
    return [{ stroke, paths: () => null, points }];
  }
  const points = { show: false };
  if (series.style === "band") {
    const edge: uPlot.Series = { stroke: () => colour(series.role, 0.45), width: 1, points };
    return [edge, { ...edge }];
  }
  if (series.style === "stems") {
    const bars = uPlot.paths.bars?.({ size: [0.5, 12] });
    return [{ stroke, fill: stroke, width: 0, points, ...(bars === undefined ? {} : { paths: bars }) }];
  }
  const dash = DASHES[series.style];
  return [{ stroke, width: 0.1 * rem(), points, ...(dash === undefined ? {} : { dash }) }];
}

/** The outlines of crosses at the numbers of a series. */
function crosses(plot: uPlot, index: number, from: number, to: number): { stroke: Path2D; fill: null } {
  const stroke = new Path2D();
  const [x, y] = [plot.data[0], plot.data[index] ?? []];
  for (let k = from; k <= to; k++) {
    const value = y[k];
    if (value === null || value === undefined) continue;
    addCross(stroke, plot.valToPos(x[k] ?? 0, "x", true), plot.valToPos(value, "y", true), 0.3 * rem() * devicePixelRatio);
  }
  return { stroke, fill: null };
}

function tick(value: number): string {
  return digits(Number(value.toPrecision(10)));
}
