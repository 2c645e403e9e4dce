"use strict";
// How values are encoded: as protocol buffers, written into one piece of memory, and read
// from one between where the reader is and an end.

/** The library sent what can't be read: it is of another version than this package. */
class Malformed extends Error {}
Object.defineProperty(Malformed.prototype, "name", { value: "Malformed", writable: true, configurable: true });

// What is nil in Go is empty here, and nil again when it goes back.

const NIL = Symbol("nil in Go");
const MARK = { value: true };

/** v, an empty array, map or Uint8Array, as a nil one. */
function nil(v) {
  Object.defineProperty(v, NIL, MARK);
  return v;
}
const nilArray = () => nil([]);
const nilMap = () => nil(new Map());
const nilBytes = () => nil(new Uint8Array(0));

/** Which of the types behind an interface a value came as, if that isn't the first. */
const VARIANT = Symbol("its type in Go");

/** A value behind an interface whose type in Go can't be told from the value alone. */
class Typed {
  constructor(type, value) {
    this.type = type;
    this.value = value;
  }
}

const what = (v) => (v === null ? "null" : typeof v === "object" ? (v.constructor?.name ?? "an object") : typeof v === "string" ? "a string" : `${typeof v} ${String(v)}`);
const wrong = (v, wanted, label) => new TypeError(`${label}: ${wanted} is wanted, and not ${what(v)}`);

function bounds() {
  const out = {};
  for (const bits of [8, 16, 32]) {
    out["int" + bits] = { name: "int" + bits, low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 };
    out["uint" + bits] = { name: "uint" + bits, low: 0, high: 2 ** bits - 1 };
  }
  out.int = { name: "int", low: Number.MIN_SAFE_INTEGER, high: Number.MAX_SAFE_INTEGER };
  out.uint = { name: "uint", low: 0, high: Number.MAX_SAFE_INTEGER };
  for (const [name, low, high] of [["int64", -(2n ** 63n), 2n ** 63n - 1n], ["uint64", 0n, 2n ** 64n - 1n]]) out["big" + name] = { name, low, high };
  out.bigint = { ...out.bigint64, name: "int" };
  out.biguint = { ...out.biguint64, name: "uint" };
  return out;
}
const BOUNDS = bounds();

/** v as a number that the Go type can hold. A BigInt is taken, too. */
function integer(v, bound, label) {
  if (typeof v === "bigint" && v >= bound.low && v <= bound.high) v = Number(v);
  if (typeof v === "number" && Number.isInteger(v) && v >= bound.low && v <= bound.high) return v;
  if (typeof v === "number" && !Number.isNaN(v) || typeof v === "bigint") throw new RangeError(`${label}: ${v} doesn't fit into Go's ${bound.name}${Number.isInteger(v) || typeof v === "bigint" ? "" : ", which is an integer"}`);
  throw wrong(v, "an integer", label);
}

/** v as a BigInt that the Go type can hold. A number is taken, too, if it is exact. */
function bigInteger(v, bound, label) {
  if (typeof v === "number") {
    if (!Number.isSafeInteger(v)) throw new RangeError(`${label}: ${v} isn't an exact integer: give a BigInt`);
    v = BigInt(v);
  }
  if (typeof v !== "bigint") throw wrong(v, "a BigInt or an integer", label);
  if (v < bound.low || v > bound.high) throw new RangeError(`${label}: ${v} doesn't fit into Go's ${bound.name}`);
  return v;
}

function float(v, label) {
  if (typeof v !== "number") throw wrong(v, "a number", label);
  return v;
}

function float32(v, label) {
  if (Number.isFinite(float(v, label)) && !Number.isFinite(Math.fround(v))) throw new RangeError(`${label}: ${v} doesn't fit into Go's float32`);
  return v;
}

function bool(v, label) {
  if (typeof v !== "boolean") throw wrong(v, "a boolean", label);
  return v;
}

/** A parameter that must be given. */
function given(v, label) {
  if (v === undefined) throw new TypeError(`${label} is missing`);
}

