// Commands that are neither a view nor a setting.
"use strict";

const vscode = require("vscode");
const { reason } = require("./module.js");

/**
 * Runs the terminal explorer in a terminal beside the editors.
 * @param {import("./module.js").Module} module
 */
function openExplorer(module) {
  const terminal = vscode.window.createTerminal({
    name: "Unweld",
    shellPath: module.server.program(),
    shellArgs: ["tui"],
    cwd: module.folder,
    iconPath: new vscode.ThemeIcon("split-horizontal"),
    location: vscode.TerminalLocation.Editor,
  });
  terminal.show();
}

/**
 * Takes back the last change that Unweld made, after the user agreed.
 * @param {import("./module.js").Module} module
 */
async function undoLast(module) {
  const undo = "Take Back";
  const answer = await vscode.window.showWarningMessage("Take back the last change that Unweld made to this module?", { modal: true, detail: "Files are put back as they were before it. If one was changed since, nothing is done." }, undo);
  if (answer !== undo) return;
  try {
    const { title } = await module.execute("unweld.undo");
    vscode.window.showInformationMessage(`Taken back: ${title}`);
    module.refresh();
  } catch (err) {
    vscode.window.showErrorMessage(`Nothing was taken back: ${reason(err)}`);
  }
}

/** Shows the pages of codes: what a code beside a message means. */
class Codes {
  /** @param {vscode.Uri} extension */
  constructor(extension) {
    this.file = vscode.Uri.joinPath(extension, "dist", "hazards.md");
    this.registration = vscode.workspace.registerTextDocumentContentProvider("unweld-code", { provideTextDocumentContent: (uri) => this.page(uri) });
  }

  dispose() {
    this.registration.dispose();
  }

  /** The pages by code, with their first sentence. */
  async pages() {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(this.file));
    const pages = new Map();
    for (const part of text.split(/^## /m).slice(1)) {
      const end = part.indexOf("\n");
      pages.set(part.slice(0, end).trim(), part.slice(end).trim());
    }
    return pages;
  }

  /** @param {vscode.Uri} uri */
  async page(uri) {
    const code = uri.path.replace(/^\//, "").replace(/\.md$/, "");
    return `# ${code}\n\n${(await this.pages()).get(code) ?? "There is no such code."}\n`;
  }

  /** @param {string} [code] without it the user chooses */
  async show(code) {
    if (!code) {
      const items = [...(await this.pages())].map(([label, text]) => ({ label, detail: text.slice(0, text.indexOf("\n")) }));
      code = (await vscode.window.showQuickPick(items, { title: "Explain which code?", matchOnDetail: true }))?.label;
    }
    if (code) await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.from({ scheme: "unweld-code", path: `/${code}.md` }));
  }
}

module.exports = { openExplorer, undoLast, Codes };
