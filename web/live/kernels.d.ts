declare module "*.css?inline" {
  const text: string;
  export default text;
}

// What `python -m tools.live_kernels` writes: a kernel of Foglight as JavaScript.

declare module "*.kernel.js" {
  export const CARRY: number;
  export const RECORD: number;
  export const WIDTHS: { u: number; row: number; z: number };
  export function scan(
    rows: number, carry: Float64Array, dt: Float64Array, u: Float64Array, row: Float64Array, z: Float64Array,
    params: Float64Array, out: Float64Array,
  ): void;
}
