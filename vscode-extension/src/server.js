// The server, `unweld lsp`: which program it is, and its life.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient, RevealOutputChannelOn, State } = require("vscode-languageclient/node");
const { Changes, carryOut, completed } = require("./actions.js");
const { Fill, wanted } = require("./form.js");

/** The program of Unweld, and the language server that it is. */
class Server {
  /** @param {string} folder the extension's folder */
  constructor(folder) {
    this.folder = folder;
    /** @type {import("vscode-languageclient/node").LanguageClient | undefined} */
    this.client = undefined;
    this.output = vscode.window.createOutputChannel("Unweld");
    this.changes = new Changes();
    this.changed = new vscode.EventEmitter();
    /** Something in a module changed, and the server has looked at it; or there is another server. */
    this.onChanged = this.changed.event;
    /** Settled when the server that was started last runs, or couldn't be started. It never rejects. */
    this.started = Promise.resolve();
  }

  dispose() {
    this.output.dispose();
    this.changes.dispose();
    this.changed.dispose();
  }

  /** The program: the setting unweld.path, else the one that came with the extension, else the one on PATH. */
  program() {
    const chosen = vscode.workspace.getConfiguration("unweld").get("path", "");
    if (chosen) return chosen;
    const bundled = path.join(this.folder, "bin", process.platform === "win32" ? "unweld.exe" : "unweld");
    return fs.existsSync(bundled) ? bundled : "unweld";
  }

  /** Starts the program; what is asked of it meanwhile waits for started. */
  start() {
    this.started = this.launch();
    return this.started;
  }

  async launch() {
    const command = this.program();
    const client = new LanguageClient(
      "unweld",
      "Unweld",
      { command, args: ["lsp"] },
      {
        documentSelector: [
          { scheme: "file", language: "go" },
          { scheme: "file", pattern: "**/unweld.yaml" },
          { scheme: "file", pattern: "**/unweld.baseline.json" },
        ],
        outputChannel: this.output,
        revealOutputChannelOn: RevealOutputChannelOn.Never, // what the user has to know is told by the server
        middleware: { resolveCodeAction: (action, token, next) => this.resolve(action, token, next) },
      },
    );
    this.client = client;
    client.registerFeature(ours);
    for (const what of ["unweld/changed", "unweld/configured"]) client.onNotification(what, () => this.changed.fire());
    client.onRequest("unweld/applyEdit", (p) => this.applyEdit(p));
    let again = false; // a program that ended is started again by its client
    client.onDidChangeState(({ newState }) => {
      if (newState !== State.Running) return;
      if (again) this.changed.fire();
      again = true;
    });
    try {
      await client.start();
    } catch (err) {
      vscode.window.showErrorMessage(`unweld: ${command} lsp: ${err.message}. Install it, or set unweld.path.`);
    }
  }

  /** Resolves an action, after the user filled in what it can be told. */
  async resolve(action, token, next) {
    const offer = action.data?.offer;
    if (offer?.refactoring && wanted(offer.form)) {
      const request = await this.form(action.title, action.data.uri, offer.refactoring, offer.request, offer.form);
      if (!request) return action;
      offer.request = request;
    }
    return completed(await next(action, token), this.changes);
  }

  /** Has the user fill in a request for a refactoring; undefined if the user leaves. */
  form(title, uri, refactoring, request, offered) {
    return new Fill((request) => this.client.sendRequest("unweld/form", { uri, refactoring, request }), title, request, offered).run();
  }

  /** Carries out the change of a command. */
  async applyEdit({ label, edit, ...beside }) {
    const open = new Map(vscode.workspace.textDocuments.map((d) => [d.uri.toString(), d.version]));
    const stale = (edit.documentChanges ?? []).some(({ textDocument: d }) => d?.version != null && open.get(vscode.Uri.parse(d.uri).toString()) !== d.version);
    if (stale) return { applied: false, failureReason: "the text changed meanwhile" };
    return carryOut(label, await this.client.protocol2CodeConverter.asWorkspaceEdit(edit), beside, this.changes);
  }

  async stop() {
    const old = this.client;
    this.client = undefined;
    if (old?.isRunning()) await old.stop();
  }

  async restart() {
    await this.stop();
    await this.start();
    this.changed.fire();
  }
}

/** Has the server send unweld/changed, and leave it to us to have changes confirmed and new files made. */
const ours = {
  fillClientCapabilities: (capabilities) => (capabilities.experimental = { ...capabilities.experimental, unweld: { changed: true, confirms: true, creates: true, buttons: true, callHierarchy: false } }),
  initialize() {},
  getState: () => ({ kind: "static" }),
  clear() {},
};

module.exports = { Server };
