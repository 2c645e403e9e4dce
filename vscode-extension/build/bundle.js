// Makes dist: the extension in one file, with the libraries that it uses, and
// what it takes from the rest of the project.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const esbuild = require("esbuild");

const folder = path.join(__dirname, "..");

function bundle() {
  const dist = path.join(folder, "dist");
  fs.rmSync(dist, { recursive: true, force: true });
  esbuild.buildSync({
    entryPoints: [path.join(folder, "src", "extension.js")],
    outfile: path.join(dist, "extension.js"),
    bundle: true,
    minify: true,
    keepNames: true,
    platform: "node",
    target: "node18",
    external: ["vscode"],
    legalComments: "eof",
    logLevel: "warning",
  });
  for (const file of ["unweld.schema.json", "hazards.md"]) fs.copyFileSync(path.join(folder, "..", "docs", file), path.join(dist, file));
}

module.exports = { bundle };
if (require.main === module) bundle();
