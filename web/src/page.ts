// A page: its heading, a bar that stays in sight, and sections of pictures, tables and sentences.

import { sentencesOf, tableOf, textOf } from "./blocks";
import { Columns } from "./columns";
import { element } from "./dom";
import type { Block, PageData, Section } from "./document";
import { LinesPicture } from "./lines";
import { PlanePicture } from "./plane";
import { Moment, type Picture, type Shared } from "./shared";
import { onTheme, print, theme, toggleTheme } from "./theme";
import { type Span, Zoom } from "./zoom";

const PAPER = 640; // the width of a picture in print, in pixels

export class Page {
  private readonly figures = new Map<string, { node: HTMLElement; block: Block; picture: Picture | null }>();
  private readonly shared: Shared;
  private readonly nearby: IntersectionObserver;
  private track = 0;

  constructor(private readonly root: HTMLElement, private readonly data: PageData) {
    this.shared = { columns: new Columns(data.columns), zoom: new Zoom(), moment: new Moment(), whole: () => this.whole() };
    this.nearby = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        this.nearby.unobserve(entry.target);
        this.figures.get(entry.target.id)?.picture?.draw();
      }
    }, { rootMargin: "600px" });
    document.title = data.title;
    const sections = data.sections.map((section) => this.section(section));
    root.replaceChildren(this.bar(), element("main", { id: "top" }, this.heading(), ...sections), element("footer", {}, data.made));
    this.select(0);
    window.addEventListener("beforeprint", () => this.print(true));
    window.addEventListener("afterprint", () => this.print(false));
    root.addEventListener("click", (event) => {
      if (event.target instanceof HTMLAnchorElement) this.reveal(event.target.hash.slice(1));
    });
  }

  private heading(): HTMLElement {
    const { data } = this;
    return element("header", {}, ...headingOf(data));
  }

  private bar(): HTMLElement {
    const { zoom } = this.shared;
    const links = element("ul", {}, ...this.data.sections.map((section) =>
      element("li", {}, element("a", { href: `#${section.id}` }, section.title))));
    return element("nav", { "aria-label": "Sections and view" }, links, element("div", { class: "tools" }, this.tracks(), ...viewButtons(zoom)));
  }

  private tracks(): HTMLElement | null {
    if (this.data.tracks.length < 2) return null;
    const select = element("select", { "aria-label": "Track" }, ...this.data.tracks.map((name, k) =>
      element("option", { value: String(k) }, name)));
    select.addEventListener("change", () => this.select(Number(select.value)));
    return select;
  }

  private section(section: Section): HTMLElement {
    const figures = section.blocks.map((block) => this.figure(block));
    return element("section", { id: section.id, "aria-labelledby": `${section.id}-title` },
      element("h2", { id: `${section.id}-title` }, section.title),
      section.text === undefined ? null : element("p", { class: "lead" }, section.text),
      element("div", { class: "grid" }, ...figures));
  }

  private figure(block: Block): HTMLElement {
    const picture = block.kind === "lines" ? new LinesPicture(block, this.shared)
      : block.kind === "plane" ? new PlanePicture(block, this.shared) : null;
    const inner = picture !== null ? picture.node
      : block.kind === "table" ? tableOf(block)
        : block.kind === "sentences" ? sentencesOf(block, (id) => this.titleOf(id)) : textOf(block as Extract<Block, { kind: "text" }>);
    const said = this.said(block.id);
    const text = "text" in block && block.kind !== "text" ? block.text ?? null : null;
    const node = element("figure", { id: block.id, class: block.kind, tabindex: "-1" },
      element("figcaption", {}, element("h3", {}, element("bdi", {}, block.title)), text === null ? null : element("p", {}, text), ...said), inner);
    this.figures.set(block.id, { node, block, picture });
    return node;
  }

  /** What the sentences say that lead to this picture. */
  private said(id: string): HTMLElement[] {
    return this.data.sections.flatMap((section) => section.blocks).flatMap((block) =>
      block.kind !== "sentences" ? [] : block.items.filter((item) => item.picture === id && item.bad).map((item) =>
        element("p", { class: "said" }, element("strong", {}, item.mark), " ", item.text)));
  }

  private titleOf(id: string): string {
    for (const section of this.data.sections) {
      for (const block of section.blocks) if (block.id === id) return block.title;
    }
    return "";
  }

  /** Show one track, and what belongs to none. */
  private select(track: number): void {
    this.track = track;
    this.shared.zoom.show(null);
    for (const { node, block, picture } of this.figures.values()) {
      node.hidden = block.track !== undefined && block.track !== track;
      if (!node.hidden && picture !== null && !picture.drawn) this.nearby.observe(node);
    }
  }

  private reveal(id: string): void {
    const figure = this.figures.get(id);
    if (figure === undefined) return;
    const { track } = figure.block;
    if (track !== undefined && track !== this.track) {
      const select = this.root.querySelector("select");
      if (select !== null) select.value = String(track);
      this.select(track);
    }
    figure.picture?.draw();
    figure.node.focus({ preventScroll: true });
  }

  /** The first and the last time of what is shown. */
  private whole(): Span {
    let span: [number, number] | null = null;
    for (const { block } of this.figures.values()) {
      if (block.kind !== "lines" || !block.shared || (block.track ?? this.track) !== this.track) continue;
      const x = this.shared.columns.at(block.x.column);
      const [low, high] = [x[0], x[x.length - 1]];
      if (low === undefined || high === undefined) continue;
      span = span === null ? [low, high] : [Math.min(span[0], low), Math.max(span[1], high)];
    }
    if (span === null) return [0, 1];
    return span[1] > span[0] ? span : [span[0] - 0.5, span[1] + 0.5];
  }

  private print(on: boolean): void {
    print(on);
    for (const { node, picture } of this.figures.values()) {
      if (!node.hidden && picture !== null && (on || picture.drawn)) picture.draw(on ? PAPER : undefined);
    }
  }
}

/** Title, facts and notes. */
export function headingOf(data: PageData): HTMLElement[] {
  const notes = data.notes.map((text) => element("p", { class: "note" }, text));
  return [element("h1", {}, element("bdi", {}, data.title)),
    element("ul", { class: "facts" }, ...data.facts.map((fact) => element("li", {}, element("bdi", {}, fact)))), ...notes];
}

/** The buttons that change the span of time and the colours. */
export function viewButtons(zoom: Zoom): HTMLElement[] {
  const back = button("Back", "Back to the span before (Backspace)", () => zoom.back());
  const all = button("Show all", "Show the whole span of time (0)", () => zoom.show(null));
  const enable = (): void => {
    back.disabled = !zoom.canGoBack;
    all.disabled = zoom.current === null;
  };
  zoom.listen(enable);
  enable();
  const light = button("", "Light or dark", toggleTheme);
  const name = (): void => { light.textContent = theme() === "dark" ? "Light" : "Dark"; };
  onTheme(name);
  name();
  return [back, all, light];
}

export function button(text: string, title: string, click: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", title }, text);
  made.addEventListener("click", click);
  return made;
}
