// The span of time that all pictures show, and the steps back.

export type Span = readonly [number, number];
type Listener = (span: Span | null) => void;

/** One span for all pictures over time; null is everything. */
export class Zoom {
  private span: Span | null = null;
  private readonly earlier: (Span | null)[] = [];
  private readonly listeners = new Set<Listener>();

  get current(): Span | null {
    return this.span;
  }

  get canGoBack(): boolean {
    return this.earlier.length > 0;
  }

  listen(listener: Listener): void {
    this.listeners.add(listener);
  }

  show(span: Span | null): void {
    if (span !== null && !(span[1] > span[0])) return;
    if (same(span, this.span)) return;
    this.earlier.push(this.span);
    if (this.earlier.length > 100) this.earlier.shift();
    this.set(span);
  }

  back(): void {
    const before = this.earlier.pop();
    if (before !== undefined) this.set(before);
  }

  private set(span: Span | null): void {
    this.span = span;
    for (const listener of this.listeners) listener(span);
  }
}

function same(a: Span | null, b: Span | null): boolean {
  return a === b || (a !== null && b !== null && a[0] === b[0] && a[1] === b[1]);
}

/** A span around the same middle, `by` times as wide, or moved by a share of its width; within `whole`. */
export function changed(span: Span, whole: Span, by: number, move: number): Span | null {
  const width = Math.min((span[1] - span[0]) * by, whole[1] - whole[0]);
  const middle = (span[0] + span[1]) / 2 + move * width;
  const low = Math.max(whole[0], Math.min(middle - width / 2, whole[1] - width));
  return width >= whole[1] - whole[0] ? null : [low, low + width];
}
