// The tests of the module under each split, as `unweld test` runs them.
"use strict";

const { spawn } = require("node:child_process");
const vscode = require("vscode");
const { plural } = require("./tree.js");

/**
 * What `unweld test --json` says of one split.
 * @typedef {{split: string, ok: boolean, reason?: string, packages: {path: string, result: string}[], passed: number, failed: number, crossed: number, seconds: number, output?: string}} Run
 */

class SplitTests {
  /** @param {import("./module.js").Module} module */
  constructor(module) {
    this.module = module;
    this.controller = vscode.tests.createTestController("unweld.splits", "Unweld splits");
    this.controller.refreshHandler = () => module.refresh();
    this.controller.createRunProfile("Run under this split", vscode.TestRunProfileKind.Run, (request, token) => this.run(request, token), true);
    this.subscriptions = [this.controller, module.onDidChange(() => this.list())];
  }

  dispose() {
    for (const s of this.subscriptions) s.dispose();
  }

  /** Has an item for each split. */
  list() {
    const { overview, loading } = this.module;
    if (loading) return;
    const names = overview?.splits ?? [];
    for (const [id] of this.controller.items) if (!names.includes(id)) this.controller.items.delete(id);
    for (const name of names) if (!this.controller.items.get(name)) this.controller.items.add(this.controller.createTestItem(name, name));
  }

  /**
   * @param {vscode.TestRunRequest} request
   * @param {vscode.CancellationToken} token
   */
  async run(request, token) {
    const run = this.controller.createTestRun(request);
    const wanted = request.include ?? [...this.controller.items].map(([, item]) => item);
    const items = new Map(wanted.map((item) => (item.parent ?? item)).map((item) => [item.id, item]));
    for (const name of request.exclude ?? []) items.delete(name.id);
    const packages = wanted.filter((item) => item.parent).map((item) => item.label);
    for (const item of items.values()) run.started(item);
    try {
      const runs = await this.test([...items.keys()], packages.length ? packages : ["./..."], run, token);
      for (const r of runs) this.report(run, items.get(r.split), r);
    } catch (err) {
      for (const item of items.values()) run.errored(item, new vscode.TestMessage(err.message));
    }
    run.end();
  }

  /** @returns {Promise<Run[]>} */
  test(splits, packages, run, token) {
    const program = spawn(this.module.server.program(), ["test", "--json", "--splits", splits.join(","), "--", ...packages], { cwd: this.module.folder?.fsPath });
    const stop = token.onCancellationRequested(() => program.kill());
    let out = "";
    let said = "";
    program.stdout.on("data", (chunk) => (out += chunk));
    program.stderr.on("data", (chunk) => {
      said += chunk;
      run.appendOutput(String(chunk).replace(/\r?\n/g, "\r\n"));
    });
    return new Promise((resolve, reject) => {
      program.on("error", reject);
      program.on("close", () => {
        stop.dispose();
        try {
          resolve(JSON.parse(out));
        } catch {
          reject(new Error(token.isCancellationRequested ? "stopped" : said.trim() || "unweld test said nothing"));
        }
      });
    });
  }

  /**
   * @param {vscode.TestRun} run
   * @param {vscode.TestItem} item
   * @param {Run} r
   */
  report(run, item, r) {
    item.description = `${plural(r.passed, "test")} passed, ${plural(r.crossed, "call")} crossed`;
    run.appendOutput(`${r.split}: ${item.description}${r.failed ? `, ${r.failed} failed` : ""}, ${r.seconds.toFixed(1)} s\r\n`, undefined, item);
    for (const p of r.packages) {
      if (p.result === "skip") continue;
      const id = `${r.split}/${p.path}`;
      const child = item.children.get(id) ?? this.controller.createTestItem(id, p.path);
      item.children.add(child);
      if (p.result === "pass") run.passed(child);
      else run.failed(child, new vscode.TestMessage(r.output || p.result));
    }
    if (r.output) run.appendOutput(`under ${r.split}:\n${r.output}`.replace(/\r?\n/g, "\r\n"), undefined, item);
    if (r.ok) run.passed(item, r.seconds * 1000);
    else run.failed(item, new vscode.TestMessage(r.reason || r.output || "failed"), r.seconds * 1000);
  }
}

module.exports = { SplitTests };