/** An array of Go has one length. */
function sized(v, n, label) {
  if (v.length !== n) throw new RangeError(`${label}: ${n} elements are wanted, and not ${v.length}`);
}

const byteArray = (n) => new Uint8Array(n);
const array = (n, make) => Array.from({ length: n }, make);

/** The index of the next element of an array with n. */
function next(i, n) {
  if (i >= n) throw new Malformed("an array of another length");
  return i;
}

const isError = (v) => v instanceof Error;
const unknown = (v) => new TypeError(`${what(v)} isn't among the types that can be there`);

/** Remember which of two types with one class a value had. */
function remember(v, variant) {
  if (v !== null) Object.defineProperty(v, VARIANT, { value: variant });
}

/** v as something with elements and a length. */
function list(v, label) {
  if (Array.isArray(v) || ArrayBuffer.isView(v) && !(v instanceof DataView)) return v;
  throw wrong(v, "an array", label);
}

/** The entries of a Map; with keys that are strings those of an object do, too. */
function entries(v, text, label) {
  if (v instanceof Map) return v;
  if (text && typeof v === "object" && (Object.getPrototypeOf(v) === Object.prototype || Object.getPrototypeOf(v) === null)) return Object.entries(v);
  throw wrong(v, text ? "a Map or an object" : "a Map", label);
}

/** v as a struct: an instance of its class, or an object with some of its fields. */
function struct(v, c, label) {
  if (v instanceof c) return v;
  if (typeof v !== "object" || v === null) throw wrong(v, `${c.name} or an object with its fields`, label);
  if (Array.isArray(v) || v instanceof Map || ArrayBuffer.isView(v)) throw wrong(v, `${c.name} or an object with its fields`, label);
  for (const name of Object.keys(v)) if (!c.fields.includes(name)) throw new TypeError(`${label}: ${c.name} has no ${name}; it has ${c.fields.join(", ")}`);
  return v;
}

/** withFields tells a class of its fields, in order. */
function withFields(c, fields) {
  Object.defineProperty(c, "fields", { value: Object.freeze(fields) });
}

/** Fill a struct from an object with some of its fields. */
function fill(to, init) {
  struct(init, to.constructor, to.constructor.name);
  for (const name of to.constructor.fields) if (init[name] !== undefined) to[name] = init[name];
}

/** Give an argument that the function changed the value that it has now. */
function takeBack(argument, changed) {
  if (Array.isArray(argument)) {
    argument.length = 0;
    for (const e of changed) argument.push(e);
  } else if (ArrayBuffer.isView(argument)) {
    argument.set(changed);
  } else if (argument instanceof Map) {
    argument.clear();
    for (const [k, v] of changed) argument.set(k, v);
  } else if (argument && changed instanceof Map) {
    for (const k of Object.keys(argument)) delete argument[k];
    for (const [k, v] of changed) Object.defineProperty(argument, k, { value: v, writable: true, enumerable: true, configurable: true });
  } else if (argument && changed) {
    Object.assign(argument, changed);
  }
}

// Depth from which on the length of a message isn't moved into place any more, but has room
// for every length: each level would move all that is inside.
const DEEP = 16;
const LONGEST = 5;

class Writer {
  constructor(size) {
    this.start = size;
    this.i = 0;
    this.depth = 0;
    this.take(size);
  }

  take(size) {
    const old = this.b;
    this.memory = new ArrayBuffer(size);
    this.b = Buffer.from(this.memory);
    if (old !== undefined) old.copy(this.b, 0, 0, this.i);
  }

  /** Go back to where a request began: another one may be under way, of which a part is computed. */
  reset(at) {
    this.i = at;
    if (at === 0) this.depth = 0;
    if (at === 0 && this.memory.byteLength > 256 * this.start) {
      this.b = undefined;
      this.take(this.start);
    }
  }

  room(n) {
    if (this.i + n > this.b.length) this.take(Math.max(2 * this.b.length, this.i + n));
  }

