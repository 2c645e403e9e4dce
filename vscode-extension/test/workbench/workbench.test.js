// Drives the real workbench of VS Code in a real Chromium: the extension shows
// a hazard of the split that unweld.yaml names for editors, and its extract action leaves a module on disk
// that compiles.
"use strict";

const assert = require("node:assert/strict");
const { execFileSync, spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const test = require("node:test");

const { install, browser } = require("./setup.js");

const extension = path.join(__dirname, "..", "..");
const sample = path.join(extension, "..", "testdata", "modules", "shop");
const patience = 120_000;

function main(tools) {
  return path.join(tools, "node_modules", "code-server", "lib", "vscode", "out", "server-main.js");
}

// prepare makes a copy of the shop and a data folder of the server with the
// packed extension installed.
function prepare(tools, dir) {
  assert.ok(process.env.VSIX, "set VSIX to the packed extension: make vscode-test does");
  const shop = path.join(dir, "shop");
  const data = path.join(dir, "data");
  fs.cpSync(sample, shop, { recursive: true });
  fs.writeFileSync(path.join(shop, "unweld.yaml"), "version: 1\ncomponents:\n  carts: {packages: [./carts]}\n  pricing: {packages: [./pricing]}\neditor: {split: micro}\n");
  execFileSync(process.execPath, [main(tools), "--install-extension", process.env.VSIX, "--server-data-dir", data, "--accept-server-license-terms"], { stdio: ["ignore", "ignore", "inherit"] });
  const settings = path.join(data, "data", "Machine");
  fs.mkdirSync(settings, { recursive: true });
  fs.writeFileSync(
    path.join(settings, "settings.json"),
    JSON.stringify({ "unweld.confirm": "never", "workbench.startupEditor": "none", "telemetry.telemetryLevel": "off" }),
  );
  return { shop, data };
}

// serve starts the workbench's server on a free port of the loopback device.
function serve(t, tools, data) {
  const args = ["--without-connection-token", "--accept-server-license-terms", "--host", "127.0.0.1", "--port", "0", "--telemetry-level", "off", "--force-disable-user-env"];
  const server = spawn(process.execPath, [main(tools), ...args, "--server-data-dir", data], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const exited = new Promise((resolve) => server.on("exit", resolve));
  t.after(async () => {
    process.kill(-server.pid, "SIGKILL"); // with the extension host and the language server
    await exited;
  });
  return new Promise((resolve, reject) => {
    let said = "";
    const listen = (chunk) => {
      said += chunk;
      const port = said.match(/listening on (\d+)/);
      if (port) resolve(Number(port[1]));
    };
    server.stdout.on("data", listen);
    server.stderr.on("data", listen);
    exited.then((code) => reject(new Error(`the server ended with ${code}:\n${said}`)));
  });
}

// open returns a page with the workbench on folder, and file open in it at line
// and column.
async function open(t, tools, port, folder, file, at) {
  const { chromium } = require(path.join(tools, "node_modules", "playwright-core"));
  const flags = ["no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"];
  const chrome = await chromium.launch({ executablePath: browser(), args: flags.map((f) => `--${f}`) });
  t.after(() => chrome.close());
  const page = await chrome.newPage({ viewport: { width: 1400, height: 900 } });
  page.setDefaultTimeout(patience);
  const payload = [
    ["openFile", `vscode-remote://127.0.0.1:${port}${file}:${at}`],
    ["gotoLineMode", "true"],
  ];
  await page.goto(`http://127.0.0.1:${port}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  await page.getByText("Yes, I trust the authors").click();
  return page;
}

function position(file, text) {
  const lines = fs.readFileSync(file, "utf8").split("\n");
  const line = lines.findIndex((l) => l.includes(text));
  assert.notEqual(line, -1, `${text} in ${file}`);
  return `${line + 1}:${lines[line].indexOf(text) + 1 + "type ".length}`;
}

async function until(what, done) {
  for (let waited = 0; waited < patience; waited += 200) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(what);
}

// extract looks for a hazard in the list of problems, and takes the offer to
// extract what the cursor is on.
async function extract(page, shop) {
  await page.keyboard.press("Control+Shift+M");
  await page.locator(".markers-panel").getByText("takes no context").first().waitFor();

  await page.locator(".editor-instance .view-lines").first().waitFor();
  await page.keyboard.press("Control+1");
  await page.keyboard.press("Control+Shift+R");
  await page.getByText("Extract Engine as a component", { exact: true }).waitFor();
  await page.keyboard.press("Enter");
  const service = path.join(shop, "pricing", "service.go");
  await until("pricing/service.go wasn't made", () => fs.existsSync(service));
  await page.keyboard.press("Control+K");
  await page.keyboard.press("s");
  await until("the contract wasn't saved", () => fs.readFileSync(service, "utf8").includes("type Service interface"));
  await page.locator(".dirty").first().waitFor({ state: "detached" });
}

test("hazards and extract in the workbench", { timeout: 600_000 }, async (t) => {
  const tools = install();
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "unweld-workbench-")));
  const { shop, data } = prepare(tools, dir);
  const port = await serve(t, tools, data);
  t.after(() => fs.rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
  const file = path.join(shop, "pricing", "pricing.go");
  const page = await open(t, tools, port, shop, file, position(file, "type Engine struct"));
  try {
    await extract(page, shop);
  } catch (err) {
    const picture = path.join(os.tmpdir(), "unweld-workbench.png");
    await page.screenshot({ path: picture });
    t.diagnostic(`what it looked like: ${picture}`);
    throw err;
  }
  execFileSync("go", ["vet", "./..."], { cwd: shop, stdio: "inherit" });
});
