// The verbs that change files, without a code action: what they are about is chosen from
// what the server knows. The server does the rest, and tells what it refuses.
"use strict";

const vscode = require("vscode");
const { reason } = require("./module.js");

/** Runs a command, and shows why it could not be had. */
function telling(run) {
  return async (...args) => {
    try {
      return await run(...args);
    } catch (err) {
      vscode.window.showErrorMessage(`unweld: ${reason(err)}`);
    }
  };
}

/** The commands, by their names without "unweld.". */
function operations(module) {
  const component = async (title, line) => {
    if (line?.data?.name) return line.data.name;
    const items = (module.overview?.components ?? []).map((c) => ({ label: c.name, description: c.packages.join(", ") }));
    return (await vscode.window.showQuickPick(items, { title, placeHolder: items.length ? undefined : "There are no components here" }))?.label;
  };
  const means = async (title, list) => {
    const items = list.map((m) => ({ label: m.name, detail: m.doc.split("\n")[0] }));
    return (await vscode.window.showQuickPick(items, { title, matchOnDetail: true }))?.label;
  };
  const operation = (command, title, from) => async (line) => {
    const of = await component(title, line);
    if (!of) return;
    const to = from && (await means(`${title}: ${of}`, (await module.request("unweld/catalogue", {}))[from]));
    if (!from || to) await changing(command, { component: of, ...(to && { to: [to] }) });
  };
  const changing = async (command, params) => {
    if (await module.execute(command, params)) module.refresh();
  };
  const all = {
    refactorWith: () => refactorWith(module, changing),
    writeConfig: () => changing("unweld.init", {}),
    declareComponent: async (line) => {
      const name = await component("Add which component to unweld.yaml?", line);
      if (name) await changing("unweld.addComponent", { name });
    },
    checkRules: () => module.execute("unweld.check", { show: true }),
    acceptViolations: () => changing("unweld.baseline", {}),
    bindComponent: operation("unweld.bind", "Bind a component", "bindings"),
    keepState: operation("unweld.state", "Keep the state of a component", "stores"),
    ejectComponent: operation("unweld.eject", "Take away what was generated for a component"),
  };
  return Object.fromEntries(Object.entries(all).map(([name, run]) => [name, telling(run)]));
}

/** Any refactoring with any of its parameters: those that are offered at the cursor stand first. */
async function refactorWith(module, changing) {
  const offers = await offered(module);
  const { refactorings } = await module.request("unweld/catalogue", {});
  const here = offers.map((o) => ({ label: o.title, description: o.request.target, name: o.refactoring, request: o.request, form: o.form }));
  const any = refactorings.map((r) => ({ label: r.title, description: r.name, detail: r.doc.split("\n")[0], name: r.name, request: { target: "" } }));
  const heading = (label) => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items = [...(here.length ? [heading("here"), ...here] : []), heading("all refactorings"), ...any];
  const chosen = await vscode.window.showQuickPick(items, { title: "Refactor with parameters", matchOnDescription: true, matchOnDetail: true });
  if (!chosen) return;
  const request = await module.server.form(chosen.label, module.folder?.toString(), chosen.name, chosen.request, chosen.form);
  if (request) await changing("unweld.refactor", { name: chosen.name, ...request });
}

/** What is offered where the cursor is. */
async function offered(module) {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "go") return [];
  const range = module.server.client.code2ProtocolConverter.asRange(editor.selection);
  const params = { textDocument: { uri: editor.document.uri.toString() }, range, context: { diagnostics: [], only: ["refactor"] } };
  const actions = await module.server.client.sendRequest("textDocument/codeAction", params);
  return (actions ?? []).filter((a) => !a.disabled && a.data?.offer?.refactoring).map((a) => a.data.offer);
}

module.exports = { operations };
