// The socket to the server of a studio. Moves of a slider that come faster than their pictures are left out.

import type { FromServer, ToServer } from "./messages";

export class Connection {
  private readonly socket: WebSocket;
  private readonly token = new URLSearchParams(location.search).get("token") ?? "";
  private count = 0;
  private waitsFor: number | null = null;
  private latest: ToServer | null = null;

  constructor(receive: (message: FromServer) => void, ended: (reason: string) => void) {
    this.socket = new WebSocket(`ws://${location.host}/live`);
    this.socket.addEventListener("open", () => this.socket.send(JSON.stringify({ token: this.token })));
    this.socket.addEventListener("message", (event) => {
      const message = JSON.parse(event.data as string) as FromServer;
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
  move(message: ToServer): void {
    if (this.waitsFor === null) this.waitsFor = this.send(message);
    else this.latest = message;
  }

  /** Send a file, and return what is wrong with it; "" if nothing is. */
  async upload(file: File): Promise<string> {
    const headers = { "X-Foglight-Token": this.token, "X-File-Name": encodeURIComponent(file.name) };
    const answer = await fetch("/log", { method: "POST", body: file, headers });
    return answer.text();
  }

  private done(n: number | null): void {
    if (n === null || n !== this.waitsFor) return;
    this.waitsFor = null;
    const { latest } = this;
    this.latest = null;
    if (latest !== null) this.move(latest);
  }
}
