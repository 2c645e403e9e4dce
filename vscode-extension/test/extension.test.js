// What can be tested without a VS Code: the manifest, the extension's code
// against a stand-in for the API of VS Code, and the server over the transport
// that the extension uses. workbench/ has the test in a real VS Code.
"use strict";

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const test = require("node:test");
const { pathToFileURL } = require("node:url");

const folder = path.join(__dirname, "..");
const sample = path.join(folder, "..", "testdata", "modules", "shop");
const manifest = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));

// standIn is known, and where nothing is known something that can be called,
// made and looked into, and does nothing.
function standIn(known = {}) {
  return new Proxy(function () {}, {
    get: (_, key) => (key in known ? known[key] : key === "then" || typeof key === "symbol" ? undefined : standIn()),
    apply: () => standIn(),
    construct: () => standIn(),
  });
}

// Items are those of a test controller, by their names.
class Items extends Map {
  add(item) {
    this.set(item.id, item);
  }
}

const uri = (file) => ({ fsPath: file, toString: () => `file://${file}` });

// load returns src/extension.js with vscode and the client library replaced, and a
// record of what it does with them. The server starts when seen.starting has settled.
function load(program, folders) {
  const seen = { started: [], stopped: 0, errors: [], commands: {}, notifications: {}, requests: [], answers: {} };
  const state = { Stopped: 1, Running: 2 };
  class LanguageClient {
    constructor(id, name, server, options) {
      Object.assign(this, { id, name, server, options });
    }
    registerFeature() {}
    onNotification(method, run) {
      seen.notifications[method] = run;
    }
    onRequest() {}
    onDidChangeState(run) {
      this.told = run;
    }
    become(running) {
      this.running = running;
      this.told?.({ newState: running ? state.Running : state.Stopped });
    }
    async sendRequest(method, params) {
      seen.requests.push([method, params]);
      return seen.answers[method];
    }
    async start() {
      await seen.starting;
      if (this.server.command === "missing") throw new Error("ENOENT");
      this.become(true);
      seen.started.push(this);
    }
    isRunning() {
      return this.running === true;
    }
    async stop() {
      this.become(false);
      seen.stopped++;
    }
  }
  class EventEmitter {
    listeners = [];
    event = (listen) => (this.listeners.push(listen), { dispose() {} });
    fire(e) {
      for (const listen of this.listeners) listen(e);
    }
    dispose() {}
  }
  const vscode = {
    EventEmitter,
    TreeItem: class {
      constructor(label, state) {
        Object.assign(this, { label, collapsibleState: state });
      }
    },
    Uri: {
      file: uri,
      parse: (text) => uri(text.replace("file://", "")),
      joinPath: (base, ...parts) => uri(path.join(base.fsPath ?? "/", ...parts)),
    },
    Position: class {
      constructor(line, character) {
        Object.assign(this, { line, character });
      }
    },
    Location: class {
      constructor(uri, range) {
        Object.assign(this, { uri, range });
      }
    },
    tests: {
      createTestController: () => {
        const controller = { items: new Items(), createTestItem: (id, label) => ({ id, label, children: new Items() }), createRunProfile: (label, kind, run) => (controller.run = run), createTestRun: () => seen.testRun, dispose() {} };
        return (seen.tests = controller);
      },
    },
    workspace: {
      getConfiguration: (section) => ({ get: (key, fallback) => (section === "unweld" && key === "path" ? program : fallback) }),
      workspaceFolders: folders && [{ uri: uri(folders) }],
    },
    window: {
      showErrorMessage: (text) => seen.errors.push(text),
      activeTextEditor: undefined,
      onDidChangeActiveTextEditor: (run) => ((seen.editorChanged = run), { dispose() {} }),
      createTreeView: (_, { treeDataProvider }) => (seen.view = { tree: treeDataProvider, dispose() {} }),
      createStatusBarItem: () => (seen.status = { show() {}, hide() {}, dispose() {} }),
    },
    commands: {
      registerCommand(name, run) {
        seen.commands[name] = run;
        return { dispose() {} };
      },
    },
  };
  for (const part of ["workspace", "window"]) vscode[part] = standIn(vscode[part]);
  const client = { LanguageClient, RevealOutputChannelOn: { Never: 4 }, State: state };
  return { extension: required(vscode, "extension.js", client), seen };
}

