// One script and one style sheet, as package data of Foglight, and a record of what they were made from.

import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";

const OUT = "../src/foglight/pictures/page";
const SOURCES = ["package.json", "tsconfig.json", "vite.config.js"];

/** SHA-256 of the sources: each name and its text, in the order of the names. */
function sourceHash() {
  const names = [...SOURCES, ...readdirSync("src").map((name) => join("src", name))].sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(`${name}\0${readFileSync(name, "utf8")}\0`);
  return hash.digest("hex");
}

function sha256(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

const record = {
  name: "record",
  closeBundle() {
    copyFileSync("node_modules/uplot/LICENSE", join(OUT, "LICENSE-uPlot.txt"));
    const found = { source: sourceHash(), script: sha256(join(OUT, "page.js")), style: sha256(join(OUT, "page.css")) };
    writeFileSync(join(OUT, "built.json"), `${JSON.stringify(found, null, 2)}\n`);
  },
};

export default defineConfig({
  build: {
    outDir: OUT,
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "src/main.ts", formats: ["iife"], name: "foglightPage", fileName: () => "page.js", cssFileName: "page" },
  },
  plugins: [record],
});
