// What is not a picture: tables, sentences with links to pictures, and text.

import { element } from "./dom";
import type { Sentences, TableBlock, Text } from "./document";

export function tableOf(block: TableBlock): HTMLElement {
  const head = element("tr", {}, ...block.head.map((text) => element("th", { scope: "col" }, text)));
  const rows = block.rows.map((cells, k) => element("tr", block.marked.includes(k) ? { class: "bad" } : {},
    ...cells.map((text, column) => (column === 0 ? element("th", { scope: "row" }, element("bdi", {}, text)) : element("td", {}, text)))));
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": block.title }, table);
}

export function sentencesOf(block: Sentences, titleOf: (id: string) => string): HTMLElement {
  return element("ul", { class: "sentences" }, ...block.items.map((item) => element("li", item.bad ? { class: "bad" } : {},
    element("strong", {}, item.mark), " ", element("bdi", {}, item.text), " ",
    item.picture === null ? null : element("a", { href: `#${item.picture}` }, `See: ${titleOf(item.picture)}`))));
}

export function textOf(block: Text): HTMLElement {
  return element("pre", { tabindex: "0", role: "region", "aria-label": block.title }, block.text);
}
