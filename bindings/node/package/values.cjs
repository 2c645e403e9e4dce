"use strict";
// Values that are encoded as a whole: times, durations, large numbers, addresses, URLs. Of
// each: whether it is the zero value in Go, what writes it, and what reads it.

const { Malformed, wrong } = require("./wire.cjs");

/**
 * A time.Time: a Date with its nanoseconds and its zone. A Date is taken for one.
 *
 * `nanosecond` are those beyond the milliseconds, 0 to 999999. `offset` are the seconds east
 * of UTC, and `zone` is its name; both are undefined in UTC.
 */
class Time extends Date {
  constructor(date, { nanosecond = 0, offset, zone } = {}) {
    super(...(date === undefined ? [] : [date]));
    this.nanosecond = nanosecond;
    this.offset = offset;
    this.zone = zone;
  }
}
const ZERO = -62135596800000;

const time = {
  make: () => new Time(ZERO),
  zero: (t) => t === undefined || t instanceof Date && t.getTime() === ZERO && !t.nanosecond && t.offset === undefined,
  put(w, t, label) {
    if (!(t instanceof Date)) throw wrong(t, "a Date", label);
    const ms = t.getTime(), nanosecond = t.nanosecond ?? 0;
    if (Number.isNaN(ms)) throw new RangeError(`${label}: an invalid Date`);
    if (!Number.isInteger(nanosecond) || nanosecond < 0 || nanosecond > 999999) throw new RangeError(`${label}: nanosecond is an integer from 0 to 999999, and not ${nanosecond}`);
    const seconds = Math.floor(ms / 1000), nano = (ms - seconds * 1000) * 1000000 + nanosecond;
    w.tag(8);
    w.bigUvarint(BigInt.asUintN(64, BigInt(seconds)));
    if (nano > 0) {
      w.tag(16);
      w.uvarint(nano);
    }
    if (t.offset === undefined) return;
    w.tag(24);
    w.sint(t.offset);
    w.tag(34);
    w.text(t.zone ?? "", label);
  },
  read(r, end) {
    let seconds = 0n, nano = 0, offset, zone;
    while (r.i < end) {
      const tag = r.uvarint();
      if (tag === 8) seconds = BigInt.asIntN(64, r.bigUvarint());
      else if (tag === 16) nano = r.uvarint();
      else if (tag === 24) {
        offset = r.sint();
        zone ??= "";
      } else if (tag === 34) zone = r.text(end);
      else r.skip(tag, end);
    }
    r.over(end);
    if (zone !== undefined) offset ??= 0;
    if (seconds < -8640000000000n || seconds > 8640000000000n) throw new RangeError(`the time lies outside of the years that a Date can hold: ${seconds} seconds since 1970`);
    return new Time(Number(seconds) * 1000 + Math.floor(nano / 1000000), { nanosecond: nano % 1000000, offset, zone });
  },
};

/** A time.Duration, in nanoseconds. */
class Duration {
  constructor(nanoseconds = 0n) {
    if (typeof nanoseconds !== "bigint") throw new TypeError("a Duration is made of a BigInt of nanoseconds; Duration.ms(n) makes one of milliseconds");
    this.nanoseconds = nanoseconds;
    Object.freeze(this);
  }
  static ms(n) {
    return new Duration(BigInt(Math.round(n * 1e6)));
  }
  get ms() {
    return Number(this.nanoseconds) / 1e6;
  }
  valueOf() {
    return this.nanoseconds;
  }
  toString() {
    return `${this.ms}ms`;
  }
}

/** The nanoseconds of a Duration, or of a BigInt of them. */
function nanoseconds(d, label) {
  if (d instanceof Duration) return d.nanoseconds;
  if (typeof d === "bigint") return d;
  throw wrong(d, "a Duration or a BigInt of nanoseconds", label);
}

/** A complex number. */
class Complex {
  constructor(re = 0, im = 0) {
    this.re = re;
    this.im = im;
  }
}

const complex = {
  make: () => new Complex(),
  zero: (c) => c === undefined || typeof c === "object" && c !== null && Object.is(c.re, 0) && Object.is(c.im, 0),
  put(w, c, label) {
    if (typeof c === "number") c = new Complex(c);
    if (typeof c?.re !== "number" || typeof c.im !== "number") throw wrong(c, "a Complex", label);
    w.tag(9);
    w.float64(c.re);
    w.tag(17);
    w.float64(c.im);
  },
  read(r, end) {
    const c = new Complex();
    while (r.i < end) {
      const tag = r.uvarint();
      if (tag === 9) c.re = r.float64();
      else if (tag === 17) c.im = r.float64();
      else r.skip(tag, end);
    }
    return r.over(end, c);
  },
};

