"use strict";
// What the modules beside this one stand on: calls into the library, errors of Go, and
// values that stay there. How values are encoded is in wire.cjs.

const path = require("path");
const { Reader, Writer, Malformed } = require("./wire.cjs");

// Errors.

/** An error of Go. `message` is its text. */
class GoError extends Error {
  constructor(message) {
    super(message);
    /** Names of this error and of those that it wraps, as Go has them: "io/fs.ErrNotExist". */
    this.identities = [];
    /** What the function returned beside the error, if anything. */
    this.results = undefined;
    for (const name of ["identities", "results"]) Object.defineProperty(this, name, { enumerable: false });
  }
  /** An error is an instance of the class of each error that it wraps, as errors.Is and errors.As find them. */
  static [Symbol.hasInstance](e) {
    if (Function.prototype[Symbol.hasInstance].call(this, e)) return true;
    const names = Object.hasOwn(this, "goNames") ? this.goNames : undefined;
    return names !== undefined && isGo(e) && e.identities.some((name) => names.includes(name));
  }
}

const isGo = (e) => typeof e === "object" && e !== null && RAW in e;
const RAW = Symbol("the error as Go wrote it");

Object.defineProperty(GoError.prototype, "name", { value: "GoError", writable: true, configurable: true });
Object.defineProperty(GoError.prototype, RAW, { value: undefined, writable: true });

/** named makes a class of errors what Go calls so. */
function named(c, goNames, code) {
  c.goNames = goNames;
  Object.defineProperty(c, "goNames", { enumerable: false });
  Object.defineProperty(c.prototype, "name", { value: c.name, writable: true, configurable: true });
  if (code !== undefined) Object.defineProperty(c.prototype, "code", { value: code, writable: true, configurable: true });
  return c;
}

/** The Go code panicked. `goStack` is the stack of its goroutine. */
class Panic extends GoError {}
/** The time that the call was given was over. */
class Deadline extends GoError {}
/** The call was cancelled. */
class Cancelled extends GoError {}
/** fs.ErrNotExist */
class NotExist extends GoError {}
/** fs.ErrExist */
class Exist extends GoError {}
/** fs.ErrPermission */
class NotPermitted extends GoError {}
/** io.EOF */
class EndOfFile extends GoError {}
/** What was given can't be parsed. */
class Invalid extends GoError {}
/** errors.ErrUnsupported */
class Unsupported extends GoError {}

const KNOWN = [
  named(Deadline, ["context.DeadlineExceeded", "os.ErrDeadlineExceeded"], "ETIMEDOUT"),
  named(Cancelled, ["context.Canceled"], "ABORT_ERR"),
  named(NotExist, ["io/fs.ErrNotExist"], "ENOENT"),
  named(Exist, ["io/fs.ErrExist"], "EEXIST"),
  named(NotPermitted, ["io/fs.ErrPermission"], "EACCES"),
  named(EndOfFile, ["io.EOF"]),
  named(Invalid, ["strconv.ErrSyntax", "strconv.ErrRange"]),
  named(Unsupported, ["errors.ErrUnsupported"], "ENOTSUP"),
  named(Panic, ["unweld/link.PanicError"]),
];

function node(r, end, depth) {
  if (depth > 64) throw new Malformed("an error that wraps too many others");
  const n = { message: "", name: "", payload: null, also: [], nil: false, children: [] };
  while (r.i < end) {
    const tag = r.uvarint();
    if (tag === 10) n.message = r.text(end);
    else if (tag === 18 || tag === 26) n.name = r.text(end);
    else if (tag === 34) n.payload = r.raw(end);
    else if (tag === 42) n.children.push(node(r, r.span(end), depth + 1));
    else if (tag === 66) n.also.push(r.text(end));
    else if (tag === 80) n.nil = r.uvarint() !== 0;
    else r.skip(tag, end);
  }
  return r.over(end, n);
}

/** The errors that callers of a component can recognise. */
class Errors {
  constructor() {
    this.classes = new Map();
    this.fields = new Map();
    for (const c of KNOWN) for (const name of c.goNames) this.classes.set(name, c);
  }

  add(name, c, fields) {
    this.classes.set(name, c);
    if (fields !== undefined) this.fields.set(name, fields);
  }

  /** The error that Go wrote between where r is and end. */
  parse(r, end) {
    const raw = r.b.slice(r.i, end);
    const root = node(r, end, 0);
    const names = [], payloads = [], stack = [root];
    while (stack.length > 0) {
      const n = stack.shift();
      for (const name of [n.name, ...n.also]) if (name !== "" && !names.includes(name)) names.push(name);
      if (n.name !== "" && n.payload !== null && !n.nil) payloads.unshift([n.name, n.payload]);
      stack.unshift(...n.children);
    }
    let c = GoError;
    for (const name of names) {
      const known = this.classes.get(name);
      if (known !== undefined) {
        c = known;
        break;
      }
    }
    const e = new c(root.message);
    Object.defineProperty(e, RAW, { value: new Uint8Array(raw) });
    e.identities = names;
    for (const [name, payload] of payloads) {
      const fields = this.fields.get(name);
      if (fields !== undefined) Object.assign(e, fields(new Reader(payload), payload.length));
      else if (name === "unweld/link.PanicError") e.goStack = panicStack(new Reader(payload), payload.length);
    }
    return e;
  }

