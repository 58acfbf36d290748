// The socket to the server of a studio. Moves of a slider that come faster than their pictures are left out.

import { fromBytes } from "./binary";
import type { FromServer, ToServer } from "./messages";

export class Connection {
  private readonly socket: WebSocket;
  private readonly token = new URLSearchParams(location.search).get("token") ?? "";
  private count = 0;
  private underWay: { n: number; since: number } | null = null;
  private latest: { message: ToServer; since: number } | null = null;

  /** moved: what to do once the pictures of a move are drawn; since: when the slider first moved there. */
  constructor(receive: (message: FromServer) => void, ended: (reason: string) => void, private readonly moved: (since: number) => void) {
    this.socket = new WebSocket(`ws://${location.host}/live`);
    this.socket.binaryType = "arraybuffer";
    this.socket.addEventListener("open", () => this.socket.send(JSON.stringify({ token: this.token })));
    this.socket.addEventListener("message", (event) => {
      const data = event.data as string | ArrayBuffer;
      const message = typeof data === "string" ? JSON.parse(data) as FromServer : fromBytes(data);
      if (message.is === "done") this.done(message.n);
      else receive(message);
    });
    this.socket.addEventListener("close", (event) => ended(event.reason));
  }

  /** Send a message; all of them are followed, in order. */
  send(message: ToServer): number {
    this.count += 1;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ ...message, n: this.count }));
    return this.count;
  }

  /** Send a move; while one is under way, only the latest one waits. */
  move(message: ToServer, since: number): void {
    if (this.underWay === null) this.underWay = { n: this.send(message), since };
    else this.latest = { message, since: this.latest?.since ?? since };
  }

  /** Whether a later move waits for the one under way, whose picture then has older numbers than the sliders. */
  get waits(): boolean {
    return this.latest !== null;
  }

  /** Send a file, and return what is wrong with it; "" if nothing is. */
  async upload(file: File): Promise<string> {
    const headers = { "X-Foglight-Token": this.token, "X-File-Name": encodeURIComponent(file.name) };
    const answer = await fetch("/log", { method: "POST", body: file, headers });
    return answer.text();
  }

  private done(n: number | null): void {
    const { underWay, latest } = this;
    if (underWay === null || n !== underWay.n) return;
    this.underWay = this.latest = null;
    if (latest !== null) this.move(latest.message, latest.since);
    this.moved(underWay.since);
  }
}
