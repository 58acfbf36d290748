// Numbers and shares in words.

/** Three digits, as people write them. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const text = Number(value.toPrecision(3));
  return Math.abs(text) >= 1e-3 || text === 0 ? String(text).replace("-", "−") : value.toExponential(1).replace("-", "−");
}

const SHARES: [number, string][] = [
  [0.1, "a tenth"], [0.2, "a fifth"], [0.25, "a quarter"], [1 / 3, "a third"], [0.4, "two fifths"], [0.5, "half"],
  [0.6, "three fifths"], [2 / 3, "two thirds"], [0.75, "three quarters"], [0.8, "four fifths"], [0.9, "nine tenths"],
];

/** A share of 1: "about a third". */
export function share(value: number): string {
  if (value < 0.05) return "almost nothing";
  if (value > 0.95) return "almost everything";
  const [near, text] = SHARES.reduce((best, one) => (Math.abs(one[0] - value) < Math.abs(best[0] - value) ? one : best));
  return Math.abs(near - value) < 0.004 ? text : `about ${text}`;
}
