// The switches of a studio: method, outliers, other methods beside it, and a sensor that fails.

import { element } from "./dom";
import type { Guard, State, ToServer } from "./messages";

type Send = (message: ToServer) => void;

const GUARDS: { option: Guard; name: string; usual: number; unit: string }[] = [
  { option: "gate", name: "Gate", usual: 0.999, unit: "probability" },
  { option: "huber", name: "Huber bound", usual: 1.5, unit: "σ" },
  { option: "student", name: "Student-t", usual: 4, unit: "degrees of freedom" },
];

export class Switches {
  readonly node = element("div", { class: "switches" });
  private readonly method = element("select", { "aria-label": "Method" });
  private readonly guards = new Map<Guard, { box: HTMLInputElement; field: HTMLInputElement }>();
  private readonly overlay = element("div", { class: "choices", role: "group", "aria-label": "Other methods beside it" });
  private readonly sensor = element("select", { "aria-label": "Sensor that fails" });
  private readonly row = element("input", { type: "number", min: "0", step: "1", value: "0", "aria-label": "Row from which it fails" });
  private readonly restore = element("div", { class: "choices" });

  constructor(private readonly send: Send) {
    this.method.addEventListener("change", () => send({ do: "method", name: this.method.value }));
    const fail = element("button", { type: "button" }, "Leave out");
    fail.addEventListener("click", () => send({ do: "leave out", sensor: this.sensor.value, row: this.row.valueAsNumber }));
    this.node.append(
      labelled("Method", this.method),
      ...GUARDS.map((guard) => this.guard(guard)),
      element("div", { class: "line" }, element("span", { class: "name" }, "Beside it"), this.overlay),
      element("div", { class: "line" }, element("span", { class: "name" }, "What if"), this.sensor, "failed from row", this.row, fail),
      this.restore);
  }

  show(state: State): void {
    fill(this.method, state.methods.map((name) => [name, name.toUpperCase()]));
    this.method.value = state.method;
    for (const { option, usual } of GUARDS) {
      const found = this.guards.get(option);
      const value = state.guards[option];
      if (found === undefined) continue;
      found.box.checked = value !== null;
      if (document.activeElement !== found.field) found.field.value = String(typeof value === "number" ? value : Number(found.field.value) || usual);
    }
    this.others(state);
    fill(this.sensor, state.sensors.map((name) => [name, name]));
    if (document.activeElement !== this.row) this.row.value = String(state.row);
    this.restore.replaceChildren(...Object.entries(state.missing).map(([sensor, row]) => {
      const button = element("button", { type: "button" }, element("bdi", {}, sensor), ` failed from row ${row}: bring it back`);
      button.addEventListener("click", () => this.send({ do: "leave out", sensor, row: null }));
      return button;
    }));
  }

  private guard({ option, name, usual, unit }: (typeof GUARDS)[number]): HTMLElement {
    const box = element("input", { type: "checkbox" });
    const field = element("input", { type: "number", step: "any", value: String(usual), "aria-label": `${name}: ${unit}` });
    const change = (): void => this.send({ do: "guard", option, value: box.checked ? field.valueAsNumber : null });
    box.addEventListener("change", change);
    field.addEventListener("change", () => { if (box.checked) change(); });
    this.guards.set(option, { box, field });
    return element("div", { class: "line" }, element("label", {}, box, ` ${name}`), field, element("span", { class: "unit" }, unit));
  }

  private others(state: State): void {
    const names = state.methods.filter((name) => name !== state.method);
    const shown = [...this.overlay.querySelectorAll("input")].map((box) => box.value);
    if (shown.join() !== names.join()) {
      this.overlay.replaceChildren(...names.map((name) => {
        const box = element("input", { type: "checkbox", value: name });
        box.addEventListener("change", () => {
          const chosen = [...this.overlay.querySelectorAll("input")].filter((other) => other.checked).map((other) => other.value);
          this.send({ do: "overlay", methods: chosen });
        });
        return element("label", {}, box, ` ${name.toUpperCase()}`);
      }));
    }
    for (const box of this.overlay.querySelectorAll("input")) box.checked = state.overlay.includes(box.value);
  }
}

function labelled(name: string, control: HTMLElement): HTMLElement {
  return element("div", { class: "line" }, element("span", { class: "name" }, name), control);
}

/** The options of a list, made again only where they differ. */
function fill(list: HTMLSelectElement, options: string[][]): void {
  if ([...list.options].map((option) => option.value).join("\n") === options.map(([value]) => value).join("\n")) return;
  list.replaceChildren(...options.map(([value, text]) => element("option", { value: value ?? "" }, text ?? "")));
}
