// The parameters of a refactoring, as a list that the user goes through: "Go on" stands
// first, so that Enter takes everything as it is. What a value may be is known by the
// server, which is asked at each key.
"use strict";

const vscode = require("vscode");

/**
 * @typedef {{name: string, type: string, elem?: string, values?: string[], required?: boolean, default?: string, suggestions?: string[], example?: string, doc: string}} Param
 * @typedef {Param & {value: string, problem?: string}} Field
 * @typedef {{target: string, params?: Record<string, string>}} Request
 * @typedef {{title: string, target: Field, params: Field[]}} Form
 */

/** Whether the user is to see a form before an action is done: if something has to be named, always, or never. */
function wanted(params) {
  const setting = vscode.workspace.getConfiguration("unweld").get("form", "auto");
  if (!params?.length || setting === "never") return false;
  return setting === "always" || params.some((p) => p.required || p.type === "component");
}

/** A form that the user fills in. */
class Fill {
  /**
   * @param {(request: Request) => Promise<Form>} ask has the server look at a request
   * @param {string} title
   * @param {Request} request
   * @param {Param[]} [offered] with suggestions for this place
   */
  constructor(ask, title, request, offered) {
    this.ask = ask;
    this.title = title;
    this.request = { ...request, params: { ...request.params } };
    this.suggestions = new Map((offered ?? []).map((p) => [p.name, p.suggestions ?? []]));
  }

  /**
   * Goes through the form.
   * @returns {Promise<Request | undefined>} the request; undefined if the user leaves
   */
  async run() {
    const asked = new Set();
    let at;
    for (;;) {
      const form = await this.ask(this.request);
      const fields = [form.target, ...form.params];
      const wrong = fields.find((f) => f.problem);
      if (wrong?.required && !wrong.value && !asked.has(wrong.name)) {
        asked.add(wrong.name);
        if (!(await this.edit(wrong, wrong === form.target))) return undefined;
        continue;
      }
      const chosen = await this.choose(form, wrong, at);
      if (!chosen) return undefined;
      if (chosen === "go") {
        if (!wrong) return this.request;
        at = wrong.name;
        await this.edit(wrong, wrong === form.target);
        continue;
      }
      at = chosen.name;
      await this.edit(chosen, chosen === form.target);
    }
  }

  /** Shows all fields. */
  choose(form, wrong, at) {
    const go = wrong ? { label: "$(warning) Go on", description: `${wrong.name || "target"} ${wrong.problem}`, field: "go" } : { label: "$(check) Go on", description: "with these values", field: "go" };
    const line = (f, name) => ({
      label: `${f.problem ? "$(warning)" : "$(edit)"} ${name}`,
      description: f.problem && f.value ? `${f.value}: ${f.problem}` : f.problem || f.value || "not given",
      detail: f.doc,
      field: f,
    });
    const rows = [line(form.target, "target"), ...form.params.map((f) => line(f, f.name))];
    const items = [go, { label: "parameters", kind: vscode.QuickPickItemKind.Separator }, ...rows];
    return new Promise((resolve) => {
      const pick = vscode.window.createQuickPick();
      Object.assign(pick, { title: this.title, placeholder: "Enter goes on; choose a parameter to change it", items, ignoreFocusOut: true, matchOnDescription: true, matchOnDetail: true });
      const active = at === undefined ? go : (rows.find((r) => r.field.name === at) ?? go);
      pick.activeItems = [active === go || wrong ? active : go];
      pick.onDidAccept(() => {
        resolve(pick.activeItems[0]?.field);
        pick.dispose();
      });
      pick.onDidHide(() => resolve(undefined));
      pick.show();
    });
  }

  /**
   * Asks for one value.
   * @param {Field} field
   * @param {boolean} target whether it is the target of the request
   * @returns {Promise<boolean>} whether there is another value
   */
  async edit(field, target) {
    const title = `${this.title}: ${target ? "target" : field.name}`;
    const values = field.type === "bool" ? ["true", "false"] : field.type === "enum" ? field.values : undefined;
    const suggestions = target ? [] : (this.suggestions.get(field.name) ?? []);
    let value;
    if (values) {
      const items = values.map((label) => ({ label, description: label === (field.value || "false") ? "now" : label === field.default ? "default" : "" }));
      value = (await vscode.window.showQuickPick(items, { title, placeHolder: field.doc, ignoreFocusOut: true }))?.label;
    } else {
      value = suggestions.length > 1 ? await this.suggest(field, title, suggestions) : await this.input(field, title, target);
    }
    if (value === undefined) return false;
    if (target) this.request.target = value;
    else if (value === "") delete this.request.params[field.name];
    else this.request.params[field.name] = value;
    return true;
  }

  async suggest(field, title, suggestions) {
    const other = { label: "$(edit) Something else…" };
    const chosen = await vscode.window.showQuickPick([...suggestions.map((label) => ({ label })), other], { title, placeHolder: field.doc, ignoreFocusOut: true });
    return chosen === other ? this.input(field, title, false) : chosen?.label;
  }

  input(field, title, target) {
    const prompt = [field.doc, field.example && `for example ${field.example}`, field.type === "list" && "several are separated by commas"].filter(Boolean).join("; ");
    return vscode.window.showInputBox({ title, prompt, value: field.value, ignoreFocusOut: true, validateInput: (value) => this.problem(field, value, target) });
  }

  /** What is wrong with a value, as the server says. */
  async problem(field, value, target) {
    if (!target && value === "" && !field.required) return undefined; // the default counts
    const request = target ? { ...this.request, target: value } : { ...this.request, params: { ...this.request.params, [field.name]: value } };
    const form = await this.ask(request);
    return (target ? form.target : form.params.find((p) => p.name === field.name))?.problem;
  }
}

module.exports = { Fill, wanted };
