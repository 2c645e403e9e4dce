// Packs the extension: one file for each platform, with the server for it.
//
//   node build/vsix.js [--server FILE] [--out FOLDER] [TARGET...]
//
// TARGET is a platform as VS Code calls it, like linux-x64; without one all are
// packed, and with `here` this one. --server is a program that is there
// already; otherwise it is built. The same sources give the same bytes.
"use strict";

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { parseArgs } = require("node:util");
const { bundle } = require("./bundle.js");

const folder = path.join(__dirname, "..");
const project = path.join(folder, "..");
const systems = { linux: "linux", darwin: "darwin", win32: "windows" };
const machines = { x64: "amd64", arm64: "arm64" };
const all = Object.keys(systems).flatMap((system) => Object.keys(machines).map((machine) => `${system}-${machine}`));

function build(target, file) {
  const [system, machine] = target.split("-");
  const env = { ...process.env, GOOS: systems[system], GOARCH: machines[machine], CGO_ENABLED: "0" };
  execFileSync(process.env.GO || "go", ["build", "-trimpath", "-ldflags=-s -w", "-o", file, "./cmd/unweld"], { cwd: project, env, stdio: "inherit" });
}

// stage lays into dir what the package for target consists of.
function stage(dir, target, server) {
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  for (const key of ["scripts", "dependencies", "devDependencies"]) delete manifest[key];
  fs.writeFileSync(path.join(dir, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
  for (const name of ["README.md", "dist", "media"]) fs.cpSync(path.join(folder, name), path.join(dir, name), { recursive: true });
  fs.copyFileSync(path.join(project, "LICENSE"), path.join(dir, "LICENSE"));
  const program = path.join(dir, "bin", target.startsWith("win32") ? "unweld.exe" : "unweld");
  fs.mkdirSync(path.dirname(program));
  if (server) fs.copyFileSync(server, program);
  else build(target, program);
  fs.chmodSync(program, 0o755);
}

function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { server: { type: "string" }, out: { type: "string", default: folder } } });
  const here = `${process.platform}-${process.arch}`;
  const targets = positionals.length ? positionals.map((target) => (target === "here" ? here : target)) : all;
  for (const target of targets) {
    if (!all.includes(target)) throw new Error(`${target}: no such platform; there are ${all.join(", ")}`);
  }
  if (values.server && targets.length > 1) throw new Error("--server is the program of one platform; name it");
  bundle();
  const when = execFileSync("git", ["log", "-1", "--format=%ct"], { cwd: project, encoding: "utf8" }).trim();
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const vsce = require.resolve("@vscode/vsce/vsce");
  fs.mkdirSync(values.out, { recursive: true });
  for (const target of targets) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), "unweld-vsix-"));
    try {
      stage(dir, target, values.server && path.resolve(values.server));
      const out = path.resolve(values.out, `unweld-${target}-${version}.vsix`);
      const images = "https://github.com/unweld/unweld/raw/HEAD/vscode-extension";
      execFileSync(process.execPath, [vsce, "package", "--no-dependencies", "--target", target, "--baseImagesUrl", images, "--out", out], {
        cwd: dir,
        env: { ...process.env, SOURCE_DATE_EPOCH: when },
        stdio: ["ignore", "ignore", "inherit"],
      });
      console.log(`${path.relative(process.cwd(), out)} ${(fs.statSync(out).size / 1e6).toFixed(1)} MB`);
    } finally {
      fs.rmSync(dir, { recursive: true, force: true });
    }
  }
}

main();