// required returns a file of src/ anew, with the API of VS Code replaced, and with it the client library.
function required(vscode, name, client) {
  const modules = { vscode: standIn(vscode), "vscode-languageclient/node": client };
  const original = Module._load;
  Module._load = (name, ...rest) => modules[name] ?? original(name, ...rest);
  try {
    for (const file of Object.keys(require.cache)) {
      if (file.startsWith(path.join(folder, "src"))) delete require.cache[file];
    }
    return require(path.join(folder, "src", name));
  } finally {
    Module._load = original;
  }
}

test("the manifest contributes what the extension uses", () => {
  const c = manifest.contributes;
  const pages = c.walkthroughs.flatMap((w) => w.steps.map((s) => s.media.markdown));
  for (const file of [manifest.main, manifest.icon, ...c.yamlValidation.map((y) => y.url), ...pages]) assert.ok(fs.existsSync(path.join(folder, file)), file);
  assert.deepEqual(manifest.activationEvents, ["onLanguage:go", "workspaceContains:unweld.yaml"]);
  assert.equal(manifest.contributes.configuration.properties["unweld.path"].default, "", "the server that comes with the extension");
  const matcher = new RegExp(c.problemMatchers[0].pattern.regexp);
  assert.deepEqual(matcher.exec("carts/carts.go:41:21: rule-allow: carts may not use pricing").slice(1), ["carts/carts.go", "41", "21", undefined, "rule-allow", "carts may not use pricing"]);
  assert.equal(matcher.exec("  add pricing to rules.allow.carts, or remove the use"), null);
  assert.match(manifest.dependencies["vscode-languageclient"], /^\d+\.\d+\.\d+$/, "pinned");
});

test("it starts the configured server for Go files, and stops it", async () => {
  const { extension, seen } = load("/opt/unweld");
  await extension.activate({ extensionPath: folder, extensionUri: uri(folder), subscriptions: [] });
  assert.deepEqual(seen.started[0].server, { command: "/opt/unweld", args: ["lsp"] });
  assert.deepEqual(seen.started[0].options.documentSelector, [
    { scheme: "file", language: "go" },
    { scheme: "file", pattern: "**/unweld.yaml" },
    { scheme: "file", pattern: "**/unweld.baseline.json" },
  ]);
  assert.deepEqual(Object.keys(seen.commands), manifest.contributes.commands.map((c) => c.command));
  await seen.commands["unweld.restart"]();
  assert.deepEqual([seen.started.length, seen.stopped], [2, 1]);
  await extension.deactivate();
  assert.equal(seen.stopped, 2);
});

const overview = {
  root: "file:///shop",
  module: "example.com/shop",
  configured: true,
  splits: ["micro", "monolith"],
  split: "micro",
  components: [
    { name: "carts", declared: true, packages: ["example.com/shop/carts"], unit: "carts", endpoints: [{ name: "Carts.Set", callers: 1, pos: "carts/carts.go:70:17" }], metrics: { cohesion: 0, instability: 0.333 }, hazards: { error: 0, warning: 0, info: 0 } },
    { name: "pricing", declared: true, packages: ["example.com/shop/pricing"], unit: "pricing", endpoints: [], metrics: { cohesion: 0, instability: 0 }, hazards: { error: 1, warning: 0, info: 0 } },
  ],
  shared: ["example.com/shop/money"],
  unloaded: 2,
  errors: [{ pos: "ui/serve.go:12:12", message: "pattern build/*: no matching files found" }],
  couplings: [{ from: "carts", to: "pricing", weight: 3, references: 2, evidence: [{ kind: "call", from: "example.com/shop/carts.View", to: "example.com/shop/pricing.Engine.Quote", pos: "carts/carts.go:77:25", weight: 1, loop: true }] }],
  hazards: [{ name: "no-context", severity: "error", component: "pricing", path: "Quote", pos: "pricing/engine.go:9:1", message: "Quote takes no context", hint: "add one", crosses: true }],
};

// tree spells the tree out as lines.
function spell(tree, line, indent = "") {
  return tree.getChildren(line).flatMap((l) => [`${indent}${l.label}${l.description ? ` [${l.description}]` : ""}`, ...spell(tree, l, indent + "  ")]);
}