function magnitude(n) {
  let hex = (n < 0n ? -n : n).toString(16);
  if (hex === "0") return Buffer.alloc(0);
  if (hex.length % 2 === 1) hex = "0" + hex;
  return Buffer.from(hex, "hex");
}

const unsigned = (b) => (b.length === 0 ? 0n : BigInt("0x" + Buffer.from(b).toString("hex")));

/** What reads a value from all of the bytes between where r is and end. */
const whole = (read) => (r, end) => {
  const b = r.b.subarray(r.i, end);
  r.i = end;
  return read(b);
};

const bigInt = {
  make: () => 0n,
  zero: (n) => n === undefined || n === 0n,
  put(w, n, label) {
    if (typeof n === "number" && Number.isSafeInteger(n)) n = BigInt(n);
    if (typeof n !== "bigint") throw wrong(n, "a BigInt", label);
    w.append([n < 0n ? 3 : 2]);
    w.append(magnitude(n));
  },
  read: whole((b) => {
    if (b.length === 0) return 0n;
    if (b[0] >> 1 !== 1) throw new Malformed("a big.Int of an unknown form");
    const n = unsigned(b.subarray(1));
    return (b[0] & 1) === 1 ? -n : n;
  }),
};

/** A fraction in lowest terms. */
class Rat {
  constructor(numerator = 0n, denominator = 1n) {
    let a = BigInt(numerator), b = BigInt(denominator);
    if (b === 0n) throw new RangeError("a fraction with the denominator 0");
    if (b < 0n) [a, b] = [-a, -b];
    let x = a < 0n ? -a : a, y = b;
    while (y !== 0n) [x, y] = [y, x % y];
    this.numerator = a / x;
    this.denominator = b / x;
  }
  toString() {
    return `${this.numerator}/${this.denominator}`;
  }
}

const bigRat = {
  make: () => new Rat(),
  zero: (q) => q === undefined || q instanceof Rat && q.numerator === 0n,
  put(w, q, label) {
    if (!(q instanceof Rat)) throw wrong(q, "a Rat", label);
    const top = magnitude(q.numerator), size = Buffer.alloc(4);
    size.writeUInt32BE(top.length);
    w.append([q.numerator < 0n ? 3 : 2]);
    w.append(size);
    w.append(top);
    if (q.denominator !== 1n) w.append(magnitude(q.denominator));
  },
  read: whole((b) => {
    if (b.length === 0) return new Rat();
    if (b[0] >> 1 !== 1 || b.length < 5) throw new Malformed("a big.Rat of an unknown form");
    const n = 5 + b.readUInt32BE(1), top = unsigned(b.subarray(5, n));
    return new Rat((b[0] & 1) === 1 ? -top : top, unsigned(b.subarray(n)) || 1n);
  }),
};

// Addresses are text, as netip writes them.

function addressBytes(s, label) {
  const bad = () => new RangeError(`${label}: ${JSON.stringify(s)} is no address`);
  const quad = (t) => {
    const parts = t.split(".");
    if (parts.length !== 4 || !parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) < 256)) throw bad();
    return parts.map(Number);
  };
  if (s === "") return Buffer.alloc(0);
  if (!s.includes(":")) return Buffer.from(quad(s));
  const at = s.indexOf("%");
  const zone = at < 0 ? "" : s.slice(at + 1), text = at < 0 ? s : s.slice(0, at);
  if (at >= 0 && zone === "") throw bad();
  const side = (t) =>
    t === "" ? [] : t.split(":").flatMap((p, i, all) => {
      if (i === all.length - 1 && p.includes(".")) return quad(p);
      if (!/^[0-9a-fA-F]{1,4}$/.test(p)) throw bad();
      return [parseInt(p, 16) >> 8, parseInt(p, 16) & 255];
    });
  const sides = text.split("::");
  const front = side(sides[0]), back = sides.length > 1 ? side(sides[1]) : [];
  const missing = 16 - front.length - back.length;
  if (sides.length > 2 || (sides.length === 1 ? missing !== 0 : missing < 2)) throw bad();
  return Buffer.concat([Buffer.from([...front, ...Array(missing).fill(0), ...back]), Buffer.from(zone)]);
}

