// Draws the panel. It gets the answers of the server to unweld/components,
// unweld/graph and unweld/split as messages, and sends back what is to be opened.
"use strict";

(() => {
  const vscode = acquireVsCodeApi();
  const state = { tab: "graph", filter: "", chosen: undefined, overview: undefined, graph: undefined, preview: undefined, problem: "" };
  const tabs = { graph: "Graph", matrix: "Matrix", split: "Split" };
  const svgNamespace = "http://www.w3.org/2000/svg";

  // element makes an HTML element. Text is never taken for markup.
  function element(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }

  function shape(tag, attributes = {}, ...children) {
    return fill(document.createElementNS(svgNamespace, tag), attributes, children);
  }

  function fill(node, attributes, children) {
    for (const [key, value] of Object.entries(attributes)) {
      if (value === undefined || value === false) continue;
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((c) => c !== undefined && c !== ""));
    return node;
  }

  const plural = (n, one, many = one + "s") => `${n} ${n === 1 ? one : many}`;
  const short = (id) => id.slice(id.lastIndexOf("/") + 1);
  const matches = (name) => name.toLowerCase().includes(state.filter.toLowerCase());
  const send = (message) => vscode.postMessage(message);

  function place(label, at, small) {
    return element("button", { class: "link", onclick: () => send({ type: "open", at: { pos: at.pos, location: at.location } }) }, label, small && element("small", {}, small));
  }

  function choose(chosen) {
    state.chosen = chosen;
    mark();
    document.querySelector("aside")?.replaceChildren(...details());
  }

  // ---- what is chosen ----

  function details() {
    const { overview: o, chosen } = state;
    if (!o) return [];
    if (chosen?.from) return couplingDetails(o, chosen);
    const c = o.components.find((c) => c.name === chosen?.name);
    if (!c) return [element("p", { class: "quiet" }, "Choose a component to see what it uses and what uses it, or a reference to see where it is.")];
    const hazards = o.hazards.filter((h) => h.component === c.name);
    const list = (title, all, of) => (all.length ? [element("h3", {}, `${title} (${all.length})`), ...all.map(of)] : []);
    const other = (key) => (k) => element("button", { class: "link", onclick: () => choose({ from: k.from, to: k.to }) }, k[key], element("small", {}, plural(k.references ?? k.evidence.length, "reference")));
    return [
      element("h2", {}, c.name),
      element("p", { class: "quiet" }, [plural(c.packages.length, "package"), c.unit && `in unit ${c.unit}`, c.declared ? "declared" : "not declared"].filter(Boolean).join(" · ")),
      element("p", { class: "quiet" }, `cohesion ${c.metrics.cohesion} · instability ${c.metrics.instability}`),
      ...list("Uses", o.couplings.filter((k) => k.from === c.name), other("to")),
      ...list("Used by", o.couplings.filter((k) => k.to === c.name), other("from")),
      ...list("Endpoints", c.endpoints, (e) => (e.pos ? place(e.name, e, plural(e.callers, "caller")) : element("p", {}, e.name))),
      ...list("Hazards", hazards, (h) => place(`${h.path ? h.path + ": " : ""}${h.name}`, h, h.message)),
    ];
  }

  function couplingDetails(o, chosen) {
    const k = o.couplings.find((k) => k.from === chosen.from && k.to === chosen.to);
    const name = (n) => element("button", { class: "link", onclick: () => choose({ name: n }) }, n);
    if (!k) return [element("h2", {}, `${chosen.from} → ${chosen.to}`), element("p", { class: "quiet" }, "No reference.")];
    const total = k.references ?? k.evidence.length;
    return [
      element("h2", {}, `${k.from} → ${k.to}`),
      element("p", { class: "quiet" }, `${plural(total, "reference")}, weight ${k.weight}`),
      ...k.evidence.map((r) => place(`${r.kind} of ${short(r.to)}`, r, `${r.pos} by ${short(r.from)}${r.loop ? ", in a loop" : ""}`)),
      total > k.evidence.length ? element("p", { class: "quiet" }, `and ${plural(total - k.evidence.length, "more")}`) : "",
      element("h3", {}, "Components"),
      name(k.from),
      name(k.to),
    ];
  }

  // mark shows in the picture what is chosen.
  function mark() {
    const { name, from, to } = state.chosen ?? {};
    for (const node of document.querySelectorAll(".node")) {
      node.classList.toggle("chosen", node.dataset.name === name || node.dataset.name === from || node.dataset.name === to);
    }
    for (const edge of document.querySelectorAll(".edge")) {
      const near = edge.dataset.from === name || edge.dataset.to === name || (edge.dataset.from === from && edge.dataset.to === to);
      edge.classList.toggle("near", near);
      edge.classList.toggle("faded", Boolean(state.chosen) && !near);
    }
  }

  // ---- the graph ----

  // layers puts what uses others above what they use. References that close a
  // cycle don't count.
  function layers(graph) {
    const level = new Map();
    const used = new Map(graph.nodes.map((n) => [n.name, []]));
    for (const e of graph.edges) if (!e.closing) used.get(e.from).push(e.to);
    for (const name of graph.order) level.set(name, 1 + Math.max(-1, ...used.get(name).map((to) => level.get(to) ?? -1)));
    const rows = [];
    for (const n of graph.nodes.filter((n) => matches(n.name))) (rows[level.get(n.name)] ??= []).push(n);
    return rows.filter(Boolean).reverse();
  }

  function drawGraph() {
    const g = state.graph;
    const rows = layers(g);
    if (!rows.length) return element("p", { class: "quiet" }, "No component matches.");
    const width = (n) => Math.max(92, 24 + 8 * Math.max(n.name.length, caption(n).length * 0.86));
    const gap = 26;
    const total = (line) => line.reduce((sum, n) => sum + width(n) + gap, -gap);
    const room = Math.max(480, innerWidth - 376);
    const lines = rows.flatMap((row) => wrap(row, (line) => total(line) <= room));
    const at = new Map();
    const above = (n) => g.edges.filter((e) => e.to === n.name && at.has(e.from)).map((e) => at.get(e.from).x);
    const widest = Math.max(...lines.map(total));
    lines.forEach((line, i) => {
      const middle = new Map(line.map((n) => [n, above(n)]));
      const mean = (n) => (middle.get(n).length ? middle.get(n).reduce((a, b) => a + b) / middle.get(n).length : widest / 2);
      line.sort((a, b) => mean(a) - mean(b) || (a.name < b.name ? -1 : 1));
      let x = (widest - total(line)) / 2;
      for (const n of line) {
        at.set(n.name, { x: x + width(n) / 2, y: i * 104, w: width(n) });
        x += width(n) + gap;
      }
    });
    const heaviest = Math.max(1, ...g.edges.map((e) => e.weight));
    const edges = g.edges
      .filter((e) => at.has(e.from) && at.has(e.to))
      .map((e) => {
        const [a, b] = [at.get(e.from), at.get(e.to)];
        const down = b.y > a.y;
        const [y1, y2] = a.y === b.y ? [a.y + 44, b.y + 44] : down ? [a.y + 44, b.y] : [a.y, b.y + 44];
        const bend = a.y === b.y ? 40 : (y2 - y1) / 2;
        const d = `M${a.x},${y1}C${a.x},${y1 + bend} ${b.x},${a.y === b.y ? y2 + bend : y2 - bend} ${b.x},${y2}`;
        const kind = ["edge", e.closing && "closing", e.crosses && "crosses"].filter(Boolean).join(" ");
        return shape("path", { class: kind, d, "data-from": e.from, "data-to": e.to, "stroke-width": 1 + 2.5 * Math.sqrt(e.weight / heaviest), "marker-end": "url(#arrow)" });
      });
    const nodes = lines.flat().map((n) => {
      const { x, y, w } = at.get(n.name);
      const select = () => choose({ name: n.name });
      const keys = (event) => {
        if (event.key === "Enter" || event.key === " ") select();
        else if (!moveFocus(event, at, n.name)) return;
        event.preventDefault();
      };
      return shape(
        "g",
        { class: `node${n.hazards.error + n.hazards.warning ? " hazards" : ""}`, tabindex: 0, role: "button", "aria-label": `${n.name}, ${caption(n)}`, "data-name": n.name, transform: `translate(${x - w / 2},${y})`, onclick: select, onkeydown: keys },
        shape("rect", { width: w, height: 44, rx: 6 }),
        shape("text", { x: w / 2, y: 19, "text-anchor": "middle" }, n.name),
        shape("text", { x: w / 2, y: 35, "text-anchor": "middle", class: "small" }, caption(n)),
      );
    });
    const height = (lines.length - 1) * 104 + 44;
    const marker = shape("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" }, shape("path", { d: "M0,0L8,4L0,8z" }));
    const picture = shape("svg", { viewBox: `-8 -8 ${widest + 16} ${height + 64}`, width: widest + 16, height: height + 64, role: "group", "aria-label": "Components, and who uses whom" }, shape("defs", {}, marker), edges, nodes);
    return element("div", {}, picture, element("p", { class: "quiet" }, legend(g)));
  }

  // wrap breaks a row into lines that fit, as even as can be.
  function wrap(row, fits) {
    for (let count = 1; ; count++) {
      const size = Math.ceil(row.length / count);
      const lines = Array.from({ length: Math.ceil(row.length / size) }, (_, i) => row.slice(i * size, (i + 1) * size));
      if (size === 1 || lines.every(fits)) return lines;
    }
  }

  const caption = (n) => {
    const hazards = n.hazards.error + n.hazards.warning + n.hazards.info;
    return hazards ? plural(hazards, "hazard") : "no hazards";
  };

  function legend(g) {
    return ["What uses is above what is used.", g.cycles && "Red closes a cycle.", g.split && `Dashed crosses processes in split ${g.split}.`].filter(Boolean).join(" ");
  }

  // moveFocus goes to the nearest node in the direction of an arrow key.
  function moveFocus(event, at, name) {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!direction) return false;
    const here = at.get(name);
    let best;
    for (const [other, there] of at) {
      const along = (there.x - here.x) * direction[0] + (there.y - here.y) * direction[1];
      if (along <= 0) continue;
      const across = Math.abs((there.x - here.x) * direction[1]) + Math.abs((there.y - here.y) * direction[0]);
      const distance = along + 2 * across;
      if (!best || distance < best.distance) best = { other, distance };
    }
    if (best) document.querySelector(`.node[data-name="${CSS.escape(best.other)}"]`).focus();
    return true;
  }

  // ---- the matrix ----

  function drawMatrix() {
    const g = state.graph;
    const names = g.order.filter(matches);
    if (!names.length) return element("p", { class: "quiet" }, "No component matches.");
    const edges = new Map(g.edges.map((e) => [`${e.from}\n${e.to}`, e]));
    const heaviest = Math.max(1, ...g.edges.map((e) => e.references));
    const cell = (row, column, i, j) => {
      const e = edges.get(`${row}\n${column}`);
      const self = row === column;
      const select = () => choose(self ? { name: row } : { from: row, to: column });
      const strength = e && `s${Math.max(1, Math.ceil((4 * Math.log(1 + e.references)) / Math.log(1 + heaviest)))}`;
      const label = self ? row : e ? `${row} uses ${column}, ${plural(e.references, "reference")}${e.closing ? ", closes a cycle" : ""}` : `${row} doesn't use ${column}`;
      const keys = (event) => {
        if (event.key === "Enter" || event.key === " ") select();
        else if (!moveCell(event, i, j)) return;
        event.preventDefault();
      };
      return element("td", { role: "gridcell", class: self ? "self" : e ? `used ${strength}${e.closing ? " closing" : ""}` : "", tabindex: i + j === 0 ? 0 : -1, "data-cell": `${i},${j}`, "aria-label": label, title: label, onclick: select, onkeydown: keys }, self ? "■" : e ? String(e.references) : "");
    };
    return element(
      "div",
      {},
      element(
        "table",
        { class: "matrix", role: "grid", "aria-label": "Who uses whom: a row uses columns" },
        element("thead", {}, element("tr", { role: "row" }, element("th"), ...names.map((n) => element("th", { class: "column", scope: "col", role: "columnheader" }, element("span", {}, n))))),
        element("tbody", {}, ...names.map((row, i) => element("tr", { role: "row" }, element("th", { scope: "row", role: "rowheader" }, row), ...names.map((column, j) => cell(row, column, i, j))))),
      ),
      element("p", { class: "quiet" }, `A row uses columns, by the number of references. What is used stands before what uses it, so that what is above the diagonal closes a cycle; there ${g.cycles === 0 ? "is no cycle" : g.cycles === 1 ? "is 1 cycle" : `are ${g.cycles} cycles`}.`),
    );
  }

  function moveCell(event, i, j) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const there = step && document.querySelector(`[data-cell="${i + step[0]},${j + step[1]}"]`);
    if (there) {
      event.currentTarget.tabIndex = -1;
      there.tabIndex = 0;
      there.focus();
    }
    return Boolean(step);
  }

  // ---- the preview of a split ----

  function drawSplit() {
    const p = state.preview;
    const another = element("button", { class: "action", onclick: () => send({ type: "preview" }) }, p ? "Another split…" : "Choose a split…");
    if (!p) return element("div", {}, element("p", {}, "What a split would cost, before anything runs: which calls cross a process, once and per item of a loop, how large their messages are, and what would behave differently."), another);
    if (p.problem) return element("div", {}, element("p", { class: "bad", role: "alert" }, p.problem), another);
    const title = { preview: "Components of your choice" }[p.split] ?? `Split ${p.split}`;
    const crossing = p.entries.filter((e) => e.crossings.calls + e.perItem.calls > 0).sort((a, b) => b.perItem.calls - a.perItem.calls || b.crossings.calls - a.crossings.calls);
    const section = (heading, all, of) => (all?.length ? [element("h3", {}, `${heading} (${all.length})`), ...all.map(of)] : []);
    const unit = (u) => element("div", { class: "unit" }, element("h2", {}, u.name), u.components.length ? element("div", {}, u.components.join(", ")) : "", u.name === p.entry ? element("div", { class: "quiet" }, "all else, and main") : "");
    const number = (text) => element("td", { class: "number" }, text);
    const size = (e) => {
      const bytes = e.crossings.bytes + e.perItem.bytes;
      return bytes >= 1000 ? `~${(bytes / 1000).toFixed(1)} kB` : bytes ? `~${bytes} B` : "";
    };
    return element(
      "div",
      {},
      element("header", {}, element("h2", {}, title), another),
      element("div", { class: "units" }, ...p.units.map(unit)),
      element("h3", {}, `Entry points that cross (${crossing.length} of ${p.entries.length})`),
      element(
        "table",
        { class: "entries" },
        element("thead", {}, element("tr", {}, element("th", {}, "entry point"), element("th", { class: "number" }, "crossings"), element("th", { class: "number" }, "per item"), element("th", { class: "number" }, "bytes"), element("th", {}, "in a loop"))),
        element("tbody", {}, ...crossing.map((e) => element("tr", {}, element("td", {}, place(e.name, e)), number(e.crossings.calls || ""), number(e.perItem.calls || ""), number(size(e)), element("td", {}, ...e.loops.map((pos) => place(pos, { pos })))))),
      ),
      ...section("If a unit is down", p.down, (d) => element("p", {}, `${d.unit}: ${plural(d.fails.length, "entry point fails", "entry points fail")}, ${plural(d.stays.length, "stays", "stay")}`)),
      ...section("Behaves differently", p.hazards, (h) => place(`${h.pos}: ${h.name}`, h, h.message)),
      ...section("Can't cross a process", p.local, (l) => element("p", {}, l.endpoint, element("small", { class: "quiet" }, ` ${l.reason}`))),
      ...section("Could not be followed", p.unknown, (u) => place(u.pos, u, u.reason)),
      ...section("Not bound yet", p.unbound, (u) => element("p", {}, u.component)),
    );
  }

  // ---- all of it ----

  function render() {
    const { overview: o, tab } = state;
    const tabButton = (key) =>
      element(
        "button",
        {
          role: "tab",
          id: `tab-${key}`,
          "aria-selected": String(tab === key),
          "aria-controls": "view",
          tabindex: tab === key ? 0 : -1,
          onclick: () => show(key),
          onkeydown: (event) => {
            const keys = Object.keys(tabs);
            const step = { ArrowLeft: keys.length - 1, ArrowRight: 1 }[event.key];
            if (step) show(keys[(keys.indexOf(key) + step) % keys.length], true);
          },
        },
        tabs[key],
      );
    const filter = element("input", { type: "search", placeholder: "Filter components", "aria-label": "Filter components", value: state.filter, oninput: (event) => ((state.filter = event.target.value), draw()) });
    document.body.replaceChildren(
      element("header", {}, element("h1", {}, o?.module ?? "Unweld"), element("div", { role: "tablist" }, ...Object.keys(tabs).map(tabButton)), tab === "split" ? "" : filter),
      element("main", { id: "view", role: "tabpanel", "aria-labelledby": `tab-${tab}` }),
    );
    draw();
  }

  function draw() {
    const main = document.querySelector("main");
    if (state.problem && !state.graph) return main.replaceChildren(element("p", { class: "bad", role: "alert" }, state.problem));
    if (state.tab === "split") return main.replaceChildren(drawSplit());
    if (!state.graph) return main.replaceChildren(element("p", { role: "status" }, "Looking at the code…"));
    const picture = state.tab === "graph" ? drawGraph() : drawMatrix();
    main.replaceChildren(element("div", { class: "row" }, element("div", { class: "picture" }, picture), element("aside", { "aria-live": "polite" }, ...details())));
    mark();
  }

  function show(tab, focus) {
    state.tab = tab;
    render();
    if (focus) document.getElementById(`tab-${tab}`).focus();
  }

  addEventListener("message", ({ data }) => {
    for (const key of ["overview", "graph", "problem", "preview", "tab"]) if (data[key] !== undefined) state[key] = data[key];
    if (data.component) state.chosen = { name: data.component };
    render();
  });
  addEventListener("resize", () => state.tab === "graph" && draw());
  render();
  send({ type: "ready" });
})();
