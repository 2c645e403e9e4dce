// Starts `unweld lsp` for Go files and unweld.yaml, and shows what it sends. There is no feature
// logic here: what the extension can do is what the server can do.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
  const command = vscode.workspace.getConfiguration("unweld").get("path", "unweld");
  client = new LanguageClient(
    "unweld",
    "Unweld",
    { command, args: ["lsp"] },
    {
      documentSelector: [
        { scheme: "file", language: "go" },
        { scheme: "file", pattern: "**/unweld.yaml" },
      ],
    },
  );
  try {
    await client.start();
  } catch (err) {
    vscode.window.showErrorMessage(`unweld: ${command} lsp: ${err.message}. Install it, or set unweld.path.`);
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old?.isRunning()) {
    await old.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(vscode.commands.registerCommand("unweld.restart", restart));
  await start();
}

module.exports = { activate, deactivate: stop };