test("the tree and the status bar show what the server says of the module", async () => {
  const { extension, seen } = load("/opt/unweld", sample);
  seen.answers["unweld/components"] = overview;
  await extension.activate({ extensionPath: folder, extensionUri: uri(folder), subscriptions: [] });
  assert.equal(seen.status.text, "$(split-horizontal) 2 components · micro · 1 hazard");
  assert.deepEqual(spell(seen.view.tree), [
    "carts [1 package · in carts]",
    "  Endpoints [1]",
    "    Carts.Set [1 caller]",
    "  Uses [1]",
    "    pricing [2 references]",
    "      call of pricing.Engine.Quote [carts.go:77 in a loop]",
    "      and 1 more",
    "  Packages [1]",
    "    example.com/shop/carts",
    "pricing [1 package · in pricing · 1 hazard]",
    "  Used by [1]",
    "    carts [2 references]",
    "      call of pricing.Engine.Quote [carts.go:77 in a loop]",
    "      and 1 more",
    "  Hazards [1]",
    "    Quote: no-context [engine.go:9]",
    "  Packages [1]",
    "    example.com/shop/pricing",
    "Shared packages [1]",
    "  example.com/shop/money",
    "Doesn't build [2 errors]",
    "  pattern build/*: no matching files found [serve.go:12]",
    "  and 1 more",
  ]);
  const [carts] = seen.view.tree.getChildren();
  const [endpoint] = carts.below()[0].below();
  const { command } = seen.view.tree.getTreeItem(endpoint);
  assert.deepEqual([command.arguments[0].fsPath, { ...command.arguments[1].selection }], ["/shop/carts/carts.go", { line: 69, character: 16 }]);

  seen.answers["unweld/components"] = { ...overview, split: undefined, components: overview.components.slice(1) };
  seen.notifications["unweld/changed"]({});
  await new Promise(setImmediate);
  assert.equal(seen.status.text, "$(split-horizontal) 1 component · no split");
  assert.deepEqual([...seen.tests.items.keys()], ["micro", "monolith"]);
});

test("what is asked for while the server starts is shown when it runs", async () => {
  const { extension, seen } = load("/opt/unweld", sample);
  seen.answers["unweld/components"] = overview;
  let start;
  seen.starting = new Promise((resolve) => (start = resolve));
  const active = extension.activate({ extensionPath: folder, extensionUri: uri(folder), subscriptions: [] });
  seen.editorChanged(); // to a file outside of the module, which has the server say nothing by itself
  await new Promise(setImmediate);
  assert.equal(seen.status.text, "$(loading~spin) Unweld");
  assert.deepEqual(seen.requests, []);
  start();
  await active;
  await new Promise(setImmediate);
  assert.equal(seen.status.text, "$(split-horizontal) 2 components · micro · 1 hazard");
  assert.equal(seen.requests.length, 1);
});

test("a server that ended and was started again is asked again", async () => {
  const { extension, seen } = load("/opt/unweld", sample);
  seen.answers["unweld/components"] = overview;
  await extension.activate({ extensionPath: folder, extensionUri: uri(folder), subscriptions: [] });
  const [client] = seen.started;
  client.become(false);
  await seen.commands["unweld.refresh"]();
  assert.match(seen.status.tooltip, /example\.com\/shop/, "what was known is still shown");
  seen.answers["unweld/components"] = { ...overview, components: overview.components.slice(1) };
  client.become(true);
  await new Promise(setImmediate);
  assert.equal(seen.status.text, "$(split-horizontal) 1 component · micro · 1 hazard");
});

