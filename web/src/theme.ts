// Light or dark: as the system says, until the reader chooses. Colours are those of the style sheet.

import type { Role } from "./document";

type Theme = "light" | "dark";
const listeners = new Set<() => void>();
const system = window.matchMedia("(prefers-color-scheme: dark)");
let chosen: Theme | null = null;
let printing = false;

export function theme(): Theme {
  if (printing) return "light";
  return chosen ?? (system.matches ? "dark" : "light");
}

/** The value of a colour, such as `filtered` or `grid`. */
export function colour(name: Role | "text" | "faint" | "grid" | "alarm", alpha = 1): string {
  const found = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  if (alpha === 1) return found;
  const long = found.length === 4 ? found.replace(/[^#]/g, "$&$&") : found; // #888 is #888888
  return long + Math.round(alpha * 255).toString(16).padStart(2, "0");
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
  for (const listener of listeners) listener();
}

system.addEventListener("change", apply);
