// Carrying out actions: what the protocol and the workbench don't do well. Changes that the
// server wants to have confirmed are asked about here, as the workbench's own preview has
// each file unticked: with nothing ticked, its Apply does nothing and says nothing.
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
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false }); // not in place of the code
  }

  /** Closes what show has opened. */
  async hide() {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await vscode.window.tabGroups.close(tabs.filter((tab) => tab.input?.uri?.scheme === scheme));
  }
}

/**
 * What a server says beside an edit.
 * @typedef {{created?: {uri: string, text: string}[], confirm?: {files: number, notes: string[], diff: string}}} Beside
 */

/**
 * Completes a resolved action: new files get their content at once, and where the server
 * wants the user to be asked, that is done here, and so is the change.
 * @param {vscode.CodeAction & {data?: Beside}} action what it resolved to
 * @param {Changes} changes
 * @returns {Promise<vscode.CodeAction>} the action; without its edit if that is done, or the user doesn't want it
 */
async function completed(action, changes) {
  if (!action?.edit) return action;
  if (!action.data?.confirm) {
    create(action.edit, action.data);
    return action;
  }
  const { edit, command } = action;
  action.edit = action.command = undefined; // by now the workbench may have forgotten the command
  const { applied } = await carryOut(action.title, edit, action.data, changes);
  if (applied && command) await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
  return action;
}

/** Makes the new files part of an edit, with their content. */
function create(edit, beside) {
  for (const { uri, text } of beside?.created ?? []) edit.createFile(vscode.Uri.parse(uri), { contents: Buffer.from(text) });
}

/**
 * Changes files, after the user agreed where that is wanted.
 * @param {string} title
 * @param {vscode.WorkspaceEdit} edit
 * @param {Beside} beside
 * @param {Changes} changes
 * @returns {Promise<{applied: boolean, failureReason?: string}>} without a reason if the user knows it
 */
async function carryOut(title, edit, beside, changes) {
  create(edit, beside);
  const before = await texts(edit);
  if (beside.confirm && !(await agreed(title, beside.confirm, changes))) return { applied: false, failureReason: "as you wished" };
  const after = await texts(edit);
  if ([...before].some(([uri, text]) => after.get(uri) !== text)) {
    vscode.window.showWarningMessage(`${title}: the text changed meanwhile; choose the action again.`);
    return { applied: false, failureReason: "the text changed meanwhile" };
  }
  if (!(await vscode.workspace.applyEdit(edit, { isRefactoring: true }))) {
    vscode.window.showErrorMessage(`${title}: the change could not be made.`);
    return { applied: false, failureReason: "the change could not be made" };
  }
  return { applied: true };
}

/** What stands in the files that an edit changes, by their address: in a document, if one is open, which may be closed meanwhile. */
async function texts(edit) {
  const open = new Map(vscode.workspace.textDocuments.map((d) => [d.uri.toString(), d]));
  const text = async (uri) => {
    const document = open.get(uri.toString());
    if (document) return document.getText();
    try {
      return new TextDecoder("utf-8", { ignoreBOM: false }).decode(await vscode.workspace.fs.readFile(uri));
    } catch {
      return undefined; // it comes into being
    }
  };
  return new Map(await Promise.all(edit.entries().map(async ([uri]) => [uri.toString(), await text(uri)])));
}

/** Asks the user, who may want to see the changes first. */
async function agreed(title, confirm, changes) {
  const files = `${confirm.files} file${confirm.files === 1 ? "" : "s"} will change.`;
  const notes = confirm.notes.slice(0, 12).map((note) => `• ${note}`);
  if (confirm.notes.length > notes.length) notes.push(`and ${confirm.notes.length - notes.length} more, which are shown afterwards`);
  const detail = [files, ...notes].join("\n\n");
  let answer = await vscode.window.showInformationMessage(title, { modal: true, detail }, "Apply", "Show Changes");
  if (answer === "Show Changes") {
    await changes.show(confirm.diff);
    answer = await vscode.window.showQuickPick(["Apply", "Discard"], { title, placeHolder: files, ignoreFocusOut: true });
    await changes.hide();
  }
  return answer === "Apply";
}

module.exports = { Changes, carryOut, completed };