  tag(n) {
    this.room(12);
    while (n > 127) {
      this.b[this.i++] = n & 127 | 128;
      n >>>= 7;
    }
    this.b[this.i++] = n;
  }

  /** A number from 0 to the largest exact one. */
  uvarint(n) {
    this.room(12);
    while (n > 127) {
      this.b[this.i++] = n % 128 | 128;
      n = Math.floor(n / 128);
    }
    this.b[this.i++] = n;
  }

  long(lo, hi) {
    this.room(12);
    while (hi !== 0 || lo > 127) {
      this.b[this.i++] = lo & 127 | 128;
      lo = (lo >>> 7 | hi << 25) >>> 0;
      hi >>>= 7;
    }
    this.b[this.i++] = lo;
  }

  /** An exact integer. */
  sint(n) {
    if (n >= -0x40000000 && n < 0x40000000) {
      this.tag((n << 1 ^ n >> 31) >>> 0);
      return;
    }
    const hi = Math.floor(n / 2 ** 32) | 0, lo = n | 0, sign = hi >> 31;
    this.long((lo << 1 ^ sign) >>> 0, ((hi << 1 | lo >>> 31) ^ sign) >>> 0);
  }

  bigUvarint(n) {
    this.long(Number(n & 0xffffffffn), Number(n >> 32n));
  }

  bigSint(n) {
    this.bigUvarint(BigInt.asUintN(64, n << 1n ^ n >> 63n));
  }

  float32(n) {
    this.room(4);
    this.i = this.b.writeFloatLE(n, this.i);
  }

  float64(n) {
    this.room(8);
    this.i = this.b.writeDoubleLE(n, this.i);
  }

  /** Begin a field that is a message; what follows is in it until close. */
  open(tag) {
    this.tag(tag);
    const at = this.i, deep = ++this.depth > DEEP;
    this.room(LONGEST);
    this.i += deep ? LONGEST : 1;
    return deep ? -at : at;
  }

  /** End what open has begun. Where it is deep, at is negative. */
  close(at) {
    this.depth--;
    let size = this.i - at - 1;
    if (at < 0) {
      at = -at;
      size = this.i - at - LONGEST;
      for (let n = 0; n < LONGEST - 1; n++, size >>>= 7) this.b[at + n] = size & 127 | 128;
      this.b[at + LONGEST - 1] = size;
      return;
    }
    if (size < 128) {
      this.b[at] = size;
      return;
    }
    const n = size < 1 << 14 ? 1 : size < 1 << 21 ? 2 : size < 1 << 28 ? 3 : 4;
    this.room(n);
    this.b.copyWithin(at + n + 1, at + 1, this.i);
    this.i += n;
    for (let k = 0; k < n; k++, size >>>= 7) this.b[at + k] = size & 127 | 128;
    this.b[at + n] = size;
  }

  /** Close a message, and take it away with its tag of so many bytes if nothing is in it. */
  drop(at, tag) {
    const empty = this.i === (at < 0 ? -at + LONGEST : at + 1);
    this.close(at);
    if (empty) this.i = Math.abs(at) - tag;
  }

  /** An element of a list that is a nil pointer. */
  null(tag) {
    this.tag(tag);
    this.append([3, 0xf8, 0x7f, 0]);
  }

  /** Text with its length. */
  text(s, label) {
    if (typeof s !== "string") throw wrong(s, "a string", label);
    const n = s.length;
    if (n < 32) {
      this.room(36);
      const b = this.b, at = this.i;
      let k = 0;
      for (let c; k < n && (c = s.charCodeAt(k)) < 128; k++) b[at + 1 + k] = c;
      if (k === n) {
        b[at] = n;
        this.i = at + 1 + n;
        return;
      }
    }
    if (!s.isWellFormed()) {
      this.bytes(escaped(s, label));
      return;
    }
    const size = Buffer.byteLength(s);
    this.uvarint(size);
    this.room(size);
    this.b.write(s, this.i, size, "utf8");
    this.i += size;
  }

