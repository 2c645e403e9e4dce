// The task `unweld check`. Its problem matcher is in package.json.
"use strict";

const vscode = require("vscode");

const type = "unweld";

/** @param {import("./server.js").Server} server */
function registerTasks(server) {
  const task = (definition, scope) => {
    const args = [definition.verb, ...(definition.args ?? [])];
    const name = definition.label ?? args.join(" ");
    return new vscode.Task(definition, scope, name, "unweld", new vscode.ProcessExecution(server.program(), args), ["$unweld"]);
  };
  return vscode.tasks.registerTaskProvider(type, {
    provideTasks: () => (vscode.workspace.workspaceFolders ?? []).map((folder) => task({ type, verb: "check" }, folder)),
    resolveTask: (t) => task(t.definition, t.scope ?? vscode.TaskScope.Workspace),
  });
}

module.exports = { registerTasks };
