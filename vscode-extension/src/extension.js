// Starts what the extension has: the language server, and what stands in the
// other files here. What the code means is known by the server alone.
"use strict";

const vscode = require("vscode");
const { openExplorer, undoLast, Codes } = require("./commands.js");
const { Module } = require("./module.js");
const { operations } = require("./operations.js");
const { Panel, previewSplit } = require("./panel.js");
const { Server } = require("./server.js");
const { SplitTests } = require("./splittests.js");
const { Status, pickSplit } = require("./status.js");
const { registerTasks } = require("./tasks.js");
const { Tree } = require("./tree.js");

/** @type {Server | undefined} */
let server;

/** @param {import("vscode").ExtensionContext} context */
async function activate(context) {
  server = new Server(context.extensionPath);
  const module = new Module(server);
  const panel = new Panel(module, context.extensionUri);
  const codes = new Codes(context.extensionUri);
  const commands = {
    restart: () => server?.restart(),
    showOutput: () => server?.output.show(),
    refresh: () => module.refresh(),
    pickSplit: () => pickSplit(module),
    previewSplit: () => previewSplit(module, panel),
    showGraph: (line) => panel.show("graph", line?.data?.name),
    showMatrix: () => panel.show("matrix"),
    openExplorer: () => openExplorer(module),
    undoLast: () => undoLast(module),
    ...operations(module),
    explainCode: (code) => codes.show(typeof code === "string" ? code : code?.data?.name),
  };
  context.subscriptions.push(
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(`unweld.${name}`, run)),
    server,
    module,
    panel,
    codes,
    new Tree(module),
    new Status(module),
    new SplitTests(module),
    registerTasks(server),
    server.onChanged(() => module.refresh()),
  );
  await server.start();
  await module.follow();
}

async function deactivate() {
  await server?.stop();
}

module.exports = { activate, deactivate };
