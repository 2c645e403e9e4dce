// The panel with pictures: the graph and the matrix of components, and what a
// split would cost. It is drawn by media/panel.js from what the server says.
"use strict";

const crypto = require("node:crypto");
const vscode = require("vscode");
const { reason } = require("./module.js");

class Panel {
  /**
   * @param {import("./module.js").Module} module
   * @param {vscode.Uri} extension the extension's folder
   */
  constructor(module, extension) {
    this.module = module;
    this.media = vscode.Uri.joinPath(extension, "media");
    /** @type {vscode.WebviewPanel | undefined} */
    this.panel = undefined;
    this.state = { tab: "graph" };
    this.subscriptions = [module.onDidChange(() => module.loading || this.update())];
  }

  dispose() {
    for (const s of this.subscriptions) s.dispose();
    this.panel?.dispose();
  }

  /** Shows a tab, "graph", "matrix" or "split", and in it a component. */
  async show(tab, component) {
    if (this.panel) {
      this.panel.reveal();
      this.post({ tab, component });
    } else {
      this.open({ tab, component });
    }
  }

  open(first) {
    const panel = vscode.window.createWebviewPanel("unweld.panel", "Unweld", vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [this.media],
      retainContextWhenHidden: true,
    });
    this.panel = panel;
    panel.iconPath = vscode.Uri.joinPath(this.media, "icon.svg");
    panel.onDidDispose(() => (this.panel = undefined));
    panel.webview.onDidReceiveMessage((message) => this.receive(message, first));
    const uri = (name) => panel.webview.asWebviewUri(vscode.Uri.joinPath(this.media, name));
    const nonce = crypto.randomBytes(16).toString("base64");
    panel.webview.html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${panel.webview.cspSource}; script-src 'nonce-${nonce}'">
<link rel="stylesheet" href="${uri("panel.css")}">
<title>Unweld</title>
</head>
<body><script nonce="${nonce}" src="${uri("panel.js")}"></script></body>
</html>`;
  }

  async receive(message, first) {
    switch (message.type) {
      case "ready":
        await this.update();
        return this.post(first);
      case "open": {
        const at = this.module.place(message.at);
        return at && vscode.window.showTextDocument(at.uri, { selection: at.range, viewColumn: vscode.ViewColumn.Beside, preserveFocus: false });
      }
      case "preview":
        return vscode.commands.executeCommand("unweld.previewSplit");
      case "explain":
        return vscode.commands.executeCommand("unweld.explainCode", message.code);
    }
  }

  post(message) {
    this.panel?.webview.postMessage(message);
  }

  /** Sends what is known of the module now. */
  async update() {
    if (!this.panel) return;
    const { overview, problem } = this.module;
    try {
      this.post({ overview, problem, graph: overview && (await this.module.request("unweld/graph", {})) });
    } catch (err) {
      this.post({ problem: reason(err) });
    }
    if (this.previewed) await this.preview(this.previewed);
  }

  /**
   * Shows what a split would cost.
   * @param {{split?: string, units?: string[][]}} split one of unweld.yaml, or the components of each unit
   */
  async preview(split) {
    this.previewed = split;
    try {
      this.post({ preview: await this.module.request("unweld/split", split) });
    } catch (err) {
      this.post({ preview: { problem: reason(err) } });
    }
  }
}

/**
 * Has the user choose a split, of those in unweld.yaml or of components that would run apart, and shows what it would cost.
 * @param {import("./module.js").Module} module
 * @param {Panel} panel
 */
async function previewSplit(module, panel) {
  const o = module.overview;
  if (!o) return vscode.window.showWarningMessage(module.problem || "The code is still being read.");
  const free = { label: "Components of your choice…", description: "each in a process of its own" };
  const items = [...o.splits.map((label) => ({ label, description: label === o.split ? "the one whose hazards are shown" : "" })), free];
  const chosen = await vscode.window.showQuickPick(items, { title: "Preview which split?" });
  if (!chosen) return;
  let split = { split: chosen.label };
  if (chosen === free) {
    const apart = await vscode.window.showQuickPick(
      o.components.map((c) => c.name),
      { canPickMany: true, title: "Components that would run in processes of their own" },
    );
    if (!apart?.length) return;
    split = { units: apart.map((name) => [name]) };
  }
  panel.previewed = split;
  await panel.show("split");
  await panel.preview(split);
}

module.exports = { Panel, previewSplit };
