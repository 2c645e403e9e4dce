// The status bar: how many components there are, the split that hazards are
// shown of, and how many that are. A click chooses another split.
"use strict";

const vscode = require("vscode");
const { plural } = require("./tree.js");

class Status {
  /** @param {import("./module.js").Module} module */
  constructor(module) {
    this.module = module;
    this.item = vscode.window.createStatusBarItem("unweld.status", vscode.StatusBarAlignment.Left, 0);
    this.item.name = "Unweld";
    this.item.command = "unweld.pickSplit";
    this.subscriptions = [this.item, module.onDidChange(() => this.show())];
  }

  dispose() {
    for (const s of this.subscriptions) s.dispose();
  }

  show() {
    const { overview: o, problem, loading } = this.module;
    if (!o) {
      this.item.text = loading ? "$(loading~spin) Unweld" : "$(circle-slash) Unweld";
      this.item.tooltip = problem || "Unweld looks at the code";
      return problem || loading ? this.item.show() : this.item.hide();
    }
    const crossing = o.hazards.filter((h) => h.crosses).length;
    const parts = [plural(o.components.length, "component"), o.split ?? "no split"];
    if (o.split) parts.push(plural(crossing, "hazard"));
    this.item.text = `$(split-horizontal) ${parts.join(" · ")}`;
    this.item.tooltip = [
      o.module,
      o.problem && `The chosen split can't be made: ${o.problem}`,
      o.split ? `In split ${o.split}, ${plural(crossing, "hazard")} of ${o.hazards.length} come out.` : `${plural(o.hazards.length, "hazard")} if components were apart. Choose a split to see those that it brings out.`,
    ]
      .filter(Boolean)
      .join("\n");
    this.item.backgroundColor = o.problem ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.item.show();
  }
}

/**
 * Has the user choose the split whose hazards are shown, and writes it into the workspace's settings.
 * @param {import("./module.js").Module} module
 */
async function pickSplit(module) {
  const o = module.overview;
  const configured = { label: "As unweld.yaml says", description: "editor: {split: NAME}", split: undefined };
  const about = (name) => (name === "monolith" ? "all in one process" : name === "micro" ? "each declared component in a process of its own" : "");
  const items = [configured, ...(o?.splits ?? []).map((name) => ({ label: name, description: about(name) + (name === o?.split ? " (shown now)" : ""), split: name }))];
  const chosen = await vscode.window.showQuickPick(items, { title: "The split whose hazards are shown" });
  if (!chosen) return;
  await vscode.workspace.getConfiguration("unweld").update("split", chosen.split, vscode.ConfigurationTarget.Workspace);
}

module.exports = { Status, pickSplit };
