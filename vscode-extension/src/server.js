// The server, `unweld lsp`: which program it is, and its life.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { Changes, completed } = require("./actions.js");

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

  async start() {
    const command = this.program();
    this.client = new LanguageClient(
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
        middleware: { resolveCodeAction: async (action, token, next) => completed(await next(action, token), this.changes) },
      },
    );
    this.client.registerFeature(ours);
    this.client.onNotification("unweld/changed", () => this.changed.fire());
    try {
      await this.client.start();
    } catch (err) {
      vscode.window.showErrorMessage(`unweld: ${command} lsp: ${err.message}. Install it, or set unweld.path.`);
    }
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
  fillClientCapabilities: (capabilities) => (capabilities.experimental = { ...capabilities.experimental, unweld: { changed: true, confirms: true, creates: true } }),
  initialize() {},
  getState: () => ({ kind: "static" }),
  clear() {},
};

module.exports = { Server };
