// Live figures take their places: each <div class="live" data-live="KIND"> of a page, and its static picture steps back.

import style from "./live.css?inline"; // within the script, so that a page loads one file
import { element } from "../src/dom";
import { curvedWorlds } from "./curved";
import { Figure, type Kind } from "./figure";
import { gain } from "./gain";
import { matrices } from "./matrices";
import { oneRadar } from "./one-radar";
import { recursion } from "./recursion";
import { tuning } from "./tuning";

const KINDS: Record<string, Kind> = {
  "one-radar": oneRadar, gain, recursion, ellipse: matrices, curved: curvedWorlds, tuning,
};

declare global {
  interface Window { foglight?: { live: Record<string, Figure> } }
}

/** The picture just before a figure: it stays for print. */
function stillOf(host: Element): Element | null {
  const before = host.previousElementSibling;
  if (before === null) return null;
  const alone = before.querySelector("img, svg, object") !== null && (before.textContent ?? "").trim() === "";
  return before.matches("img, svg, object, picture, figure") || alone ? before : null;
}

function mount(): void {
  const hosts = document.querySelectorAll<HTMLElement>("div.live[data-live]");
  if (hosts.length === 0) return;
  document.head.append(element("style", {}, style));
  const figures: Record<string, Figure> = {};
  hosts.forEach((host, number) => {
    const name = host.dataset.live ?? "";
    const kind = KINDS[name];
    if (kind === undefined) return;
    stillOf(host)?.classList.add("live-still");
    host.classList.add("live-ready");
    figures[name] = new Figure(kind, host, number);
  });
  window.foglight = { live: figures };
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mount);
else mount();