function addressText(b) {
  if (b.length === 0) return "";
  if (b.length === 4) return b.join(".");
  if (b.length < 16) throw new Malformed("an address of an unknown form");
  const zone = b.length > 16 ? "%" + b.toString("utf8", 16) : "";
  if (b.subarray(0, 12).toString("hex") === "00000000000000000000ffff") return "::ffff:" + b.subarray(12, 16).join(".") + zone;
  const groups = [];
  for (let i = 0; i < 16; i += 2) groups.push((b[i] << 8 | b[i + 1]).toString(16));
  let text = groups.join(":");
  const runs = [...text.matchAll(/(?<![0-9a-f])0(:0)+(?![0-9a-f])/g)].sort((a, b) => b[0].length - a[0].length);
  if (runs.length > 0) text = text.slice(0, runs[0].index).replace(/:$/, "") + "::" + text.slice(runs[0].index + runs[0][0].length).replace(/^:/, "");
  return text + zone;
}

/** A value that is text here, and some bytes on the wire. */
const textual = (bytes, text) => ({
  make: () => "",
  zero: (s) => s === undefined || s === "",
  put(w, s, label) {
    if (typeof s !== "string") throw wrong(s, "a string", label);
    w.append(bytes(s, label));
  },
  read: whole(text),
});

const addr = textual(addressBytes, addressText);

const addrPort = textual(
  (s, label) => {
    if (s === "") return Buffer.alloc(2);
    const m = /^(?:\[(.*)\]|([^[\]:]*)):(\d{1,5})$/.exec(s);
    if (m === null || Number(m[3]) > 65535) throw new RangeError(`${label}: ${JSON.stringify(s)} is no address with a port`);
    return Buffer.concat([addressBytes(m[1] ?? m[2], label), Buffer.from([Number(m[3]) & 255, Number(m[3]) >> 8])]);
  },
  (b) => {
    if (b.length < 2 || b.length === 2 && b.readUInt16LE(0) === 0) return "";
    const ip = addressText(b.subarray(0, b.length - 2)), port = b.readUInt16LE(b.length - 2);
    return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
  },
);

const prefix = textual(
  (s, label) => {
    if (s === "") return Buffer.from([255]);
    const m = /^(.*)\/(\d{1,3})$/.exec(s);
    if (m === null || Number(m[2]) > 255) throw new RangeError(`${label}: ${JSON.stringify(s)} is no prefix`);
    return Buffer.concat([addressBytes(m[1], label), Buffer.from([Number(m[2])])]);
  },
  (b) => (b.length < 2 ? "" : `${addressText(b.subarray(0, b.length - 1))}/${b[b.length - 1]}`),
);

const text = {
  make: () => "",
  zero: (s) => s === undefined || s === "",
  put(w, s, label) {
    w.rawText(s, label);
  },
  read(r, end) {
    const from = r.i;
    r.i = end;
    return r.string(from, end);
  },
};

const binary = {
  make: () => new Uint8Array(0),
  zero: (b) => b === undefined || b instanceof Uint8Array && b.length === 0,
  put(w, b, label) {
    if (!(b instanceof Uint8Array)) throw wrong(b, "a Uint8Array", label);
    w.append(b);
  },
  read: whole((b) => new Uint8Array(b)),
};

const json = {
  make: () => null,
  zero: (v) => v === undefined || v === null,
  put(w, v, label) {
    const s = JSON.stringify(v);
    if (s === undefined) throw wrong(v, "what JSON can hold", label);
    w.append(Buffer.from(s));
  },
  read: whole((b) => {
    const s = b.toString("utf8");
    if (/\d{16}/.test(s)) {
      for (const [token] of s.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g)) {
        if (/^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token))) throw new RangeError(`the integer ${token} in JSON is too large for an exact number`);
      }
    }
    return JSON.parse(s);
  }),
};

/** A url.URL: its parts as Go has them. A string, or a URL as browsers have them, is taken for one. */
class Url {
  constructor(url = "", parts = {}) {
    Object.assign(this, { scheme: "", opaque: "", user: null, password: null, host: "", path: "", rawPath: "", omitHost: false, forceQuery: false, rawQuery: "", fragment: "", rawFragment: "" });
    if (url !== "") this.#split(String(url));
    for (const [name, value] of Object.entries(parts)) {
      if (!(name in this)) throw new TypeError(`a Url has no ${name}`);
      this[name] = value;
    }
  }

