// What all pictures of a page share: columns, the span of time, the moment under the cursor.

import type { Columns } from "./columns";
import type { Block } from "./document";
import { changed, type Span, type Zoom } from "./zoom";

export interface Shared {
  columns: Columns;
  zoom: Zoom;
  /** The whole span of time of what is shown. */
  whole: () => Span;
  moment: Moment;
  /** What a click on a time does; nothing on a page without a server. */
  pick?: (time: number) => void;
}

type Listener = (time: number | null) => void;

/** The time under the cursor, for pictures that have no axis of time. */
export class Moment {
  private readonly listeners = new Set<Listener>();

  listen(listener: Listener): void {
    this.listeners.add(listener);
  }

  show(time: number | null): void {
    for (const listener of this.listeners) listener(time);
  }
}

/** A picture on a page. */
export interface Picture<B extends Block = Block> {
  node: HTMLElement;
  /** Draw it, for the first time or again, as wide as its frame or as given. */
  draw(width?: number): void;
  /** Draw other numbers, or other curves. */
  update(block: B): void;
  /** Whether it was drawn before. */
  readonly drawn: boolean;
}

/** Zoom by keys, in any picture over time. Returns whether the key was one of them. */
export function zoomByKey(event: KeyboardEvent, shared: Shared): boolean {
  const { zoom } = shared;
  const whole = shared.whole();
  const span = zoom.current ?? whole;
  if (event.key === "+" || event.key === "=") zoom.show(changed(span, whole, 0.5, 0));
  else if (event.key === "-") zoom.show(changed(span, whole, 2, 0));
  else if (event.key === "ArrowLeft" && event.shiftKey) zoom.show(changed(span, whole, 1, -0.25));
  else if (event.key === "ArrowRight" && event.shiftKey) zoom.show(changed(span, whole, 1, 0.25));
  else if (event.key === "0") zoom.show(null);
  else if (event.key === "Backspace") zoom.back();
  else return false;
  event.preventDefault();
  return true;
}

/** The first index of a sorted column whose number is not below a value. */
export function firstFrom(column: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
