// The legend of a picture: what each colour means, its value at the cursor, and whether it is drawn.

import { element } from "./dom";
import type { Role } from "./document";

export interface Entry {
  name: string;
  role: Role;
  style: string;
  toggle?: (shown: boolean) => void;
}

export class Legend {
  readonly node = element("div", { class: "legend" });
  private readonly values: HTMLElement[] = [];
  private readonly where = element("span", { class: "where" });

  constructor(entries: Entry[]) {
    for (const entry of entries) {
      const value = element("span", { class: "number" });
      const parts = [element("i", { class: `swatch ${entry.style} ${entry.role}` }), element("bdi", {}, entry.name), value];
      this.values.push(value);
      const { toggle } = entry;
      if (toggle === undefined) {
        this.node.append(element("span", { class: "entry" }, ...parts));
        continue;
      }
      const button = element("button", { class: "entry", type: "button", "aria-pressed": "true" }, ...parts);
      button.addEventListener("click", () => {
        const shown = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(shown));
        toggle(shown);
      });
      this.node.append(button);
    }
    this.node.append(this.where);
  }

  /** Show what is at the cursor: where it is, and the value of each entry. */
  at(where: string, values: string[]): void {
    this.where.textContent = where;
    this.values.forEach((value, k) => { value.textContent = values[k] ?? ""; });
  }
}
