// What the server knows of the module that one works in. All that the extension
// shows comes from here; the requests are those of lsp/.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");

/**
 * @typedef {{pos?: string, location?: {uri: string, range: {start: {line: number, character: number}}}}} Placed
 * @typedef {Placed & {name: string, severity: string, component: string, path: string, message: string, hint: string, crosses?: boolean}} Hazard
 * @typedef {Placed & {kind: string, from: string, to: string, weight: number, loop?: boolean}} Reference
 * @typedef {{from: string, to: string, weight: number, references: number, evidence: Reference[]}} Coupling
 * @typedef {Placed & {name: string, callers: number}} Endpoint
 * @typedef {Placed & {name: string, declared: boolean, packages: string[], unit?: string, endpoints: Endpoint[], metrics: {cohesion: number, instability: number}, hazards: {error: number, warning: number, info: number}}} Component
 * @typedef {{root: string, module: string, configured: boolean, splits: string[], split?: string, problem?: string, components: Component[], shared: string[], couplings: Coupling[], hazards: Hazard[], unloaded?: number, errors?: (Placed & {message: string})[]}} Overview
 */

const methodNotFound = -32601;

/** Why a request wasn't answered, for people. */
function reason(err) {
  return err?.code === methodNotFound ? "this unweld is too old for that: leave unweld.path empty, or update it" : err.message;
}

class Module {
  /** @param {import("./server.js").Server} server */
  constructor(server) {
    this.server = server;
    /** @type {Overview | undefined} the last that was had */
    this.overview = undefined;
    this.problem = "";
    this.loading = false;
    this.changed = new vscode.EventEmitter();
    this.onDidChange = this.changed.event;
    this.asked = 0;
    /** @type {vscode.Uri | undefined} */
    this.folder = undefined;
    this.subscriptions = [
      this.changed,
      vscode.window.onDidChangeActiveTextEditor(() => this.follow()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.follow()),
    ];
  }

  dispose() {
    for (const s of this.subscriptions) s.dispose();
  }

  /** Finds the module of the active editor, and reads it if it is another one than before. */
  follow() {
    const folder = moduleOf(vscode.window.activeTextEditor?.document.uri) ?? this.folder ?? firstModule();
    if (folder?.fsPath === this.folder?.fsPath) return;
    this.folder = folder;
    this.overview = undefined;
    return this.refresh();
  }

  /** Asks the server for what there is now. Of several that are asked for at once, the last counts. */
  async refresh() {
    const mine = ++this.asked;
    if (!this.folder) {
      Object.assign(this, { overview: undefined, loading: false, problem: "No Go module is open." });
      return this.changed.fire();
    }
    this.loading = true;
    this.changed.fire();
    try {
      const overview = await this.request("unweld/components", {});
      if (mine === this.asked) Object.assign(this, { overview, problem: "" });
    } catch (err) {
      if (mine === this.asked) this.problem = reason(err);
    }
    if (mine !== this.asked) return;
    this.loading = false;
    this.changed.fire();
  }

  /** Sends a request about the module, to a server that is just starting when it has started. */
  async request(method, params) {
    await this.server.started;
    if (!this.server.client?.isRunning()) throw new Error("the language server isn't running: see its output, or restart it");
    return this.server.client.sendRequest(method, { uri: this.folder?.toString(), ...params });
  }

  /** Has the server carry out one of its commands on the module. */
  execute(command, params = {}) {
    return this.request("workspace/executeCommand", { command, arguments: [{ uri: this.folder?.toString(), ...params }] });
  }

  /**
   * Where something is.
   * @param {Placed} at
   * @returns {vscode.Location | undefined}
   */
  place(at) {
    if (at.location) {
      const { line, character } = at.location.range.start;
      return new vscode.Location(vscode.Uri.parse(at.location.uri), new vscode.Position(line, character));
    }
    const found = /^(.+?):(\d+)(?::(\d+))?$/.exec(at.pos ?? "");
    if (!found || !this.overview) return undefined;
    const [, file, line, column] = found;
    const uri = path.isAbsolute(file) ? vscode.Uri.file(file) : vscode.Uri.joinPath(vscode.Uri.parse(this.overview.root), file);
    return new vscode.Location(uri, new vscode.Position(Number(line) - 1, Number(column ?? 1) - 1));
  }
}

/** The folder of the module that a file is in, if that is in the workspace. */
function moduleOf(uri) {
  const folder = uri?.scheme === "file" && vscode.workspace.getWorkspaceFolder(uri);
  if (!folder) return undefined;
  const top = folder.uri.fsPath;
  for (let dir = path.dirname(uri.fsPath); dir.length >= top.length; dir = path.dirname(dir)) {
    if (fs.existsSync(path.join(dir, "go.mod"))) return vscode.Uri.file(dir);
    if (dir === path.dirname(dir)) break;
  }
  return undefined;
}

function firstModule() {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.find((f) => fs.existsSync(path.join(f.uri.fsPath, "go.mod")))?.uri;
}

module.exports = { Module, reason };