  #split(s) {
    let rest = s;
    const take = (pattern) => {
      const m = pattern.exec(rest);
      if (m !== null) rest = rest.slice(0, m.index) + rest.slice(m.index + m[0].length);
      return m;
    };
    const fragment = take(/#(.*)$/s), scheme = take(/^([A-Za-z][A-Za-z0-9+.-]*):/);
    if (fragment !== null) [this.fragment, this.rawFragment] = unquoted(fragment[1], FRAGMENT);
    if (scheme !== null) this.scheme = scheme[1].toLowerCase();
    const query = take(/\?(.*)$/s);
    if (query !== null) [this.rawQuery, this.forceQuery] = [query[1], query[1] === ""];
    if (this.scheme !== "" && rest !== "" && !rest.startsWith("/")) {
      this.opaque = rest;
      return;
    }
    const authority = take(/^\/\/([^/]*)/);
    if (authority !== null) {
      const at = authority[1].lastIndexOf("@");
      this.host = decodeURIComponent(authority[1].slice(at + 1));
      if (at >= 0) {
        const [user, ...password] = authority[1].slice(0, at).split(":");
        this.user = decodeURIComponent(user);
        this.password = password.length > 0 ? decodeURIComponent(password.join(":")) : null;
      }
    }
    [this.path, this.rawPath] = unquoted(rest, PATH);
  }

  toString() {
    const user = this.user === null ? "" : quote(this.user, "$&+,;=-_.~") + (this.password === null ? "" : ":" + quote(this.password, "$&+,;=-_.~")) + "@";
    const path = this.opaque || this.rawPath || quote(this.path, PATH);
    let out = this.scheme === "" ? "" : this.scheme + ":";
    if (this.opaque === "" && (this.host !== "" || user !== "" || this.scheme !== "" && !this.omitHost && path.startsWith("//"))) out += "//" + user + this.host;
    out += path;
    if (this.rawQuery !== "" || this.forceQuery) out += "?" + this.rawQuery;
    if (this.fragment !== "") out += "#" + (this.rawFragment || quote(this.fragment, FRAGMENT));
    return out;
  }

  toJSON() {
    return this.toString();
  }
}

const PATH = "$&+,/:;=@-_.~", FRAGMENT = "!$&'()*+,/:;=?@-_.~";

const quote = (s, safe) => s.replace(/[\ud800-\udbff][\udc00-\udfff]|[^A-Za-z0-9]/g, (c) => (safe.includes(c) ? c : [...Buffer.from(c)].map((b) => "%" + b.toString(16).toUpperCase().padStart(2, "0")).join("")));

/** A part of a URL without its escapes, and as it was, if it isn't escaped as usual. */
function unquoted(s, safe) {
  const plain = decodeURIComponent(s);
  return [plain, quote(plain, safe) === s ? "" : s];
}

const PARTS = [[1, "scheme"], [2, "opaque"], [4, "host"], [5, "path"], [6, "rawPath"], [9, "rawQuery"], [10, "fragment"], [11, "rawFragment"], [12, "user"], [13, "password"]];

const url = {
  make: () => new Url(),
  zero: (u) => u === undefined || u === "" || u instanceof Url && Object.entries(u).every(([name, v]) => (name === "user" || name === "password" ? v === null : !v)),
  put(w, u, label) {
    if (!(u instanceof Url)) {
      if (typeof u !== "string" && !(u instanceof URL)) throw wrong(u, "a Url or a string", label);
      u = new Url(u);
    }
    for (const [number, name] of PARTS) {
      if (u[name] || number > 11 && u[name] !== null) {
        w.tag(number << 3 | 2);
        w.text(u[name], `${label}.${name}`);
      }
    }
    if (u.omitHost) w.append([0x38, 1]);
    if (u.forceQuery) w.append([0x40, 1]);
  },
  read(r, end) {
    const u = new Url();
    while (r.i < end) {
      const tag = r.uvarint();
      const part = (tag & 7) === 2 ? PARTS.find(([number]) => number === tag >> 3) : undefined;
      if (part !== undefined) u[part[1]] = r.text(end);
      else if (tag === 56) u.omitHost = r.uvarint() !== 0;
      else if (tag === 64) u.forceQuery = r.uvarint() !== 0;
      else r.skip(tag, end);
    }
    return r.over(end, u);
  },
};

module.exports = { Complex, Duration, Rat, Time, Url, addr, addrPort, bigInt, bigRat, binary, complex, json, nanoseconds, prefix, text, time, url };
