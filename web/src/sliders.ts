// The sliders of a studio: logarithmic where a parameter is positive, with a field for the exact number.

import { digits, element } from "./dom";
import type { Slider, Tuned } from "./messages";

const STEPS = 1000;

type Move = (parameter: string, value: number, held: boolean) => void;

/** The number at a position of 0 to STEPS. */
export function numberAt(slider: Slider, position: number): number {
  const share = position / STEPS;
  return slider.log ? slider.low * (slider.high / slider.low) ** share : slider.low + share * (slider.high - slider.low);
}

/** The position of a number. */
export function positionOf(slider: Slider, value: number): number {
  const share = slider.log ? Math.log(value / slider.low) / Math.log(slider.high / slider.low)
    : (value - slider.low) / (slider.high - slider.low);
  return Math.round(STEPS * Math.max(0, Math.min(1, share)));
}

function set(input: HTMLInputElement, value: string): void {
  if (input.value !== value) input.value = value;
}

function rounded(value: number): string {
  return digits(Number(value.toPrecision(4)));
}

class Control {
  readonly node: HTMLElement;
  private readonly range: HTMLInputElement;
  private readonly field: HTMLInputElement;
  private readonly fitted = element("p", { class: "fitted" });
  private held = false;

  constructor(private slider: Slider, move: Move) {
    const label = slider.unit === "" ? slider.name : `${slider.name} (${slider.unit})`;
    this.range = element("input", { type: "range", min: "0", max: String(STEPS), step: "1", "aria-label": label });
    this.field = element("input", { type: "number", step: "any", "aria-label": `${label}, as a number` });
    this.range.addEventListener("input", () => {
      this.held = true;
      const value = numberAt(this.slider, Number(this.range.value));
      move(slider.parameter, value, true); // first, since what is written changes the layout
      this.write(value);
    });
    this.range.addEventListener("change", () => {
      this.held = false;
      move(slider.parameter, numberAt(this.slider, Number(this.range.value)), false);
    });
    this.field.addEventListener("change", () => {
      const value = this.field.valueAsNumber;
      if (Number.isFinite(value)) move(slider.parameter, value, false);
    });
    this.node = element("div", { class: "slider" },
      element("div", { class: "name" }, element("bdi", {}, slider.name)),
      element("div", { class: "exact" }, this.field, element("span", { class: "unit" }, slider.unit)),
      this.range, this.fitted);
    this.show(slider);
  }

  show(slider: Slider): void {
    this.slider = { ...slider };
    if (this.held) return;
    set(this.range, String(positionOf(slider, slider.value)));
    this.write(slider.value);
  }

  /** What a search found; null for nothing. */
  showFit(text: string | null): void {
    this.fitted.textContent = text;
  }

  private write(value: number): void {
    this.slider.value = value;
    if (document.activeElement !== this.field) set(this.field, String(Number(value.toPrecision(5))));
    const spoken = `${rounded(value)} ${this.slider.unit}`.trim();
    if (this.range.getAttribute("aria-valuetext") !== spoken) this.range.setAttribute("aria-valuetext", spoken);
  }
}

export class Sliders {
  readonly node = element("div", { class: "sliders" });
  private readonly controls = new Map<string, Control>();

  constructor(private readonly move: Move) {}

  show(sliders: Slider[]): void {
    for (const slider of sliders) {
      const known = this.controls.get(slider.parameter);
      if (known !== undefined) {
        known.show(slider);
        continue;
      }
      const control = new Control(slider, this.move);
      this.controls.set(slider.parameter, control);
      this.node.append(control.node);
    }
  }

  showFit(parameters: NonNullable<Tuned["parameters"]>): void {
    for (const { parameter, value, interval } of parameters) {
      const range = interval === null ? "at a bound, or not determined by the log" : `95 %: ${rounded(interval[0])} to ${rounded(interval[1])}`;
      this.controls.get(parameter)?.showFit(`tuned ${rounded(value)}; ${range}`);
    }
  }
}
