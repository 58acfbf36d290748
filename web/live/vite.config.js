// The live figures of the lecture: one script for the site, and a record of what it was made from.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";

const OUT = "../docs/_static";
const BUILT = "live/built.json";
const SHARED = ["src/dom.ts", "tsconfig.json", "package.json"]; // what the figures take from the page of reports

/** SHA-256 of the sources: each name and its text, in the order of the names. */
function sourceHash() {
  const folders = ["live", "live/kernels"];
  const found = folders.flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));
  const hash = createHash("sha256");
  for (const name of [...found, ...SHARED].filter((one) => /\.(ts|js|css|json)$/.test(one) && one !== BUILT).sort()) {
    hash.update(`${name}\0${readFileSync(name, "utf8")}\0`);
  }
  return hash.digest("hex");
}

function sha256(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

const record = {
  name: "record",
  closeBundle() {
    const found = { source: sourceHash(), script: sha256(join(OUT, "live.js")) };
    writeFileSync(BUILT, `${JSON.stringify(found, null, 2)}\n`);
  },
};

export default defineConfig({
  build: {
    outDir: OUT,
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "live/main.ts", formats: ["iife"], name: "foglightLive", fileName: () => "live.js" },
  },
  plugins: [record],
});
