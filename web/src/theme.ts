// Light or dark: as the system says, until the reader chooses. Colours are those of the style sheet.

import type { Role } from "./document";

type Theme = "light" | "dark";
const listeners = new Set<() => void>();
const system = window.matchMedia("(prefers-color-scheme: dark)");
const DARKER = 1.7; // as many times as opaque is what shines through on a dark page, to be seen as well
const known = new Map<string, string>(); // colours of the theme; to ask for a style is slow after a change of the page
let chosen: Theme | null = null;
let printing = false;
let letter: number | null = null;

export function theme(): Theme {
  if (printing) return "light";
  return chosen ?? (system.matches ? "dark" : "light");
}

/** The value of a colour, such as `filtered` or `grid`. */
export function colour(name: Role | "text" | "faint" | "grid", alpha = 1): string {
  let found = known.get(name);
  if (found === undefined) {
    found = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    known.set(name, found);
  }
  if (alpha === 1) return found;
  const long = found.length === 4 ? found.replace(/[^#]/g, "$&$&") : found; // #888 is #888888
  const share = theme() === "dark" ? Math.min(1, DARKER * alpha) : alpha;
  return long + Math.round(share * 255).toString(16).padStart(2, "0");
}

/** The size of a letter of the page, in pixels. */
export function rem(): number {
  letter ??= parseFloat(getComputedStyle(document.documentElement).fontSize);
  return letter;
}

export function onTheme(listener: () => void): void {
  listeners.add(listener);
}

export function toggleTheme(): void {
  chosen = theme() === "dark" ? "light" : "dark";
  apply();
}

/** Ink on paper: light while the page is printed. */
export function print(on: boolean): void {
  printing = on;
  apply();
}

export function apply(): void {
  document.documentElement.dataset.theme = theme();
  known.clear();
  letter = null;
  for (const listener of listeners) listener();
}

system.addEventListener("change", apply);
window.addEventListener("resize", () => { letter = null; });
