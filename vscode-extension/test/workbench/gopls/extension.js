// Starts gopls for Go files, for the workbench test.
"use strict";

const vscode = require("vscode");
const { LanguageClient, RevealOutputChannelOn } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const command = vscode.workspace.getConfiguration("goplsTest").get("path");
  client = new LanguageClient("gopls", "gopls", { command, args: ["serve"] }, { documentSelector: [{ scheme: "file", language: "go" }], revealOutputChannelOn: RevealOutputChannelOn.Never });
  return client.start();
};

exports.deactivate = () => client?.stop();
