// Starts what the extension has: the language server, and what stands in the
// other files here. What the code means is known by the server alone.
"use strict";

const vscode = require("vscode");
const { Server } = require("./server.js");

/** @type {Server | undefined} */
let server;

/** @param {import("vscode").ExtensionContext} context */
async function activate(context) {
  server = new Server(context.extensionPath);
  context.subscriptions.push(
    server.output,
    vscode.commands.registerCommand("unweld.restart", () => server?.restart()),
    vscode.commands.registerCommand("unweld.showOutput", () => server?.output.show()),
  );
  await server.start();
}

async function deactivate() {
  await server?.stop();
}

module.exports = { activate, deactivate };
