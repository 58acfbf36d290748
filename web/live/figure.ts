// A live figure: pictures with a legend, the controls, and a sentence that says what is seen.

import { element, type Child } from "../src/dom";
import type { Run } from "./filter";
import { Slider, type Control } from "./slider";

const REST = 300; // ms after the last move until the sentence is read out
const GLIDE = 450; // ms from one step to the next

export type Values = Record<string, number>;
export interface Matrix { name: string; rows: string[][] }
export interface Drawn { plots: SVGElement[]; says: string; runs: Record<string, Run>; matrices?: Matrix[] }
export interface Entry { name: string; kind: string; style: "line" | "dashes" | "area" | "dots" | "mark" | "cross" }
export interface Button { text: string; act: (values: Values) => Values }

/** What a kind of figure is: its picture is a function of the values of its controls. */
export interface Kind {
  title: string;
  controls: Control[];
  steps?: string[]; // names of the positions of the value "step"
  buttons?: Button[];
  legend: Entry[];
  draw: (values: Readonly<Values>, width: number) => Drawn;
}

export class Figure {
  readonly values: Values = {};
  runs: Record<string, Run> = {};
  private readonly sliders: Slider[];
  private readonly plots = element("div", { class: "live-plots" });
  private readonly says = element("p", { class: "live-says", "aria-live": "polite", "aria-atomic": "true" });
  private readonly matrices = element("div", { class: "live-matrices" });
  private readonly choices: HTMLInputElement[] = [];
  private readonly start: Values;
  private asked = 0;
  private waiting = false;
  private resting = 0;

  constructor(readonly kind: Kind, private readonly host: HTMLElement, number: number) {
    for (const control of kind.controls) this.values[control.name] = control.value;
    if (kind.steps !== undefined) this.values.step = 0;
    this.start = { ...this.values };
    this.sliders = kind.controls.map((control) => new Slider(control, (value) => this.moved({ [control.name]: value })));
    const buttons = [...(kind.buttons ?? []), { text: "Reset", act: () => this.start }].map(({ text, act }) => {
      const made = element("button", { type: "button" }, text);
      made.addEventListener("click", () => this.set(act(this.values)));
      return made;
    });
    host.setAttribute("role", "group");
    host.setAttribute("aria-label", `Live figure: ${kind.title}`);
    host.replaceChildren(...[this.stepsOf(number), this.plots, this.legend(),
      element("div", { class: "live-sliders" }, ...this.sliders.map((slider) => slider.node)),
      element("div", { class: "live-buttons" }, ...buttons),
      this.matrices, this.says].filter((child) => child !== null)); // what changes in height comes last
    new ResizeObserver(() => this.request()).observe(host);
    this.draw();
  }

  private stepsOf(number: number): HTMLElement | null {
    const { steps } = this.kind;
    if (steps === undefined) return null;
    const group = element("fieldset", { class: "live-steps" }, element("legend", {}, "What happens"));
    steps.forEach((text, k) => {
      const input = element("input", { type: "radio", name: `live-step-${number}`, value: String(k) });
      input.checked = k === 0;
      input.addEventListener("change", () => this.glide(k));
      this.choices.push(input);
      group.append(element("label", {}, input, element("span", {}, text)));
    });
    return group;
  }

  private legend(): HTMLElement {
    return element("ul", { class: "live-legend" }, ...this.kind.legend.map(({ name, kind, style }) =>
      element("li", {}, element("i", { class: `${kind} ${style}`, "aria-hidden": "true" }), name)));
  }

  /** Set values from elsewhere, and show them. */
  set(values: Values): void {
    Object.assign(this.values, values);
    for (const slider of this.sliders) slider.show(this.values[slider.control.name] ?? NaN);
    for (const [k, choice] of this.choices.entries()) choice.checked = k === Math.round(this.values.step ?? 0);
    this.moved({});
  }

  /** To another step: at once for those who asked for less motion. */
  private glide(to: number): void {
    const from = this.values.step ?? 0;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const began = performance.now();
    const frame = (now: number): void => {
      const share = still ? 1 : Math.min(1, Math.max(0, now - began) / GLIDE);
      this.moved({ step: share === 1 ? to : from + (to - from) * share * share * (3 - 2 * share) });
      if (share < 1 && this.choices[to]?.checked === true) requestAnimationFrame(frame);
    };
    frame(began);
  }

  private moved(values: Values): void {
    Object.assign(this.values, values);
    this.says.setAttribute("aria-busy", "true"); // screen readers wait until the hand rests
    clearTimeout(this.resting);
    this.resting = window.setTimeout(() => this.says.setAttribute("aria-busy", "false"), REST);
    this.request();
  }

  /** Draw at once, and at most once a frame. */
  private request(): void {
    if (this.asked !== 0) {
      this.waiting = true;
      return;
    }
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      if (this.waiting) this.request();
    });
    this.draw();
  }

  private draw(): void {
    this.waiting = false;
    const width = Math.floor(this.plots.clientWidth);
    if (width === 0) return;
    const { plots, says, runs, matrices } = this.kind.draw(this.values, width);
    this.plots.replaceChildren(...plots);
    if (this.says.textContent !== says) this.says.textContent = says;
    this.matrices.replaceChildren(...(matrices ?? []).map(matrixOf));
    this.runs = runs;
    this.host.dataset.drawn = String(Number(this.host.dataset.drawn ?? 0) + 1);
  }
}

function matrixOf({ name, rows }: Matrix): HTMLElement {
  const cells: Child[] = rows.map((row) => element("tr", {}, ...row.map((text) => element("td", {}, text))));
  return element("div", { class: "live-matrix" }, element("i", {}, `${name} = `),
    element("table", { "aria-label": name }, element("tbody", {}, ...cells)));
}
