// The pictures of a studio: those of a report, with other numbers at every move.

import { Columns } from "./columns";
import type { Lines, PageData, Plane, Section } from "./document";
import { element, refill } from "./dom";
import { LinesPicture } from "./lines";
import { headingOf } from "./page";
import { PlanePicture } from "./plane";
import { Moment, type Shared } from "./shared";
import { type Span, Zoom } from "./zoom";

type Drawn = Lines | Plane;

/** A picture that stays on the page while its numbers change. */
class Figure {
  readonly node = element("figure", { tabindex: "-1" });
  columns: Columns;
  private readonly caption = element("figcaption");
  private readonly picture: LinesPicture | PlanePicture;

  constructor(public block: Drawn, columns: Columns, common: Omit<Shared, "columns">) {
    this.columns = columns;
    const own = (): Columns => this.columns;
    const shared: Shared = { ...common, get columns() { return own(); } };
    this.picture = block.kind === "lines" ? new LinesPicture(block, shared) : new PlanePicture(block, shared);
    this.node.className = block.kind;
    this.node.append(this.caption, this.picture.node);
    this.describe();
  }

  update(block: Drawn, columns: Columns): void {
    this.columns = columns;
    this.block = block;
    if (block.kind === "lines" && this.picture instanceof LinesPicture) this.picture.update(block);
    if (block.kind === "plane" && this.picture instanceof PlanePicture) this.picture.update(block);
    this.describe();
  }

  draw(): void {
    if (!this.picture.drawn) this.picture.draw();
  }

  private describe(): void {
    const { block } = this;
    refill(this.caption, [element("h3", {}, element("bdi", {}, block.title)),
      ...(block.text === undefined ? [] : [element("p", {}, block.text)])]);
  }
}

export class LivePage {
  readonly node = element("div", { class: "pictures" });
  readonly zoom = new Zoom();
  private readonly heading = element("header");
  private readonly sections = new Map<string, { node: HTMLElement; grid: HTMLElement }>();
  private readonly figures = new Map<string, Figure>();
  private readonly common: Omit<Shared, "columns">;
  private readonly nearby: IntersectionObserver;
  private readonly inSight = new Set<Element>();
  private readonly sight: IntersectionObserver;

  constructor(pick: (time: number) => void) {
    this.common = { zoom: this.zoom, moment: new Moment(), whole: () => this.whole(), pick };
    this.nearby = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        this.nearby.unobserve(target);
        for (const figure of this.figures.values()) if (figure.node === target) figure.draw();
      }
    }, { rootMargin: "300px" });
    this.sight = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) this.inSight.add(target);
        else this.inSight.delete(target);
      }
    });
    this.node.append(this.heading);
  }

  /** Show a document; if it is not whole, the sections that it lacks stay as they are. */
  show(data: PageData, whole: boolean): void {
    const columns = new Columns(data.columns);
    refill(this.heading, headingOf(data));
    const shown = data.sections.map((section) => this.section(section, columns, whole));
    if (whole && !sameChildren(this.node, [this.heading, ...shown])) this.node.replaceChildren(this.heading, ...shown);
  }

  /** The pictures in sight, each as its section and its number in it. To ask for the layout here would delay a move. */
  get view(): string[] {
    return [...this.figures].filter(([, { node }]) => this.inSight.has(node)).map(([key]) => key);
  }

  private section(section: Section, columns: Columns, whole: boolean): HTMLElement {
    let found = this.sections.get(section.id);
    if (found === undefined) {
      const grid = element("div", { class: "grid" });
      const node = element("section", { id: section.id, "aria-labelledby": `${section.id}-title` },
        element("h2", { id: `${section.id}-title` }, section.title),
        section.text === undefined ? null : element("p", { class: "lead" }, section.text), grid);
      found = { node, grid };
      this.sections.set(section.id, found);
    }
    const nodes = section.blocks.flatMap((block, k) =>
      block.kind === "lines" || block.kind === "plane" ? [this.figure(`${section.id} ${section.at?.[k] ?? k}`, block, columns)] : []);
    if (whole && !sameChildren(found.grid, nodes)) found.grid.replaceChildren(...nodes);
    return found.node;
  }

  private figure(key: string, block: Drawn, columns: Columns): HTMLElement {
    let figure = this.figures.get(key);
    if (figure === undefined) {
      figure = new Figure(block, columns, this.common);
      this.figures.set(key, figure);
      this.nearby.observe(figure.node);
      this.sight.observe(figure.node);
    } else {
      figure.update(block, columns);
    }
    return figure.node;
  }

  /** The first and the last time of what is shown. */
  private whole(): Span {
    let [low, high] = [Infinity, -Infinity];
    for (const { block, columns } of this.figures.values()) {
      if (block.kind !== "lines" || !block.shared) continue;
      const x = columns.at(block.x.column);
      low = Math.min(low, x[0] ?? Infinity);
      high = Math.max(high, x[x.length - 1] ?? -Infinity);
    }
    if (!(high >= low)) return [0, 1];
    return high > low ? [low, high] : [low - 0.5, high + 0.5];
  }
}

function sameChildren(parent: HTMLElement, children: HTMLElement[]): boolean {
  return parent.children.length === children.length && children.every((child, k) => parent.children[k] === child);
}
