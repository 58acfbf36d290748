// Messages with columns of numbers: a text of JSON, and behind it the bytes of the columns as they are.

import type { FromServer } from "./messages";

const WORD = 8; // bytes; each column begins at a multiple of it, as its numbers need

interface Stored { type: "f4" | "f8"; offset: number; at: number; count: number }

/** The message in these bytes: its length as an unsigned integer of 4 bytes, the text, and the columns. */
export function fromBytes(bytes: ArrayBuffer): FromServer {
  const length = new DataView(bytes).getUint32(0, true);
  const message = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length))) as FromServer;
  if (message.is !== "page") return message;
  const first = Math.ceil((4 + length) / WORD) * WORD;
  message.page.columns = (message.page.columns as unknown as Stored[]).map(({ type, offset, at, count }) => {
    const data = type === "f8" ? new Float64Array(bytes, first + at, count) : new Float32Array(bytes, first + at, count);
    return { type, offset, data };
  });
  return message;
}
