// What the workbench test needs and npm ci does not give: the workbench of
// VS Code with its server, kept in the user's cache folder.
"use strict";

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const lock = path.join(__dirname, "package-lock.json");
const version = JSON.parse(fs.readFileSync(path.join(__dirname, "package.json"), "utf8")).dependencies["code-server"];
const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");

// install returns the folder with code-server and playwright-core in its
// node_modules. It installs them when they are absent or another version is
// locked. Nothing native is built: the workbench falls back where it can.
function install() {
  const folder = path.join(cache, "unweld", `workbench-${version}`);
  const done = path.join(folder, "done");
  const want = fs.readFileSync(lock, "utf8");
  if (fs.existsSync(done) && fs.readFileSync(done, "utf8") === want) return folder;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) fs.copyFileSync(path.join(__dirname, file), path.join(folder, file));
  const npm = (dir, ...args) => execFileSync("npm", [...args, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], { cwd: dir, stdio: "inherit" });
  npm(folder, "ci");
  const vscode = path.join(folder, "node_modules", "code-server", "lib", "vscode");
  npm(vscode, "install", "--omit=dev");
  npm(path.join(vscode, "extensions"), "install", "--omit=dev");
  fs.writeFileSync(done, want);
  return folder;
}

// terminals makes it possible to open terminals in the workbench: their native
// part is built with the headers that came with this Node.js. It reports
// whether that was possible.
function terminals(folder) {
  const pty = path.join(folder, "node_modules", "code-server", "lib", "vscode", "node_modules", "node-pty");
  const prefix = path.join(path.dirname(fs.realpathSync(process.execPath)), "..");
  const gyp = path.join(prefix, "lib", "node_modules", "npm", "node_modules", "node-gyp", "bin", "node-gyp.js");
  if (fs.existsSync(path.join(pty, "build", "Release", "pty.node"))) return true;
  if (!fs.existsSync(gyp) || !fs.existsSync(path.join(prefix, "include", "node", "node.h"))) return false;
  try {
    execFileSync(process.execPath, [gyp, "rebuild", "--nodedir", prefix], { cwd: pty, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

// gopls returns the path of gopls, the version that the benchmarks run beside.
function gopls() {
  const folder = path.join(cache, "unweld", "bench", "gopls-v0.23.0");
  const program = path.join(folder, "gopls");
  if (!fs.existsSync(program)) {
    execFileSync("go", ["install", "golang.org/x/tools/gopls@v0.23.0"], { env: { ...process.env, GOBIN: folder, GOFLAGS: "-mod=mod" }, stdio: "inherit" });
  }
  return program;
}

// browser returns the path of a Chromium.
function browser() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  for (const dir of (process.env.PATH || "").split(path.delimiter)) {
    for (const name of names) {
      const file = path.join(dir, name);
      if (fs.existsSync(file)) return file;
    }
  }
  throw new Error("Chromium is missing; install it with: make vscode-tools");
}

module.exports = { install, terminals, gopls, browser };