  /** Write an error: the one of Go that it came from, if it did. */
  put(w, e) {
    if (isGo(e) && e[RAW] !== undefined) {
      w.append(e[RAW]);
      return;
    }
    if (!(e instanceof Error)) throw new TypeError("an Error is wanted, and not " + typeof e);
    w.tag(10);
    w.text(e.message, "message");
    for (const [name, c] of this.classes) {
      if (!this.fields.has(name) && Function.prototype[Symbol.hasInstance].call(c, e)) {
        w.tag(e.constructor === c ? 18 : 66);
        w.text(name, "name");
        if (e.constructor === c) return;
      }
    }
  }
}

function panicStack(r, end) {
  let stack = "";
  while (r.i < end) {
    const tag = r.uvarint();
    if ((tag & 7) === 2) stack = r.text(end);
    else r.skip(tag, end);
  }
  return stack;
}

// Calls.

const REPLY = 64 << 10;

function nanoseconds(timeout) {
  if (typeof timeout !== "number" || !(timeout >= 0)) throw new RangeError("timeout is a number of milliseconds, and not " + String(timeout));
  return Math.min(Math.max(1, Math.round(timeout * 1e6)), 2 ** 62);
}

/** The Go code, in this process. It is loaded by the first call. */
class Library {
  constructor(component, keep) {
    this.component = component;
    this.keep = keep;
    this.errors = new Errors();
    this.writer = new Writer(REPLY);
    this.native = null;
    this.last = 0; // the last of the numbers of this thread's that was used
    this.held = new Map(); // weak references to handles, by what names their values
    this.lost = new FinalizationRegistry(([key, ref]) => this.held.get(key) === ref && this.held.delete(key));
    this.memory = null; // of the writer, as the addon knows it
  }

  load() {
    const file = { darwin: "lib%.dylib", win32: "%.dll" }[process.platform] ?? "lib%.so";
    const given = process.env["UNWELD_LIBRARY_" + this.component.toUpperCase().replaceAll("-", "_")];
    const library = given || path.join(__dirname, file.replace("%", this.component));
    const self = new Uint8Array(16);
    globalThis.crypto.getRandomValues(self);
    try {
      this.native = require("./addon.node").open(library, "unweld_" + this.component.replaceAll("-", "_"), this.keep, self.buffer);
    } catch (e) {
      throw new Error(`the library of ${this.component} can't be loaded: ${e.message}. It is made by: unweld pack ${this.component} --for node`, { cause: e });
    }
    this.reply = new Reader(Buffer.from(new ArrayBuffer(REPLY)));
    this.self = new Uint8Array(this.native.self);
    process.on("exit", () => this.native.cancel(0));
    return this.native;
  }

  /** The addon, which knows where requests are written. */
  ready() {
    const native = this.native ?? this.load();
    if (this.memory !== this.writer.memory) {
      this.memory = this.writer.memory;
      native.buffers(this.memory, this.reply.b.buffer);
    }
    return native;
  }

  /** The first of the numbers under which a call may give values. */
  numbers(gives) {
    const first = this.ready().base + this.last + 1;
    this.last += gives;
    return first;
  }

  /** Call the endpoint with what was written from at on, and return what parse reads. */
  call(endpoint, at, parse, options, first = 0, gives = 0) {
    let limit = 0;
    if (options !== undefined && options !== null) {
      options.signal?.throwIfAborted();
      if (options.timeout !== undefined) limit = nanoseconds(options.timeout);
    }
    const native = this.ready();
    const n = native.call(endpoint, at, this.writer.i - at, limit);
    let r = this.reply;
    const size = n < 0 ? -1 - n : n;
    if (size > REPLY) r = new Reader(Buffer.from(native.take(size)));
    r.i = 0;
    try {
      if (n < 0) throw this.failure(r, size, parse);
      return this.read(r, size, parse);
    } catch (e) {
      this.ungiven(first, gives);
      throw e;
    }
  }

  /** Call the endpoint on another thread. The request has been copied when this returns. */
  async start(endpoint, at, parse, options, first = 0, gives = 0) {
    const { timeout, signal } = options ?? {};
    signal?.throwIfAborted();
    const limit = timeout === undefined ? 0 : nanoseconds(timeout);
    const native = this.ready();
    const token = native.base + ++this.last;
    let reply = native.start(endpoint, at, this.writer.i - at, limit, token);
    if (signal || limit > 0) reply = this.interrupted(reply, token, timeout, signal, first, gives);
    let memory, failed = false;
    try {
      memory = await reply;
    } catch (e) {
      if (!(e instanceof ArrayBuffer)) throw e ?? new Cancelled("the call was cancelled");
      memory = e;
      failed = true;
    }
    try {
      const r = new Reader(Buffer.from(memory));
      if (failed) throw this.failure(r, memory.byteLength, parse);
      return this.read(r, memory.byteLength, parse);
    } catch (e) {
      this.ungiven(first, gives);
      throw e;
    }
  }

