// The numbers of one row: what a click on a picture opens.

import { dateText, digits, element } from "./dom";
import type { RowNumbers } from "./messages";

const CLOCK = 1e9; // seconds from which on a time is one since 1970, as in the pictures

export class Inspector {
  readonly node = element("section", { class: "panel row", "aria-label": "Numbers of a row" });

  constructor() {
    this.hint();
  }

  show(row: RowNumbers): void {
    const states = table(["state", "predicted", "filtered"], row.states.map((state) =>
      [named(state.name, state.unit), within(state.predicted, state.predicted_std), within(state.filtered, state.filtered_std)]));
    const readings = table(["reading", "value", "innovation", "S"], row.components.map((component, j) =>
      [named(component.name, component.unit), digits(component.reading), digits(component.innovation), digits(component.S[j])]));
    const gains = table(["gain of", ...row.gain_of], row.components.map((component) => [component.name, ...component.gain.map(digits)]));
    this.node.replaceChildren(
      element("h2", {}, `Row ${row.row}`),
      element("p", {}, `time ${row.time >= CLOCK ? dateText(row.time) : digits(row.time)} · ${row.status} · NIS ${digits(row.nis)} · log-likelihood ${digits(row.loglik)}`),
      states, readings, gains);
  }

  private hint(): void {
    this.node.replaceChildren(element("h2", {}, "Row"),
      element("p", {}, "Click on a picture over time, or press Enter on it, for the numbers of that row."));
  }
}

function named(name: string, unit: string): string {
  return unit === "" ? name : `${name} (${unit})`;
}

function within(value: number, std: number | null): string {
  return std === null ? digits(value) : `${digits(value)} ± ${digits(std)}`;
}

function table(head: string[], rows: string[][]): HTMLElement {
  const cells = (row: string[]): HTMLElement[] => row.map((text, k) =>
    element(k === 0 ? "th" : "td", k === 0 ? { scope: "row" } : {}, element("bdi", {}, text)));
  return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": head[0] ?? "" }, element("table", {},
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, element("bdi", {}, text))))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells(row))))));
}