  /** Text without its length. */
  rawText(s, label) {
    if (typeof s !== "string") throw wrong(s, "a string", label);
    this.append(s.isWellFormed() ? Buffer.from(s) : escaped(s, label));
  }

  /** Bytes with their length. */
  bytes(v, label) {
    if (!(v instanceof Uint8Array)) throw wrong(v, "a Uint8Array", label);
    this.uvarint(v.length);
    this.append(v);
  }

  append(v) {
    this.room(v.length);
    this.b.set(v, this.i);
    this.i += v.length;
  }

  /** The bits of slices and maps that are empty but not nil. */
  bits(tag, lo, hi) {
    if (lo === 0 && hi === 0) return;
    this.tag(tag);
    this.long(lo >>> 0, hi >>> 0);
  }
}

/** Whether a slice, map or bytes must be said to be empty and not nil. */
const isEmpty = (v) => v !== undefined && v !== null && v[NIL] !== true && (v instanceof Map ? v.size === 0 : v.length === undefined ? Object.keys(v).length === 0 : v.length === 0);
const isNil = (v) => v === undefined || v === null || v.length === 0 && v[NIL] === true;

/** The bytes of a string in which lone surrogates stand for bytes that aren't UTF-8. */
function escaped(s, label) {
  const parts = [];
  let from = 0;
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    if (c < 0xd800 || c > 0xdfff) continue;
    const next = c < 0xdc00 ? s.charCodeAt(i + 1) : 0;
    if (next >= 0xdc00 && next <= 0xdfff) {
      i++;
      continue;
    }
    if (c < 0xdc80 || c > 0xdcff) throw new RangeError(`${label}: the text has half of a surrogate pair at ${i}`);
    parts.push(Buffer.from(s.slice(from, i)), Buffer.from([c - 0xdc00]));
    from = i + 1;
  }
  parts.push(Buffer.from(s.slice(from)));
  return Buffer.concat(parts);
}

/** Text of bytes that aren't all UTF-8: those that aren't are lone surrogates. */
function unescaped(b, i, end) {
  let out = "", from = i;
  while (i < end) {
    const n = sequence(b, i, end);
    if (n > 0) {
      i += n;
      continue;
    }
    out += b.toString("utf8", from, i) + String.fromCharCode(0xdc00 + b[i]);
    from = ++i;
  }
  return out + b.toString("utf8", from, end);
}

/** How long the UTF-8 sequence at i is, or 0 where there is none. */
function sequence(b, i, end) {
  const c = b[i];
  if (c < 0x80) return 1;
  const n = c >= 0xc2 && c <= 0xdf ? 2 : c >= 0xe0 && c <= 0xef ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
  if (n === 0 || i + n > end) return 0;
  const low = c === 0xe0 ? 0xa0 : c === 0xf0 ? 0x90 : 0x80, high = c === 0xed ? 0x9f : c === 0xf4 ? 0x8f : 0xbf;
  if (b[i + 1] < low || b[i + 1] > high) return 0;
  for (let k = 2; k < n; k++) if (b[i + k] < 0x80 || b[i + k] > 0xbf) return 0;
  return n;
}

class Reader {
  /** b is a Buffer. */
  constructor(b) {
    this.b = b;
    this.i = 0;
    this.lo = this.hi = 0;
  }

  /** A number that is exact, as those of tags and lengths are. */
  uvarint() {
    const c = this.b[this.i];
    if (c < 128) {
      this.i++;
      return c;
    }
    this.long();
    return this.exact(this.hi * 2 ** 32 + this.lo);
  }

  /** Read 64 bits into lo and hi. */
  long() {
    const b = this.b;
    let i = this.i, lo = 0, hi = 0, c = 128;
    for (let shift = 0; shift < 28 && c > 127; shift += 7) {
      c = b[i++];
      lo |= (c & 127) << shift;
    }
    if (c > 127) {
      c = b[i++];
      lo |= (c & 15) << 28;
      hi = (c & 127) >> 4;
      for (let shift = 3; shift < 32 && c > 127; shift += 7) {
        c = b[i++];
        if (shift === 31 && c > 1) throw new Malformed("a number of more than 64 bits");
        hi |= (c & 127) << shift;
      }
    }
    if (!(c < 128)) throw new Malformed("a field ends after its message");
    this.i = i;
    this.lo = lo >>> 0;
    this.hi = hi >>> 0;
  }

