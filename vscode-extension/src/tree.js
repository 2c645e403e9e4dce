// The tree of components: endpoints, who uses what, where, and hazards.
"use strict";

const vscode = require("vscode");

const icons = { error: "error", warning: "warning", info: "info" };

const plural = (n, one, many = one + "s") => `${n} ${n === 1 ? one : many}`;

/** The name of a declaration without its package's folders: pricing.Engine.Quote. */
const short = (id) => id.slice(id.lastIndexOf("/") + 1);

/** A position without folders and column: carts.go:77. */
const brief = (pos) => pos.replace(/^.*[/\\]/, "").replace(/(:\d+):\d+$/, "$1");

/**
 * A line of the tree, with the function that returns those below it.
 * @typedef {{label: string, description?: string, tooltip?: string, icon?: vscode.ThemeIcon, at?: import("./module.js").Placed, context?: string, data?: any, id: string, below?: () => Line[]}} Line
 */

class Tree {
  /** @param {import("./module.js").Module} module */
  constructor(module) {
    this.module = module;
    this.emitter = new vscode.EventEmitter();
    this.onDidChangeTreeData = this.emitter.event;
    this.view = vscode.window.createTreeView("unweld.components", { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [this.emitter, this.view, module.onDidChange(() => this.show())];
  }

  dispose() {
    for (const s of this.subscriptions) s.dispose();
  }

  show() {
    const { overview, loading, problem } = this.module;
    this.view.description = overview ? overview.module : "";
    this.view.message = problem || (loading && !overview ? "Looking at the code…" : undefined);
    if (!loading) this.emitter.fire(undefined);
  }

  /** @param {Line} line */
  getTreeItem(line) {
    const item = new vscode.TreeItem(line.label, line.below ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None);
    Object.assign(item, { id: line.id, description: line.description, tooltip: line.tooltip, iconPath: line.icon, contextValue: line.context });
    const at = line.at && this.module.place(line.at);
    if (at && !line.below) {
      item.command = { command: "vscode.open", title: "Open", arguments: [at.uri, { selection: at.range, preserveFocus: true }] };
    }
    return item;
  }

  /** @param {Line} [line] */
  getChildren(line) {
    if (line) return line.below?.() ?? [];
    const o = this.module.overview;
    if (!o) return [];
    const lines = o.components.map((c) => this.component(o, c));
    if (o.shared.length) {
      const below = () => o.shared.map((p) => ({ id: `shared/${p}`, label: p, icon: new vscode.ThemeIcon("package") }));
      lines.push({ id: "shared", label: "Shared packages", description: String(o.shared.length), tooltip: "Used by many, owned by none", icon: new vscode.ThemeIcon("library"), below });
    }
    if (o.unloaded) lines.push(this.unread(o));
    return lines;
  }

  /**
   * Errors of the compiler, or of the go command, that kept code from being read.
   * @returns {Line}
   */
  unread(o) {
    const below = () => {
      const all = (o.errors ?? []).map((e, i) => ({ id: `errors/${i}`, label: e.message, description: e.pos && brief(e.pos), tooltip: `${e.message}\n${e.pos ?? ""}`, icon: new vscode.ThemeIcon("error"), at: e }));
      if (o.unloaded > all.length) all.push({ id: "errors/more", label: `and ${plural(o.unloaded - all.length, "more")}` });
      return all;
    };
    return { id: "errors", label: "Doesn't build", description: plural(o.unloaded, "error"), tooltip: "Code with errors is left out; the rest is shown", icon: new vscode.ThemeIcon("warning"), below };
  }

  /** @returns {Line} */
  component(o, c) {
    const hazards = o.hazards.filter((h) => h.component === c.name);
    const parts = [plural(c.packages.length, "package")];
    if (c.unit) parts.push(`in ${c.unit}`);
    const crossing = hazards.filter((h) => h.crosses).length;
    if (crossing) parts.push(plural(crossing, "hazard"));
    const id = `c/${c.name}`;
    const group = (key, label, all, of, icon) => ({ id: `${id}/${key}`, label, description: String(all.length), icon: new vscode.ThemeIcon(icon), below: () => all.map(of) });
    const coupled = (key, other) => (k) => this.coupling(`${id}/${key}`, k, k[other]);
    const below = () =>
      [
        group("endpoints", "Endpoints", c.endpoints, (e) => this.endpoint(id, c, e), "symbol-interface"),
        group("uses", "Uses", o.couplings.filter((k) => k.from === c.name), coupled("uses", "to"), "arrow-right"),
        group("used", "Used by", o.couplings.filter((k) => k.to === c.name), coupled("used", "from"), "arrow-left"),
        group("hazards", "Hazards", hazards, (h, i) => this.hazard(id, h, i), "flame"),
        group("packages", "Packages", c.packages, (p) => ({ id: `${id}/packages/${p}`, label: p, icon: new vscode.ThemeIcon("package") }), "folder"),
      ].filter((g) => g.description !== "0");
    const tooltip = [`${c.name}: ${c.declared ? "declared in unweld.yaml" : "found by the uses between packages"}`, `cohesion ${c.metrics.cohesion}, instability ${c.metrics.instability}`].join("\n");
    return { id, label: c.name, description: parts.join(" · "), tooltip, icon: new vscode.ThemeIcon(c.declared ? "symbol-module" : "circle-large-outline"), context: "component", data: c, at: c, below };
  }

  /** @returns {Line} */
  endpoint(id, c, e) {
    return { id: `${id}/endpoints/${e.name}`, label: e.name, description: plural(e.callers, "caller"), icon: new vscode.ThemeIcon("symbol-method"), at: e, tooltip: e.pos };
  }

  /** @returns {Line} */
  coupling(id, k, other) {
    const total = k.references ?? k.evidence.length;
    const below = () => {
      const lines = k.evidence.map((r, i) => ({
        id: `${id}/${other}/${i}`,
        label: `${r.kind} of ${short(r.to)}`,
        description: `${brief(r.pos)}${r.loop ? " in a loop" : ""}`,
        tooltip: `${r.from} uses ${r.to}\n${r.pos}`,
        icon: new vscode.ThemeIcon("references"),
        at: r,
      }));
      if (total > lines.length) lines.push({ id: `${id}/${other}/more`, label: `and ${plural(total - lines.length, "more")}` });
      return lines;
    };
    return { id: `${id}/${other}`, label: other, description: plural(total, "reference"), icon: new vscode.ThemeIcon("symbol-module"), below };
  }

  /** @returns {Line} */
  hazard(id, h, i) {
    return {
      id: `${id}/hazards/${i}`,
      label: h.path ? `${h.path}: ${h.name}` : h.name,
      description: brief(h.pos),
      tooltip: `${h.message}\n${h.hint}\n${h.pos}`,
      icon: new vscode.ThemeIcon(icons[h.severity] ?? "info", h.crosses ? new vscode.ThemeColor("list.warningForeground") : undefined),
      context: "hazard",
      data: h,
      at: h,
    };
  }
}

module.exports = { Tree, plural };