test("tests under splits are shown as unweld test says", async (t) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "unweld-"));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const program = path.join(dir, "unweld");
  const runs = [
    { split: "micro", ok: false, reason: "no call crossed", packages: [{ path: "p/a", result: "pass" }, { path: "p/b", result: "skip" }], passed: 2, failed: 0, crossed: 0, seconds: 1.5 },
    { split: "monolith", ok: true, packages: [{ path: "p/a", result: "pass" }], passed: 2, failed: 0, crossed: 0, seconds: 1 },
  ];
  fs.writeFileSync(program, `#!/bin/sh\necho "$@" >${dir}/args\ncat <<'E'\n${JSON.stringify(runs)}\nE\nexit 1\n`, { mode: 0o755 });
  const { extension, seen } = load(program, sample);
  seen.answers["unweld/components"] = overview;
  await extension.activate({ extensionPath: folder, extensionUri: uri(folder), subscriptions: [] });
  const said = [];
  seen.testRun = { ...Object.fromEntries(["started", "passed", "failed", "errored"].map((what) => [what, (item) => said.push(`${what} ${item.id}`)])), appendOutput() {}, end: () => said.push("end") };
  await seen.tests.run({}, { onCancellationRequested: () => ({ dispose() {} }) });
  assert.deepEqual(said, ["started micro", "started monolith", "passed micro/p/a", "failed micro", "passed monolith/p/a", "passed monolith", "end"]);
  assert.equal(fs.readFileSync(path.join(dir, "args"), "utf8"), "test --json --splits micro,monolith -- ./...\n");
});

test("a change is made where the text is what it was, whether its file is still open or not", async () => {
  const file = uri(path.join(fs.mkdtempSync(path.join(os.tmpdir(), "unweld-change-")), "p.go"));
  const document = (text) => ({ uri: file, getText: () => text });
  for (const { what, before, after, disk, applied } of [
    { what: "nothing happened", before: [document("a")], after: [document("a")], disk: "a", applied: true },
    { what: "its tab was taken by another", before: [document("a")], after: [], disk: "a", applied: true },
    { what: "it was opened", before: [], after: [document("a")], disk: "a", applied: true },
    { what: "it was edited", before: [document("a")], after: [document("b")], disk: "a", applied: false },
    { what: "it was closed without being saved", before: [document("b")], after: [], disk: "a", applied: false },
    { what: "it was written by another program", before: [document("a")], after: [], disk: "b", applied: false },
  ]) {
    let asked = 0;
    const made = [];
    const workspace = {
      get textDocuments() {
        return asked ? after : before;
      },
      fs: { readFile: async () => Buffer.from(disk) },
      applyEdit: async (edit) => (made.push(edit), true),
    };
    const vscode = { workspace, window: { showInformationMessage: async () => (asked++, "Apply"), showWarningMessage() {} } };
    const { carryOut } = required(vscode, "actions.js");
    const edit = { entries: () => [[file, []]] };
    const { applied: was } = await carryOut("Extract", edit, { confirm: { files: 1, notes: [], diff: "" } }, {});
    assert.equal(was, applied, what);
    assert.deepEqual(made, applied ? [edit] : [], what);
  }
});

test("a server that can't be started is told of, with the next step", async () => {
  const { extension, seen } = load("missing", sample);
  await extension.activate({ extensionPath: folder, extensionUri: uri(folder), subscriptions: [] });
  assert.equal(seen.status.text, "$(circle-slash) Unweld");
  assert.match(seen.status.tooltip, /isn't running/);
  assert.equal(seen.errors.length, 1);
  assert.match(seen.errors[0], /unweld\.path/);
});

test("the server answers vscode-jsonrpc", { timeout: 120_000 }, async (t) => {
  const rpc = require("vscode-jsonrpc/node");
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "unweld-")));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  fs.writeFileSync(path.join(dir, "go.mod"), "module example.com/p\n\ngo 1.26\n");
  const text = "package p\n\ntype Engine struct{}\n";
  fs.writeFileSync(path.join(dir, "p.go"), text);
  assert.ok(process.env.UNWELD, "set UNWELD to the program under test: make vscode-test does");
  const server = spawn(process.env.UNWELD, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => server.kill());
  const exited = new Promise((resolve) => server.on("exit", resolve));
  const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
  const published = new Promise((resolve) => connection.onNotification("textDocument/publishDiagnostics", resolve));
  connection.listen();
  const { capabilities } = await connection.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {} });
  assert.equal(capabilities.codeActionProvider.resolveProvider, true);
  await connection.sendNotification("initialized", {});
  const uri = pathToFileURL(path.join(dir, "p.go")).href;
  await connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "go", version: 1, text } });
  const at = { line: 2, character: 6 };
  const actions = await connection.sendRequest("textDocument/codeAction", { textDocument: { uri }, range: { start: at, end: at }, context: { diagnostics: [] } });
  assert.match(actions[0].title, /^Extract .*component/);
  assert.deepEqual((await published).diagnostics, []);
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  assert.equal(await exited, 0);
  connection.dispose();
});
