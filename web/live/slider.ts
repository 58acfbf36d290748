// A slider with its name, what it means, and its value with the unit.

import { element } from "../src/dom";
import { number } from "./words";

const STEPS = 200;

export interface Control {
  name: string; label?: string; // how it is shown, if not by its name
  text: string; unit?: string; low: number; high: number; value: number;
  log?: boolean; // equal steps are equal ratios
  whole?: boolean;
}

let made = 0;

export class Slider {
  readonly node: HTMLElement;
  private readonly range: HTMLInputElement;
  private readonly shown: HTMLElement;

  constructor(readonly control: Control, moved: (value: number) => void) {
    const id = `live-slider-${made++}`;
    const steps = control.whole === true ? control.high - control.low : STEPS;
    this.range = element("input", { type: "range", id, min: "0", max: String(steps), step: "1" });
    this.shown = element("output", { for: id });
    this.range.addEventListener("input", () => {
      const value = this.valueAt(Number(this.range.value) / steps);
      this.write(value);
      moved(value);
    });
    this.node = element("div", { class: "live-slider" },
      element("label", { for: id }, element("b", {}, control.label ?? control.name), ` ${control.text}`), this.shown, this.range);
    this.show(control.value);
  }

  private valueAt(share: number): number {
    const { low, high, log, whole } = this.control;
    const value = log === true ? low * (high / low) ** share : low + share * (high - low);
    return whole === true ? Math.round(value) : Number(value.toPrecision(3));
  }

  /** Show a value that was set elsewhere. */
  show(value: number): void {
    const { low, high, log } = this.control;
    const share = log === true ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    this.range.value = String(Math.round(share * Number(this.range.max)));
    this.write(value);
  }

  private write(value: number): void {
    const { unit } = this.control;
    const text = unit === undefined ? number(value) : `${number(value)}${unit === "°" ? "" : " "}${unit}`;
    this.shown.textContent = text;
    this.range.setAttribute("aria-valuetext", text);
    this.range.style.setProperty("--at", `${(100 * Number(this.range.value)) / Number(this.range.max)}%`);
  }
}
