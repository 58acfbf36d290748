// The page's data: one JSON document, as docs/reference/page-data.md describes it.

export type Role =
  | "measured" | "predicted" | "filtered" | "smoothed" | "truth" | "bound" | "value" | "alarm"
  | "one" | "two" | "three" | "four" | "five" | "six" | "seven" | "eight";

/** A column of numbers, packed: floats to which `offset` is added, as base64 of their little-endian bytes or as they are. */
export interface Column { type: "f4" | "f8"; offset: number; data: string | Float32Array | Float64Array }

/** What a curve is drawn from: the numbers of columns in `columns`. */
export interface Series {
  name: string;
  role: Role;
  style: "line" | "dashes" | "points" | "crosses" | "band" | "stems";
  y: number; // of a band, the lower edge
  high?: number; // of a band, the upper edge
}

export interface Marks { column: number; name: string }

export interface Lines {
  kind: "lines";
  id: string;
  title: string;
  text?: string;
  shared: boolean; // whether x is the time, which all such pictures zoom together
  x: { column: number; label: string; dates?: boolean };
  y: { label: string };
  series: Series[];
  marks?: Marks[];
  track?: number;
}

export interface Path { name: string; role: Role; style: "line" | "dashes" | "points" | "crosses"; x: number; y: number; time: number }

export interface Plane {
  kind: "plane";
  id: string;
  title: string;
  text?: string;
  x: { label: string };
  y: { label: string };
  paths: Path[];
  ellipses?: { role: Role; name: string; x: number; y: number; a: number; b: number; angle: number; time: number };
  sensors: { name: string; x: number; y: number }[];
  track?: number;
}

export interface TableBlock {
  kind: "table";
  id: string;
  title: string;
  text?: string;
  head: string[];
  rows: string[][];
  marked: number[]; // rows that need attention
  track?: number;
}

export interface Sentences {
  kind: "sentences";
  id: string;
  title: string;
  items: { mark: string; text: string; bad: boolean; picture: string | null }[];
  track?: number;
}

export interface Text { kind: "text"; id: string; title: string; text: string; track?: number }

export type Block = Lines | Plane | TableBlock | Sentences | Text;

/** at: which of the section's pictures these are, in a part of a live page. */
export interface Section { id: string; title: string; text?: string; blocks: Block[]; at?: number[] }

export interface PageData {
  format: "foglight-page";
  version: 1;
  title: string;
  facts: string[];
  notes: string[];
  made: string;
  tracks: string[];
  columns: Column[];
  sections: Section[];
}

/** The document of a page that was opened from disk. */
export function documentOf(element: HTMLElement): PageData {
  const found = JSON.parse(element.textContent ?? "") as PageData;
  if (found.format !== "foglight-page" || found.version !== 1) {
    throw new Error("the data of this page are of another version of Foglight");
  }
  return found;
}
