// Asking the user before a change is made that the server wants to have confirmed. The
// workbench's own preview has each file unticked and isn't used: with nothing ticked, its
// Apply does nothing and says nothing.
"use strict";

const vscode = require("vscode");

const scheme = "unweld-changes";

/** Shows a diff as a document that nobody is asked to save. */
class Changes {
  constructor() {
    this.diff = "";
    this.emitter = new vscode.EventEmitter();
    this.onDidChange = this.emitter.event;
    this.subscriptions = [this.emitter, vscode.workspace.registerTextDocumentContentProvider(scheme, this)];
  }

  dispose() {
    for (const s of this.subscriptions) s.dispose();
  }

  provideTextDocumentContent() {
    return this.diff;
  }

  async show(diff) {
    this.diff = diff;
    const uri = vscode.Uri.from({ scheme, path: "/changes.diff" });
    this.emitter.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }
}

/**
 * Asks whether a resolved action is to be carried out, if the server wants that.
 * @param {vscode.CodeAction & {data?: {confirm?: {files: number, notes: string[], diff: string}}}} action what it resolved to
 * @param {Changes} changes
 * @returns {Promise<vscode.CodeAction>} the action, without its edit if the user doesn't want it
 */
async function confirmed(action, changes) {
  const confirm = action?.data?.confirm;
  if (!confirm || !action.edit) return action;
  const files = `${confirm.files} file${confirm.files === 1 ? "" : "s"} will change.`;
  const notes = confirm.notes.slice(0, 12).map((note) => `• ${note}`);
  if (confirm.notes.length > notes.length) notes.push(`and ${confirm.notes.length - notes.length} more, which are shown afterwards`);
  const detail = [files, ...notes].join("\n\n");
  let answer = await vscode.window.showInformationMessage(action.title, { modal: true, detail }, "Apply", "Show Changes");
  if (answer === "Show Changes") {
    await changes.show(confirm.diff);
    answer = await vscode.window.showQuickPick(["Apply", "Discard"], { title: action.title, placeHolder: files, ignoreFocusOut: true });
  }
  if (answer !== "Apply") {
    action.edit = undefined;
    action.command = undefined;
  }
  return action;
}

module.exports = { Changes, confirmed };
