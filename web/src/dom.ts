// Elements made from text: names and sentences are never read as markup.

export type Child = Node | string | null;

/** An HTML element with attributes and children; a string becomes a text node. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string> = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  for (const child of children) if (child !== null) made.append(child);
  return made;
}

/** Give a node other children; those that are equal stay, so that the browser has nothing to do for them. */
export function refill(node: Element, children: Node[]): void {
  children.forEach((child, k) => {
    const old = node.childNodes[k];
    if (old === undefined) node.append(child);
    else if (!old.isEqualNode(child)) old.replaceWith(child);
  });
  while (node.childNodes.length > children.length) node.lastChild?.remove();
}

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element with attributes and children. */
export function shape(tag: string, attributes: Record<string, string | number>, ...children: Child[]): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  for (const child of children) if (child !== null) made.append(child);
  return made;
}

/** A number for people: six digits, without trailing zeros. */
export function digits(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return value.toExponential(3);
  return String(Number(value.toPrecision(6)));
}

/** Seconds since 1970 as a date and a time in UTC. */
export function dateText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace("T", " ").replace(/(:00)?\.000Z$|Z$/, "");
}