  exact(n) {
    if (Number.isSafeInteger(n)) return n;
    throw new RangeError(`the integer ${this.hi > 0x7fffffff && n < 0 ? "-" : ""}${n < 0 ? BigInt.asUintN(64, -BigInt(n)) : n} is too large for an exact number: with unweld bind --opt node.int=bigint such integers are BigInts`);
  }

  sint() {
    const c = this.b[this.i];
    if (c < 128) {
      this.i++;
      return c >>> 1 ^ -(c & 1);
    }
    this.long();
    const sign = -(this.lo & 1);
    const lo = (this.lo >>> 1 | this.hi << 31) ^ sign, hi = this.hi >>> 1 ^ sign;
    return this.exact(hi * 2 ** 32 + (lo >>> 0));
  }

  bigUvarint() {
    this.long();
    return this.hi === 0 ? BigInt(this.lo) : BigInt(this.hi) << 32n | BigInt(this.lo);
  }

  bigSint() {
    const v = this.bigUvarint();
    return v >> 1n ^ -(v & 1n);
  }

  float32() {
    this.need(4);
    this.i += 4;
    return this.b.readFloatLE(this.i - 4);
  }

  float64() {
    this.need(8);
    this.i += 8;
    return this.b.readDoubleLE(this.i - 8);
  }

  need(n) {
    if (this.i + n > this.b.length) throw new Malformed("a field ends after its message");
  }

  /** Where the message that begins here ends. */
  span(end) {
    const n = this.uvarint();
    if (!(n <= end - this.i)) throw new Malformed("a field ends after its message");
    return this.i + n;
  }

  /** Go to the end of a message, whose value is v. */
  over(end, v) {
    if (this.i !== end) throw new Malformed("a field ends after its message");
    return v;
  }

  /** The bytes of a field, as they lie in the memory of the reader. */
  raw(end) {
    const to = this.span(end), from = this.i;
    this.i = to;
    return this.b.subarray(from, to);
  }

  bytes(end) {
    return new Uint8Array(this.raw(end));
  }

  text(end) {
    const to = this.span(end);
    let i = this.i;
    this.i = to;
    if (to - i < 24) {
      const b = this.b, from = i;
      let s = "";
      for (; i < to && b[i] < 128; i++) s += String.fromCharCode(b[i]);
      if (i === to) return s;
      i = from;
    }
    return this.string(i, to);
  }

  string(i, to) {
    const s = this.b.toString("utf8", i, to);
    return s.includes("\ufffd") ? unescaped(this.b, i, to) : s;
  }

  /** Whether a message that may be a nil pointer is one. */
  isNull(to) {
    return to - this.i === 3 && this.b[this.i] === 0xf8 && this.b[this.i + 1] === 0x7f && this.b[this.i + 2] === 0;
  }

  /** Go to the end of a nil pointer. */
  pass(to) {
    this.i = to;
    return null;
  }

  /** Pass over a field that this version doesn't know. */
  skip(tag, end) {
    const kind = tag & 7;
    if (kind === 0) this.long();
    else if (kind === 1) this.i += 8;
    else if (kind === 2) this.i = this.span(end);
    else if (kind === 5) this.i += 4;
    else throw new Malformed("a field of an unknown kind");
  }
}

module.exports = {
  BOUNDS, Malformed, Reader, Typed, VARIANT, Writer, array, bigInteger, bool, byteArray, entries, fill, float32, float64: float, given, integer, isEmpty, isError, isNil, list, next, nilArray,
  nilBytes, nilMap, remember, sized, struct, takeBack, unknown, withFields, wrong,
};
