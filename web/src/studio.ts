// The page of a studio: pictures that follow sliders, switches, auto-tune and the numbers of a row.

import "./studio.css";
import { Connection } from "./connection";
import { element } from "./dom";
import { Inspector } from "./inspector";
import { LivePage } from "./live-page";
import type { FromServer, State, ToServer, Tuned } from "./messages";
import { button, viewButtons } from "./page";
import { Sliders } from "./sliders";
import { Switches } from "./switches";

export class Studio {
  private readonly connection: Connection;
  private readonly page = new LivePage((time) => this.send({ do: "look", time }));
  private readonly sliders = new Sliders((parameter, value, held) => this.move(parameter, value, held));
  private readonly switches = new Switches((message) => this.send(message));
  private readonly inspector = new Inspector();
  private readonly status = element("p", { class: "status", role: "status" });
  private readonly alarm = element("p", { class: "status bad", role: "alert" });
  private readonly undo = button("Undo", "Undo the last move (Ctrl+Z)", () => this.send({ do: "undo" }));
  private readonly redo = button("Redo", "Redo what was undone (Ctrl+Y)", () => this.send({ do: "redo" }));
  private readonly tune = button("Auto-tune", "Find the parameters that make the log most likely", () => this.toggleTune());
  private readonly file = element("input", { type: "text", value: "tuned.toml", "aria-label": "Name of the new file" });
  private readonly save = button("Save", "Save the model as TOML, beside its file", () => this.send({ do: "save", name: this.file.value }));
  private readonly download = button("Download TOML", "Download the model as TOML", () => this.send({ do: "toml" }));
  private tuning = false;
  private drawn = 0; // when the last page was drawn

  constructor(root: HTMLElement) {
    this.connection = new Connection((message) => this.receive(message), (reason) => this.ended(reason), (since) => this.measure(since));
    const panel = element("aside", { class: "controls", "aria-label": "Controls" },
      element("div", { class: "line" }, this.tune, this.undo, this.redo), this.status, this.alarm,
      this.sliders.node, this.details("Method and outliers", this.switches.node), this.inspector.node, this.details("Keep it", this.keep()));
    const name = element("strong", {}, "Foglight studio");
    const bar = element("nav", { "aria-label": "View" }, name, element("div", { class: "tools" }, ...viewButtons(this.page.zoom)));
    root.replaceChildren(bar, element("main", { class: "studio" }, panel, this.page.node));
    window.addEventListener("keydown", (event) => this.key(event));
    this.acceptDrops(root);
  }

  private keep(): HTMLElement {
    const python = button("Copy Python", "Copy a script that gives this run", () => this.send({ do: "python" }));
    const chooser = element("input", { type: "file", accept: ".csv,.parquet,.pq", "aria-label": "Another log: CSV or Parquet" });
    chooser.addEventListener("change", () => { void this.drop(chooser.files?.[0]); });
    return element("div", { class: "keep" },
      element("div", { class: "line" }, this.file, this.save), element("div", { class: "line" }, this.download, python),
      element("label", { class: "drop" }, "Drop another log anywhere, or choose one: ", chooser));
  }

  private details(title: string, content: HTMLElement): HTMLElement {
    const wide = window.matchMedia("(min-width: 56rem)").matches; // else the pictures need the room
    return element("details", wide ? { open: "" } : {}, element("summary", {}, title), content);
  }

  private send(message: ToServer): void {
    this.say("", false);
    this.connection.send(message);
  }

  private move(parameter: string, value: number, held: boolean): void {
    this.connection.move({ do: "set", parameter, value, held, view: this.page.view }, performance.now());
  }

  private receive(message: FromServer): void {
    if (message.is === "page") {
      this.page.show(message.page, message.whole);
      this.drawn = performance.now();
      this.show(message.state);
    } else if (message.is === "row") this.inspector.show(message);
    else if (message.is === "progress") this.say(`Tuning: ${message.rows.toLocaleString("en")} rows filtered so far …`, false);
    else if (message.is === "tuned") this.tuned(message);
    else if (message.is === "said") this.say(message.text, message.bad);
    else if (message.is === "toml") download(message.name, message.text);
    else if (message.is === "python") void this.copy(message.text);
  }

  private show(state: State): void {
    if (!this.connection.waits) this.sliders.show(state.sliders);
    this.switches.show(state);
    this.undo.disabled = !state.undo;
    this.redo.disabled = !state.redo;
    this.file.hidden = this.save.hidden = !state.file;
    this.download.hidden = !state.toml;
    this.setTuning(state.tuning);
    document.documentElement.dataset.ready ??= String(Math.round(performance.now()));
  }

  /** How long a move took until its curves were drawn: in the browser's timeline, and for its tests. */
  private measure(since: number): void {
    if (this.drawn > since) performance.measure("move", { start: since, end: this.drawn });
  }

  private toggleTune(): void {
    this.send({ do: this.tuning ? "cancel" : "tune" });
    if (!this.tuning) this.setTuning(true);
  }

  private setTuning(tuning: boolean): void {
    this.tuning = tuning;
    this.tune.textContent = tuning ? "Cancel" : "Auto-tune";
  }

  private tuned(found: Tuned): void {
    this.setTuning(false);
    if (found.error !== undefined) {
      this.say(found.error, true);
      return;
    }
    this.sliders.showFit(found.parameters ?? []);
    const ended = found.converged === true ? "Tuned" : "Tuned, but the search did not converge";
    this.say([`${ended}: log-likelihood ${found.loglik?.toPrecision(8) ?? "–"}.`, ...(found.sentences ?? [])].join(" "), false);
    document.documentElement.dataset.tuned = "yes";
  }

  private say(text: string, bad: boolean): void {
    this.status.textContent = bad ? "" : text;
    this.alarm.textContent = bad ? text : "";
  }

  private ended(reason: string): void {
    this.say(reason === "" ? "The studio has ended. Start it again with: foglight studio" : reason, true);
  }

  private async copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.say("The Python is in the clipboard.", false);
    } catch {
      download("studio.py", text);
    }
  }

  private key(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLInputElement && event.target.type !== "range" && event.target.type !== "checkbox";
    if (typing || !(event.ctrlKey || event.metaKey)) return;
    const back = event.key === "z" && !event.shiftKey;
    if (!back && event.key !== "y" && !(event.key.toLowerCase() === "z" && event.shiftKey)) return;
    event.preventDefault();
    this.send({ do: back ? "undo" : "redo" });
  }

  private acceptDrops(root: HTMLElement): void {
    root.addEventListener("dragover", (event) => event.preventDefault());
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      void this.drop(event.dataTransfer?.files[0]);
    });
  }

  private async drop(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    this.say(`Reading ${file.name} …`, false);
    const wrong = await this.connection.upload(file);
    this.say(wrong === "" ? `${file.name} is filtered.` : wrong, wrong !== "");
  }
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
