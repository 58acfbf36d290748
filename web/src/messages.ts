// What a studio and its server say to each other: src/foglight/pictures/studio/messages.py.

import type { PageData } from "./document";

export interface Slider { parameter: string; name: string; unit: string; log: boolean; low: number; high: number; value: number }

export type Guard = "gate" | "huber" | "student";

export interface State {
  sliders: Slider[];
  method: string;
  methods: string[];
  guards: Record<Guard, number | Record<string, number> | null>;
  sensors: string[];
  missing: Record<string, number>;
  overlay: string[];
  undo: boolean;
  redo: boolean;
  file: boolean;
  toml: boolean;
  row: number;
  tuning: boolean;
}

export interface RowNumbers {
  is: "row";
  row: number;
  time: number;
  status: string;
  nis: number | null;
  loglik: number | null;
  gain_of: string[];
  states: { name: string; unit: string; predicted: number; predicted_std: number | null; filtered: number; filtered_std: number | null }[];
  components: { name: string; unit: string; reading: number | null; innovation: number | null; S: (number | null)[]; gain: (number | null)[] }[];
}

export interface Tuned {
  is: "tuned";
  error?: string;
  parameters?: { parameter: string; value: number; interval: [number, number] | null }[];
  loglik?: number | null;
  converged?: boolean;
  sentences?: string[];
}

export type FromServer =
  | { is: "page"; whole: boolean; page: PageData; state: State }
  | RowNumbers | Tuned
  | { is: "progress"; rows: number }
  | { is: "said"; bad: boolean; text: string }
  | { is: "toml"; name: string; text: string }
  | { is: "python"; text: string }
  | { is: "done"; n: number | null };

export type ToServer = { do: string } & Record<string, unknown>;
