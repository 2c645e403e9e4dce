// Drives the real workbench of VS Code in a real Chromium, with the packed
// extension and gopls in it, on a module with two declared components. What is
// done here is done once, in this order, in one window.
//
// UPDATE=1 writes pictures of it into docs/images.
"use strict";

const assert = require("node:assert/strict");
const { execFileSync, spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const test = require("node:test");

const { install, terminals, gopls, browser } = require("./setup.js");

const extension = path.join(__dirname, "..", "..");
const sample = path.join(extension, "..", "testdata", "modules", "shop");
const images = path.join(extension, "..", "docs", "images");
const patience = 120_000;

const configuration = `version: 1
components:
  carts: {packages: [./carts]}
  pricing: {packages: [./pricing]}
splits:
  prices:
    units:
      main: {components: ["*"]}
      prices: {components: [pricing]}
editor: {split: micro}
`;

function main(tools) {
  return path.join(tools, "node_modules", "code-server", "lib", "vscode", "out", "server-main.js");
}

// prepare makes a copy of the shop, and a data folder of the server with the
// packed extension and a client for gopls installed.
function prepare(tools, dir) {
  assert.ok(process.env.VSIX, "set VSIX to the packed extension: make vscode-test does");
  const shop = path.join(dir, "shop");
  const data = path.join(dir, "data");
  fs.cpSync(sample, shop, { recursive: true, filter: (file) => path.basename(file) !== ".unweld" });
  fs.writeFileSync(path.join(shop, "unweld.yaml"), configuration);
  fs.writeFileSync(path.join(dir, "scratch.go"), "package scratch\n\nfunc f(");
  const beside = path.join(data, "extensions", "test.gopls-1.0.0");
  fs.cpSync(path.join(__dirname, "gopls"), beside, { recursive: true });
  require("esbuild").buildSync({ entryPoints: [path.join(__dirname, "gopls", "extension.js")], outfile: path.join(beside, "extension.js"), allowOverwrite: true, bundle: true, platform: "node", external: ["vscode"] });
  execFileSync(process.execPath, [main(tools), "--install-extension", process.env.VSIX, "--server-data-dir", data, "--accept-server-license-terms"], { stdio: "ignore" });
  const settings = path.join(data, "data", "Machine");
  fs.mkdirSync(settings, { recursive: true });
  const quiet = { "files.autoSave": "off", "workbench.startupEditor": "none", "telemetry.telemetryLevel": "off", "window.commandCenter": false, "workbench.layoutControl.enabled": false, "editor.minimap.enabled": false, "workbench.tips.enabled": false, "terminal.integrated.gpuAcceleration": "off" };
  const set = (more) => fs.writeFileSync(path.join(settings, "settings.json"), JSON.stringify({ "goplsTest.path": gopls(), ...quiet, ...more }));
  set({ "unweld.confirm": "always" });
  return { shop, data, set };
}

// serve starts the workbench's server on a free port of the loopback device.
function serve(t, tools, data) {
  const args = ["--without-connection-token", "--accept-server-license-terms", "--host", "127.0.0.1", "--port", "0", "--telemetry-level", "off", "--force-disable-user-env"];
  const server = spawn(process.execPath, [main(tools), ...args, "--server-data-dir", data], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const exited = new Promise((resolve) => server.on("exit", resolve));
  t.after(async () => {
    process.kill(-server.pid, "SIGKILL"); // with the extension host and the language servers
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

// address is that of the workbench on a folder, with a file open at a line and column.
function address(port, folder, file, at) {
  const payload = [
    ["openFile", `vscode-remote://127.0.0.1:${port}${file}:${at}`],
    ["gotoLineMode", "true"],
  ];
  return `http://127.0.0.1:${port}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

// open returns a page with the workbench on folder, and file open in it at line
// and column.
async function open(t, tools, port, folder, file, at) {
  const { chromium } = require(path.join(tools, "node_modules", "playwright-core"));
  const flags = ["no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"];
  const chrome = await chromium.launch({ executablePath: browser(), args: flags.map((f) => `--${f}`) });
  t.after(() => chrome.close());
  const page = await chrome.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(patience);
  await page.goto(address(port, folder, file, at));
  await page.getByText("Yes, I trust the authors").click();
  return page;
}

function position(file, text) {
  const lines = fs.readFileSync(file, "utf8").split("\n");
  const line = lines.findIndex((l) => l.includes(text));
  assert.notEqual(line, -1, `${text} in ${file}`);
  return `${line + 1}:${lines[line].indexOf(text) + 1 + "type ".length}`;
}

// tree has the content of each file below a folder, but for what unweld keeps for itself.
function tree(dir) {
  const files = fs.readdirSync(dir, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  const names = files.map((f) => path.relative(dir, path.join(f.parentPath ?? f.path, f.name))).filter((name) => !name.startsWith(".unweld"));
  return new Map(names.map((name) => [name, fs.readFileSync(path.join(dir, name), "utf8")]));
}

// changed lists the files that differ between two trees.
function changed(before, after) {
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));
}

async function until(what, done) {
  for (let waited = 0; waited < patience; waited += 200) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(what);
}

// Hand is what a user does with the window.
class Hand {
  constructor(page) {
    this.page = page;
    this.problems = page.locator(".markers-panel");
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  // find opens the box for commands or files with a key, types into it, and takes
  // the first row with a text. A key may come while another box is closing, and be
  // lost; and the box closes when a part of the window, as an editor that just
  // opened, takes the focus.
  async find(key, text, shown) {
    const input = this.page.locator(".quick-input-box input").first();
    const row = this.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: shown }).first();
    for (let tries = 5; ; tries--) {
      await this.page.evaluate(() => document.activeElement?.blur()); // a frame keeps the keys to itself
      await this.press(key);
      try {
        await input.waitFor({ timeout: 5000 });
        await input.pressSequentially(text, { timeout: 20_000 });
        return await row.click({ timeout: 20_000 });
      } catch (err) {
        if (tries === 0) throw err;
        await this.press("Escape");
      }
    }
  }

  async command(title) {
    await this.find("F1", title, title.replace("Unweld: ", ""));
  }

  async pick(text) {
    await this.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: text }).first().click();
  }

  // explore opens a file of the workspace, in the explorer.
  async explore(...names) {
    await this.command("View: Show Explorer");
    const row = (name) => this.page.locator(".explorer-folders-view .monaco-list-row").filter({ has: this.page.getByText(name, { exact: true }) }).first();
    const tab = this.page.locator(".tab.active").filter({ has: this.page.getByText(names.at(-1), { exact: true }) });
    for (let tries = 5; ; tries--) {
      try {
        for (const folder of names.slice(0, -1)) {
          await row(folder).waitFor();
          if ((await row(folder).getAttribute("aria-expanded")) !== "true") await row(folder).click();
        }
        await row(names.at(-1)).dblclick({ timeout: 5000 }); // which meets another file when the list moves
        return await tab.waitFor({ timeout: 5000 });
      } catch (err) {
        if (tries === 0) throw err;
      }
    }
  }

  // file opens a file that was open before, and says which line and column.
  async file(name) {
    const base = path.basename(name).split(":")[0];
    await this.find("Control+P", name, base);
    await this.page.locator(".tab.active").filter({ hasText: base }).waitFor();
  }

  row(text) {
    return this.page.locator(".pane-body .monaco-list-row").filter({ hasText: text }).first();
  }

  async expand(text) {
    const row = this.row(text);
    await row.waitFor();
    if ((await row.getAttribute("aria-expanded")) === "false") await row.click();
  }

  // web is the content of the panel: a frame in a frame.
  web() {
    return this.page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  }

  async closeToasts() {
    await this.command("Notifications: Clear All Notifications");
  }

  async picture(name) {
    if (!process.env.UPDATE) return;
    fs.mkdirSync(images, { recursive: true });
    await this.page.mouse.move(700, 790);
    await this.page.waitForTimeout(1000);
    await this.page.screenshot({ path: path.join(images, `vscode-${name}.png`) });
  }
}

test("the workbench", { timeout: 1_200_000 }, async (t) => {
  const tools = install();
  const hasTerminals = terminals(tools); // before the server starts, which looks for them once
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "unweld-workbench-")));
  const { shop, data, set } = prepare(tools, dir);
  const port = await serve(t, tools, data);
  t.after(() => fs.rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
  const engine = path.join(shop, "pricing", "pricing.go");
  const at = position(engine, "type Engine struct");
  const page = await open(t, tools, port, shop, engine, at);
  const hand = new Hand(page);

  // step is one part of the story. The rest makes no sense after one that failed.
  let failed = "";
  const step = (name, run) =>
    t.test(name, async (t) => {
      if (failed) return t.skip(`after ${failed}`);
      try {
        await run(t);
      } catch (err) {
        failed = name;
        const picture = path.join(os.tmpdir(), "unweld-workbench.png");
        await page.screenshot({ path: picture });
        t.diagnostic(`what it looked like: ${picture}`);
        t.diagnostic(`the status bar: ${(await page.locator(".statusbar-item").allInnerTexts()).join(" | ")}`);
        throw err;
      }
    });

  await step("hazards of the chosen split are problems, and counted in the status bar", async () => {
    await hand.press("Control+Shift+M");
    await hand.problems.getByText("takes no context").first().waitFor();
    await page.getByText(/\d+ components · micro · \d+ hazards/).waitFor();
    await hand.picture("hazards");
    await hand.press("Control+J");
  });

  await step("gopls answers beside it", async () => {
    await page.locator(".editor-instance .view-lines").first().waitFor();
    await hand.press("Control+1");
    await hand.file(`pricing/pricing.go:${at}`);
    await hand.command("Show or Focus Hover");
    await page.locator(".monaco-hover-content").getByText("type Engine struct").first().waitFor();
    await hand.press("Escape");
  });

  await step("the tree leads to a place where a component is used", async () => {
    await hand.command("Unweld: Focus on Components View");
    await hand.expand(/^carts/);
    await hand.expand(/^Uses/);
    await hand.expand(/^pricing.*reference/);
    await hand.row("call of pricing.Engine.Quote").waitFor();
    await hand.row("call of pricing.Engine.Quote").click();
    await page.locator(".tab.active").filter({ hasText: "carts.go" }).waitFor();
    await hand.picture("tree");
  });

  await step("the panel shows the graph and the matrix, and opens places", async () => {
    await hand.command("Unweld: Show Graph");
    const web = hand.web();
    await web.locator("[data-name='pricing']").click();
    await web.getByRole("heading", { name: "pricing" }).waitFor();
    await hand.picture("graph");
    await web.getByRole("tab", { name: "Graph" }).focus();
    await hand.press("ArrowRight");
    await web.getByRole("gridcell", { name: /^carts uses pricing/ }).focus();
    await hand.press("Enter");
    await web.getByRole("heading", { name: "carts → pricing" }).waitFor();
    await hand.picture("matrix");
    await web.getByRole("button", { name: "call of pricing.Engine.Quote" }).first().click();
    await page.locator(".tab.active").filter({ hasText: "carts.go" }).first().waitFor();
    await hand.command("View: Close Editor");
  });

  await step("a split is previewed", async () => {
    await hand.command("Unweld: Preview a Split");
    await hand.pick("Components of your choice");
    await hand.pick("pricing");
    await page.getByRole("button", { name: "OK", exact: true }).click();
    const web = hand.web();
    await web.getByText("Entry points that cross").waitFor();
    await web.getByRole("button", { name: "PUT /carts/{id}/{sku}" }).waitFor();
    await hand.picture("preview");
    await hand.command("View: Close All Editors");
  });

  await step("another split is chosen", async () => {
    await hand.command("Unweld: Choose the Split");
    await hand.pick("prices");
    await page.getByText(/components · prices · \d+ hazards/).waitFor();
    await hand.command("Unweld: Choose the Split");
    await hand.pick("As unweld.yaml says");
    await page.getByText(/components · micro · \d+ hazards/).waitFor();
  });

  await step("a code is explained", async () => {
    await hand.command("Unweld: Explain a Code");
    await page.getByText("Explain which code?").waitFor();
    await page.keyboard.insertText("no-context");
    await hand.pick("no-context");
    await hand.web().getByText("only a context can end the wait").waitFor();
    await hand.command("View: Close All Editors");
  });

  await step("a mistake in unweld.yaml is a problem there", async () => {
    await hand.command("View: Show Explorer");
    await page.locator(".explorer-folders-view .monaco-list-row").filter({ hasText: "unweld.yaml" }).dblclick();
    await page.locator(".tab.active").filter({ hasText: "unweld.yaml" }).waitFor();
    await page.locator(".editor-instance .view-lines").first().click();
    await hand.press("Control+End");
    await page.keyboard.insertText("ruls: {}\n");
    await hand.press("Control+Shift+M");
    await hand.problems.getByText("ruls").first().waitFor();
    await hand.command("File: Revert File");
    await hand.problems.getByText("ruls").first().waitFor({ state: "detached" });
    await hand.press("Control+J");
  });

  // actions opens the menu of refactorings at a type.
  const actions = async (names = ["pricing", "pricing.go"], place = at) => {
    await hand.explore(...names);
    await hand.find("Control+G", place, /line \d/i);
    const first = page.locator(".action-widget").getByText(/^Extract .*component/).first();
    for (let tries = 5; ; tries--) {
      await hand.press("Control+Shift+R");
      try {
        return await first.waitFor({ timeout: 10_000 });
      } catch (err) {
        if (tries === 0) throw err; // while the code is first read there is no action
      }
    }
  };
  const service = path.join(shop, "pricing", "service.go");
  const dialog = page.locator(".monaco-dialog-box");
  const toast = (text) => page.locator(".notification-toast").filter({ hasText: text }).first();
  const input = page.locator(".quick-input-widget");
  const vet = () => execFileSync("go", ["vet", "./..."], { cwd: shop, stdio: "inherit" });
  const original = tree(shop);

  // extract has the form of the extraction filled in as it is, and agrees, at once or after a look at the changes.
  const extract = async ({ look = false } = {}) => {
    await actions();
    await hand.press("Enter");
    await input.getByText("with these values").waitFor();
    await hand.press("Enter");
    await dialog.getByRole("button", { name: look ? "Show Changes" : "Apply" }).click();
    if (look) await hand.pick("Apply");
    await until("pricing/service.go wasn't made", () => fs.existsSync(service));
  };
  const saveAll = async () => {
    await hand.command("File: Save All Files");
    await page.locator(".dirty").first().waitFor({ state: "detached" });
  };

  await step("an extraction asks what it can be told, and is shown before it is made", async () => {
    await actions();
    await hand.picture("actions");
    await hand.press("Enter");
    await input.getByText("with these values").waitFor();
    await hand.picture("form");
    await hand.pick("the component's name");
    await input.locator(".quick-input-box input").first().fill("No Name");
    await input.getByText("must be lower case letters").waitFor();
    await input.locator(".quick-input-box input").first().fill("prices");
    await input.getByText("must be lower case letters").waitFor({ state: "detached" });
    await hand.press("Enter");
    await input.getByText("with these values").waitFor();
    await input.getByText("prices", { exact: true }).first().waitFor();
    await hand.pick("with these values");
    await dialog.getByText("will change").waitFor();
    await hand.picture("confirm");
    await dialog.getByRole("button", { name: "Show Changes" }).click();
    await page.locator(".view-line").filter({ hasText: "b/carts/carts.go" }).first().waitFor();
    await hand.pick("Discard");
    await page.locator(".tab").filter({ hasText: "changes.diff" }).waitFor({ state: "detached" });
    assert.deepEqual(changed(original, tree(shop)), []);
    await hand.command("View: Close All Editors");
  });

  await step("an extraction is made, says what there is to know, and compiles", async () => {
    await extract({ look: true });
    await toast(/Prices may be nil here|extract pricing/).waitFor();
    await hand.picture("notes");
    await hand.closeToasts();
    await saveAll();
    assert.match(fs.readFileSync(service, "utf8"), /type Service interface/);
    vet();
  });

  await step("a command that makes Go files makes whole ones", async () => {
    await hand.command("Unweld: Bind a Component");
    await input.getByText("Bind a component", { exact: true }).waitFor();
    await hand.pick(/^pricing/);
    await input.getByText("Bind a component: pricing").waitFor();
    await hand.pick(/^unix/);
    await dialog.getByRole("button", { name: "Apply" }).click();
    await until("unweld.lock wasn't made", () => fs.existsSync(path.join(shop, "unweld.lock")));
    await saveAll();
    vet();
    await hand.closeToasts();
  });

  await step("tests run under a split, and calls cross", async () => {
    await hand.command("Testing: Focus on Test Explorer View");
    const micro = page.locator(".test-explorer .monaco-list-row").filter({ hasText: "micro" }).first();
    await micro.hover();
    await micro.getByRole("button", { name: /^Run Test/ }).click();
    await page.locator(".test-explorer .monaco-list-row").filter({ hasText: /micro.*passed, [1-9]\d* calls? crossed/ }).first().waitFor();
    await hand.picture("tests");
  });

  await step("changes made here are taken back, here and on the command line", async () => {
    await hand.command("Unweld: Take Back the Last Change");
    await dialog.getByRole("button", { name: "Take Back" }).click();
    await toast("Taken back: bind").waitFor();
    await until("unweld.lock is still there", () => !fs.existsSync(path.join(shop, "unweld.lock")));
    await hand.closeToasts();
    execFileSync(process.env.UNWELD, ["refactor", "--undo"], { cwd: shop, stdio: "inherit" });
    assert.deepEqual(changed(original, tree(shop)), []);
    await hand.command("View: Close All Editors");
  });

  await step("the editor undoes an extraction in one step", async () => {
    await extract();
    await hand.closeToasts();
    await saveAll();
    await page.locator(".editor-instance .view-lines").first().click();
    await hand.press("Control+Z");
    await until("pricing/service.go is still there", () => !fs.existsSync(service));
    await saveAll();
    assert.deepEqual(changed(original, tree(shop)), []);
    await hand.command("View: Close All Editors");
  });

  await step("a refusal says where and why", async () => {
    const config = path.join(shop, "config", "config.go");
    await actions(["config", "config.go"], position(config, "type Config struct"));
    await hand.press("Enter");
    await hand.pick("with these values");
    await toast("no exported method that can cross a process").waitFor();
    await hand.picture("refusal");
    await toast("no exported method").getByRole("button", { name: "Show place" }).click();
    await page.locator(".tab.active").filter({ hasText: "config.go" }).waitFor();
    await hand.closeToasts();
    assert.deepEqual(changed(original, tree(shop)), []);
  });

  await step("nothing is said of a scratch file outside of any module", async () => {
    await page.goto(address(port, shop, path.join(dir, "scratch.go"), "1:1"));
    await dialog.getByRole("button", { name: "Open", exact: true }).click(); // the workspace is trusted, and that file lies beside it
    await page.locator(".tab.active").filter({ hasText: "scratch.go" }).waitFor();
    await page.getByText(/components · micro/).waitFor();
    await hand.press("Control+Shift+M");
    await hand.problems.getByText("found 'EOF'").first().waitFor(); // says gopls
    assert.equal(await hand.problems.getByText(/unweld\(/).count(), 0);
    assert.equal(await page.locator(".notification-toast").filter({ hasText: "Source: Unweld" }).count(), 0);
    await hand.press("Control+J");
    await hand.command("View: Close All Editors");
  });

  await step("the explorer runs in a terminal", async (t) => {
    if (!hasTerminals) return t.skip("this Node.js came without its headers, so terminals can't be built");
    await hand.command("Unweld: Open Explorer in a Terminal");
    await page.locator(".xterm-rows").getByText("pricing").first().waitFor();
    await hand.picture("explorer");
  });
});
