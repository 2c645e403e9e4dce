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
const manifest = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));

// load returns src/extension.js with vscode and the client library replaced, and a
// record of what it does with them.
function load(program) {
  const seen = { started: [], stopped: 0, errors: [], commands: {} };
  class LanguageClient {
    constructor(id, name, server, options) {
      Object.assign(this, { id, name, server, options });
    }
    async start() {
      if (this.server.command === "missing") throw new Error("ENOENT");
      this.running = true;
      seen.started.push(this);
    }
    isRunning() {
      return this.running === true;
    }
    async stop() {
      this.running = false;
      seen.stopped++;
    }
  }
  const vscode = {
    workspace: {
      getConfiguration: (section) => ({ get: (key, fallback) => (section === "unweld" && key === "path" ? program : fallback) }),
    },
    window: {
      showErrorMessage: (text) => seen.errors.push(text),
      createOutputChannel: () => ({ show() {}, dispose() {} }),
    },
    commands: {
      registerCommand(name, run) {
        seen.commands[name] = run;
        return { dispose() {} };
      },
    },
  };
  const modules = { vscode, "vscode-languageclient/node": { LanguageClient } };
  const original = Module._load;
  Module._load = (name, ...rest) => modules[name] ?? original(name, ...rest);
  try {
    for (const file of Object.keys(require.cache)) {
      if (file.startsWith(path.join(folder, "src"))) delete require.cache[file];
    }
    return { extension: require(path.join(folder, "src", "extension.js")), seen };
  } finally {
    Module._load = original;
  }
}

test("the manifest contributes what the extension uses", () => {
  for (const file of [manifest.main, manifest.icon]) assert.ok(fs.existsSync(path.join(folder, file)), file);
  assert.deepEqual(manifest.activationEvents, ["onLanguage:go", "workspaceContains:unweld.yaml"]);
  assert.equal(manifest.contributes.configuration.properties["unweld.path"].default, "", "the server that comes with the extension");
  assert.match(manifest.dependencies["vscode-languageclient"], /^\d+\.\d+\.\d+$/, "pinned");
});

test("it starts the configured server for Go files, and stops it", async () => {
  const { extension, seen } = load("/opt/unweld");
  await extension.activate({ extensionPath: folder, subscriptions: [] });
  assert.deepEqual(seen.started[0].server, { command: "/opt/unweld", args: ["lsp"] });
  assert.deepEqual(seen.started[0].options.documentSelector, [
    { scheme: "file", language: "go" },
    { scheme: "file", pattern: "**/unweld.yaml" },
  ]);
  assert.deepEqual(Object.keys(seen.commands), manifest.contributes.commands.map((c) => c.command));
  await seen.commands["unweld.restart"]();
  assert.deepEqual([seen.started.length, seen.stopped], [2, 1]);
  await extension.deactivate();
  assert.equal(seen.stopped, 2);
});

test("a server that can't be started is told of, with the next step", async () => {
  const { extension, seen } = load("missing");
  await extension.activate({ extensionPath: folder, subscriptions: [] });
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
  const exited = new Promise((resolve) => server.on("exit", resolve));
  const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
  const published = new Promise((resolve) => connection.onNotification("textDocument/publishDiagnostics", resolve));
  connection.listen();
  const { capabilities } = await connection.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {} });
  assert.equal(capabilities.codeActionProvider.resolveProvider, true);
  assert.equal(capabilities.completionProvider, undefined, "completion is gopls's");
  await connection.sendNotification("initialized", {});
  const uri = pathToFileURL(path.join(dir, "p.go")).href;
  await connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "go", version: 1, text } });
  const at = { line: 2, character: 6 };
  const actions = await connection.sendRequest("textDocument/codeAction", { textDocument: { uri }, range: { start: at, end: at }, context: { diagnostics: [] } });
  assert.equal(actions[0].title, "Extract Engine as a component");
  assert.deepEqual((await published).diagnostics, []);
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  assert.equal(await exited, 0);
  connection.dispose();
});