  /** reply, or why it isn't waited for. A call ends in time even if no thread was free for it. */
  interrupted(reply, token, timeout, signal, first, gives) {
    return new Promise((resolve, reject) => {
      let timer, left = false;
      const leave = (reason) => {
        left = true;
        done();
        this.native.cancel(token);
        reject(reason);
      };
      const aborted = () => leave(signal.reason);
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", aborted);
      };
      signal?.addEventListener("abort", aborted, { once: true });
      if (timeout !== undefined && timeout < 2 ** 31 - 100) timer = setTimeout(() => leave(this.overdue()), timeout + 50);
      const settled = (settle) => (v) => {
        done();
        if (left) this.ungiven(first, gives);
        settle(v);
      };
      reply.then(settled(resolve), settled(reject));
    });
  }

  overdue() {
    const e = new Deadline("context deadline exceeded");
    e.identities = ["context.DeadlineExceeded"];
    return e;
  }

  read(r, end, parse) {
    try {
      return parse(r, end);
    } catch (e) {
      if (!(e instanceof Malformed)) throw e;
      throw new Malformed(`the reply of ${this.component} can't be read (${e.message}): the library is of another version than the package`);
    }
  }

  /** The error for a failure. */
  failure(r, end, parse) {
    let error, body;
    while (r.i < end) {
      const tag = r.uvarint();
      if (tag === 18) error = this.errors.parse(r, r.span(end));
      else if (tag === 26) body = r.raw(end);
      else r.skip(tag, end);
    }
    if (error === undefined) return new Malformed("a failure without an error");
    if (body !== undefined && body.length > 0) error.results = this.read(new Reader(body), body.length, parse);
    return error;
  }

  // Values that stay in Go.

  ungiven(first, gives) {
    for (let n = 0; n < gives; n++) this.native.give(this.native.hold(first + n));
  }

  putCaller(w, tag, first) {
    this.ready();
    const at = w.open(tag);
    w.tag(10);
    w.bytes(this.self);
    if (first > 0) {
      w.tag(16);
      w.uvarint(first);
    }
    w.close(at);
  }

  /** Write which value a handle of this component is. */
  putReference(w, handle, name) {
    if (!(handle instanceof Handle) || handle[STATE].library !== this) throw new TypeError(`a ${name} that ${this.component} gave is wanted, and not ${handle?.constructor?.name ?? typeof handle}`);
    handle[STATE].use(handle);
    w.append(handle[STATE].reference);
  }

  /** The object for a value that was given under a number. The same value is the same object. */
  taken(c, reference, number) {
    if (reference === null) return null;
    reference = Buffer.from(reference);
    const key = reference.toString("latin1");
    let handle = this.held.get(key)?.deref();
    if (handle === undefined) {
      handle = Object.create(c.prototype);
      Object.defineProperty(handle, STATE, { value: new State(this, reference) });
      const ref = new WeakRef(handle);
      if (this.held.size === 0) this.native.keep(); // from then on the library keeps what this process has
      this.held.set(key, ref);
      this.lost.register(handle, [key, ref]);
    }
    handle[STATE].released = false;
    handle[STATE].holds.push(this.native.hold(number));
    return handle;
  }
}

const STATE = Symbol("the value in Go");

class State {
  constructor(library, reference) {
    this.library = library;
    this.reference = reference;
    this.holds = [];
    this.released = false;
  }
  use(handle) {
    if (this.released) throw new Error(`the ${handle.constructor.name} has been released`);
  }
}

/** A value that stays in Go. Its methods are executed there. */
class Handle {
  constructor() {
    throw new TypeError(`a ${new.target.name} comes from Go`);
  }
  /** Let the value go now. Calls of it fail from then on. */
  release() {
    const state = this[STATE];
    state.released = true;
    for (const held of state.holds.splice(0)) state.library.native.give(held);
  }
}

const dispose = Symbol.dispose ?? Symbol.for("nodejs.dispose");
const asyncDispose = Symbol.asyncDispose ?? Symbol.for("nodejs.asyncDispose");
Object.defineProperty(Handle.prototype, dispose, { value() { this.release(); }, writable: true, configurable: true });
Object.defineProperty(Handle.prototype, asyncDispose, { async value() { this.release(); }, writable: true, configurable: true });

module.exports = { Library, Handle, GoError, Panic, Deadline, Cancelled, NotExist, Exist, NotPermitted, EndOfFile, Invalid, Unsupported, named, dispose, asyncDispose };
