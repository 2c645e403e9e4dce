"""What the modules beside this one stand on: the encoding of values, errors of
Go as exceptions, and calls into the library.

Values cross as protocol buffers. A message is written into a bytearray, and read
from bytes between two offsets.
"""

from __future__ import annotations

import asyncio
import collections
import ctypes
import datetime
import fractions
import ipaddress
import itertools
import json
import os
import queue
import struct
import sys
import threading
import urllib.parse
import weakref

__all__: list = []

# Numbers, text and bytes.


class Malformed(ValueError):
    """The library sent what can't be read: it is of another version than this package."""


def put_uvarint(w, v):
    while v > 127:
        w.append(v & 127 | 128)
        v >>= 7
    w.append(v)


def uvarint(b, i):
    v = b[i]
    i += 1
    if v < 128:
        return v, i
    v &= 127
    shift = 7
    while True:
        c = b[i]
        i += 1
        v |= (c & 127) << shift
        if c < 128:
            if v >> 64:
                raise Malformed("a number of more than 64 bits")
            return v, i
        shift += 7
        if shift > 63:
            raise Malformed("a number of more than ten bytes")


def put_sint(w, v):
    put_uvarint(w, v << 1 if v >= 0 else (-v << 1) - 1)


def sint(b, i):
    v, i = uvarint(b, i)
    return v >> 1 ^ -(v & 1), i


def integer(v, name, low, high):
    """v as an integer that the Go type name can hold."""
    try:
        n = v.__index__()
    except AttributeError:
        raise TypeError("an integer is wanted for %s, and not %s" % (name, type(v).__name__)) from None
    if low <= n <= high:
        return n
    raise OverflowError("%d doesn't fit into Go's %s" % (n, name))


def _bounds():
    for bits in (8, 16, 32, 64):
        yield "int%d" % bits, (-1 << bits - 1, (1 << bits - 1) - 1)
        yield "uint%d" % bits, (0, (1 << bits) - 1)


BOUNDS = dict(_bounds())
BOUNDS["int"] = BOUNDS["int64"]
BOUNDS["uint"] = BOUNDS["uint64"]

_F32, _F64 = struct.Struct("<f"), struct.Struct("<d")


def float32(v):
    return _F32.pack(v)


def float64(v):
    return _F64.pack(v)


def read32(b, i):
    return _F32.unpack_from(b, i)[0], i + 4


def read64(b, i):
    return _F64.unpack_from(b, i)[0], i + 8


def put_text(w, s):
    """Any bytes may be in a string of Go; those that aren't UTF-8 are escaped, as in the names of files."""
    put_bytes(w, s.encode("utf-8", "surrogateescape"))


def put_bytes(w, s):
    n = len(s)
    if n < 128:
        w.append(n)
    else:
        put_uvarint(w, n)
    w += s


def raw(b, i, end):
    n, i = uvarint(b, i)
    if n > end - i:
        raise Malformed("a field ends after its message")
    return b[i:i + n], i + n


def text(b, i, end):
    s, i = raw(b, i, end)
    return s.decode("utf-8", "surrogateescape"), i


def span(b, i, end):
    """Where the message at i begins and ends."""
    n, i = uvarint(b, i)
    if n > end - i:
        raise Malformed("a field ends after its message")
    return i, i + n


def skip(b, i, end, tag):
    """The offset behind a field that this version doesn't know."""
    kind = tag & 7
    if kind == 0:
        return uvarint(b, i)[1]
    if kind == 1:
        return i + 8
    if kind == 2:
        return span(b, i, end)[1]
    if kind == 5:
        return i + 4
    raise Malformed("a field of an unknown kind")


# What is nil in Go is empty here, and nil again when it goes back.


class NilList(list):
    """An empty list that is nil in Go. With elements it is a list as any other."""


class NilDict(dict):
    """An empty dict that is a nil map in Go. With entries it is a dict as any other."""


class NilBytes(bytes):
    """Empty bytes that are a nil slice in Go."""


NIL_BYTES = NilBytes()
NULL = b"\xf8\x7f\x00"


def is_nil(v, nil):
    return v is None or not v and type(v) is nil


# Times.

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Time(datetime.datetime):
    """A time.Time: a datetime with its nanoseconds.

    ``nanosecond`` are those beyond ``microsecond``, 0 to 999. Arithmetic gives plain
    datetimes, as it does with every subclass that has more than a datetime.
    """

    nanosecond = 0

    @classmethod
    def of(cls, moment, nanosecond=0):
        t = cls(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second,
                moment.microsecond, moment.tzinfo, fold=moment.fold)
        t.nanosecond = nanosecond
        return t


#: The zero value of time.Time.
ZERO_TIME = Time(1, 1, 1, tzinfo=datetime.timezone.utc)


def put_time(w, t):
    if t.tzinfo is None:
        t = t.astimezone()
    offset = t.utcoffset()
    since = t - _EPOCH
    seconds = since.days * 86400 + since.seconds
    nano = since.microseconds * 1000 + getattr(t, "nanosecond", 0)
    w.append(1 << 3)
    put_uvarint(w, seconds & 0xFFFFFFFFFFFFFFFF)
    if nano:
        w.append(2 << 3)
        put_uvarint(w, nano)
    if t.tzinfo is datetime.timezone.utc:
        return
    w.append(3 << 3)
    put_sint(w, offset.days * 86400 + offset.seconds)
    w.append(4 << 3 | 2)
    put_text(w, t.tzname() or "")


def is_zero_time(t):
    return t == ZERO_TIME and t.tzinfo is not None and not t.utcoffset() and t.tzname() == "UTC" and not getattr(t, "nanosecond", 0)


def parse_time(b, i, end):
    seconds = nano = offset = 0
    zone = None
    while i < end:
        tag, i = uvarint(b, i)
        if tag == 1 << 3:
            seconds, i = uvarint(b, i)
            if seconds >> 63:
                seconds -= 1 << 64
        elif tag == 2 << 3:
            nano, i = uvarint(b, i)
        elif tag == 3 << 3:
            offset, i = sint(b, i)
            zone = zone or ""
        elif tag == 4 << 3 | 2:
            zone, i = text(b, i, end)
        else:
            i = skip(b, i, end, tag)
    try:
        t = _EPOCH + datetime.timedelta(seconds=seconds, microseconds=nano // 1000)
        if zone is not None:
            t = t.astimezone(datetime.timezone(datetime.timedelta(seconds=offset), zone))
    except OverflowError:
        raise OverflowError("the time lies outside of the years that a datetime can hold: %d seconds since 1970" % seconds) from None
    return Time.of(t, nano % 1000)


class Duration(int):
    """A time.Duration in nanoseconds, which a timedelta can't hold."""

    @property
    def timedelta(self):
        return datetime.timedelta(microseconds=self / 1000)

    def __repr__(self):
        return "Duration(%d)" % self


def nanoseconds(d):
    if isinstance(d, datetime.timedelta):
        return (d.days * 86400 + d.seconds) * 1000000000 + d.microseconds * 1000
    return d


# Other values that are encoded as a whole.


def put_complex(w, v):
    w.append(1 << 3 | 1)
    w += _F64.pack(v.real)
    w.append(2 << 3 | 1)
    w += _F64.pack(v.imag)


def parse_complex(b, i, end):
    re = im = 0.0
    while i < end:
        tag, i = uvarint(b, i)
        if tag == 1 << 3 | 1:
            re, i = read64(b, i)
        elif tag == 2 << 3 | 1:
            im, i = read64(b, i)
        else:
            i = skip(b, i, end, tag)
    return complex(re, im)


def big_int(v):
    n = v.__index__()
    return bytes([2 | (n < 0)]) + abs(n).to_bytes((abs(n).bit_length() + 7) // 8, "big")


def read_big_int(s):
    if not s:
        return 0
    if s[0] >> 1 != 1:
        raise Malformed("a big.Int of an unknown form")
    n = int.from_bytes(s[1:], "big")
    return -n if s[0] & 1 else n


def big_rat(v):
    f = fractions.Fraction(v)
    n = abs(f.numerator)
    top = n.to_bytes((n.bit_length() + 7) // 8, "big")
    bottom = b"" if f.denominator == 1 else f.denominator.to_bytes((f.denominator.bit_length() + 7) // 8, "big")
    return bytes([2 | (f < 0)]) + struct.pack(">I", len(top)) + top + bottom


def read_big_rat(s):
    if not s:
        return fractions.Fraction(0)
    if s[0] >> 1 != 1 or len(s) < 5:
        raise Malformed("a big.Rat of an unknown form")
    n = struct.unpack_from(">I", s, 1)[0]
    f = fractions.Fraction(int.from_bytes(s[5:5 + n], "big"), int.from_bytes(s[5 + n:], "big") or 1)
    return -f if s[0] & 1 else f


def address(a):
    if a is None:
        return b""
    a = ipaddress.ip_address(a)
    zone = getattr(a, "scope_id", None) or ""
    return a.packed + zone.encode()


def read_address(s):
    if not s:
        return None
    if len(s) == 4:
        return ipaddress.IPv4Address(s)
    a = ipaddress.IPv6Address(s[:16])
    zone = s[16:].decode("utf-8", "surrogateescape")
    return ipaddress.IPv6Address("%s%%%s" % (a, zone)) if zone else a


class URL:
    """A url.URL: its parts as Go has them. ``str()`` is the URL."""

    FIELDS = ("scheme", "opaque", "user", "host", "path", "raw_path", "omit_host", "force_query", "raw_query", "fragment", "raw_fragment", "password")
    _NUMBERS = {1: "scheme", 2: "opaque", 4: "host", 5: "path", 6: "raw_path", 9: "raw_query", 10: "fragment", 11: "raw_fragment", 12: "user", 13: "password"}

    def __init__(self, url="", **parts):
        for name in self.FIELDS:
            setattr(self, name, False if name in ("omit_host", "force_query") else None if name in ("user", "password") else "")
        if url:
            self._split(url)
        for name, value in parts.items():
            if name not in self.FIELDS:
                raise TypeError("a URL has no %s" % name)
            setattr(self, name, value)

    def _split(self, url):
        u = urllib.parse.urlsplit(url)
        self.scheme, self.raw_query, self.user, self.password = u.scheme, u.query, u.username, u.password
        self.host, self.path = u.netloc.rpartition("@")[2], urllib.parse.unquote(u.path, errors="surrogateescape")
        self.fragment = urllib.parse.unquote(u.fragment, errors="surrogateescape")
        if u.path != urllib.parse.quote(self.path, safe="$&+,/:;=@-_.~", errors="surrogateescape"):
            self.raw_path = u.path

    def __str__(self):
        quote = lambda s, safe: urllib.parse.quote(s, safe=safe, errors="surrogateescape")
        user = ""
        if self.user is not None:
            user = quote(self.user, "") + ("" if self.password is None else ":" + quote(self.password, "")) + "@"
        path = self.opaque or self.raw_path or quote(self.path, "$&+,/:;=@-_.~")
        out = self.scheme + ":" if self.scheme else ""
        if not self.opaque and (self.host or user or self.scheme and not self.omit_host and path.startswith("//")):
            out += "//" + user + self.host
        out += path
        if self.raw_query or self.force_query:
            out += "?" + self.raw_query
        if self.fragment:
            out += "#" + (self.raw_fragment or quote(self.fragment, "!$&'()*+,/:;=?@-_.~"))
        return out

    def __repr__(self):
        return "URL(%r)" % str(self)

    def __eq__(self, other):
        return isinstance(other, URL) and all(getattr(self, n) == getattr(other, n) for n in self.FIELDS)

    def __hash__(self):
        return hash(tuple(getattr(self, n) for n in self.FIELDS))


def put_url(w, u):
    if not isinstance(u, URL):
        u = URL(u)
    for number, name in sorted(URL._NUMBERS.items()):
        value = getattr(u, name)
        if value or number > 11 and value is not None:
            w.append(number << 3 | 2)
            put_text(w, value)
    if u.omit_host:
        w += b"\x38\x01"
    if u.force_query:
        w += b"\x40\x01"


def parse_url(b, i, end):
    u = URL()
    while i < end:
        tag, i = uvarint(b, i)
        name = URL._NUMBERS.get(tag >> 3) if tag & 7 == 2 else None
        if name:
            value, i = text(b, i, end)
            setattr(u, name, value)
        elif tag == 7 << 3:
            n, i = uvarint(b, i)
            u.omit_host = n != 0
        elif tag == 8 << 3:
            n, i = uvarint(b, i)
            u.force_query = n != 0
        else:
            i = skip(b, i, end, tag)
    return u


def encode_text(s):
    return s.encode("utf-8", "surrogateescape")


def decode_text(s):
    return s.decode("utf-8", "surrogateescape")


def take_back(argument, changed):
    """Give an argument that the function changed the value that it has now."""
    if isinstance(argument, list):
        argument[:] = changed
    elif isinstance(argument, bytearray):
        argument[:] = changed
    elif isinstance(argument, dict):
        argument.clear()
        argument.update(changed)
    elif argument is not None and changed is not None:
        vars(argument).update(vars(changed))


def json_text(v):
    return json.dumps(v, ensure_ascii=False, separators=(",", ":")).encode()


def read_json(s):
    return json.loads(s)


# Errors.


class Error(Exception):
    """An error of Go.

    ``str()`` is its message. ``identities`` names it and the errors that it wraps as Go
    does, ``io/fs.ErrNotExist``, as far as they have names; for each that this package knows
    the exception is an instance of that class, so that ``except`` finds what errors.Is and
    errors.As find. ``results`` is what the function returned beside the error, if anything.
    """

    identities: tuple = ()
    results = None
    _body = _raw = None


class Panic(Error):
    """The Go code panicked. ``stack`` is the stack of its goroutine."""

    stack = ""


class Deadline(Error, TimeoutError):
    """The time that the call was given was over."""


class Cancelled(Error):
    """The call was cancelled."""


class NotExist(Error, FileNotFoundError):
    """fs.ErrNotExist"""


class Exist(Error, FileExistsError):
    """fs.ErrExist"""


class NotPermitted(Error, PermissionError):
    """fs.ErrPermission"""


class EndOfFile(Error, EOFError):
    """io.EOF"""


class Invalid(Error, ValueError):
    """What was given can't be parsed."""


class Unsupported(Error, NotImplementedError):
    """errors.ErrUnsupported"""


class NotExecuted(Error):
    """The call didn't reach the function."""


KNOWN = {
    "context.DeadlineExceeded": Deadline,
    "context.Canceled": Cancelled,
    "os.ErrDeadlineExceeded": Deadline,
    "io/fs.ErrNotExist": NotExist,
    "io/fs.ErrExist": Exist,
    "io/fs.ErrPermission": NotPermitted,
    "io.EOF": EndOfFile,
    "strconv.ErrSyntax": Invalid,
    "strconv.ErrRange": Invalid,
    "errors.ErrUnsupported": Unsupported,
    "unweld/link.PanicError": Panic,
}


class _Node:
    __slots__ = ("message", "name", "payload", "nil", "also", "children")

    def __init__(self):
        self.message = self.name = ""
        self.payload = None
        self.nil = False
        self.also, self.children = [], []


def _node(b, i, end, depth):
    if depth > 64:
        raise Malformed("an error that wraps too many others")
    n = _Node()
    while i < end:
        tag, i = uvarint(b, i)
        if tag == 1 << 3 | 2:
            n.message, i = text(b, i, end)
        elif tag in (2 << 3 | 2, 3 << 3 | 2):
            n.name, i = text(b, i, end)
        elif tag == 4 << 3 | 2:
            n.payload, i = raw(b, i, end)
        elif tag == 5 << 3 | 2:
            at, i = span(b, i, end)
            n.children.append(_node(b, at, i, depth + 1))
        elif tag == 8 << 3 | 2:
            name, i = text(b, i, end)
            n.also.append(name)
        elif tag == 10 << 3:
            nil, i = uvarint(b, i)
            n.nil = nil != 0
        else:
            i = skip(b, i, end, tag)
    return n


class Errors:
    """The errors that a component's callers can recognise: classes by their names in Go, and
    what reads the fields of those that have some."""

    def __init__(self):
        self.classes = dict(KNOWN)
        self.fields = {}
        self.made = {}

    def parse(self, b, i, end):
        """The exception for an error as Go wrote it."""
        root = _node(b, i, end, 0)
        names, payloads = [], []
        stack = [root]
        while stack:
            n = stack.pop(0)
            for name in [n.name] + n.also:
                if name and name not in names:
                    names.append(name)
            if n.name and n.payload is not None and not n.nil:
                payloads.append((n.name, n.payload))
            stack = n.children + stack
        e = self._class(names)(root.message)
        e._raw = bytes(b[i:end])
        e.identities = tuple(names)
        for name, payload in reversed(payloads):
            if name in self.fields:
                for key, value in self.fields[name](payload, 0, len(payload)).items():
                    setattr(e, key, value)
            elif name == "unweld/link.PanicError":
                e.stack = _panic_stack(payload)
        return e

    def _class(self, names):
        bases = []
        for name in names:
            c = self.classes.get(name)
            if c is not None and not any(issubclass(b, c) for b in bases):
                bases = [b for b in bases if not issubclass(c, b)] + [c]
        if len(bases) < 2:
            return bases[0] if bases else Error
        key = tuple(bases)
        if key not in self.made:
            try:
                self.made[key] = type(bases[0].__name__, key, {"__doc__": bases[0].__doc__})
            except TypeError:  # they can't be one class
                self.made[key] = bases[0]
        return self.made[key]

    def put(self, w, e):
        """Write an exception as an error of Go: as the one that it came from, if it did."""
        raw = getattr(e, "_raw", None)
        if raw is not None:
            w += raw
            return
        w.append(1 << 3 | 2)
        put_text(w, str(e))
        for name, c in self.classes.items():
            if isinstance(e, c) and name not in self.fields:
                w.append((2 if type(e) is c else 8) << 3 | 2)
                put_text(w, name)
                if type(e) is c:
                    return


def _panic_stack(b):
    i, end, stack = 0, len(b), ""
    while i < end:
        tag, i = uvarint(b, i)
        if tag & 7 == 2:
            stack, i = text(b, i, end)
        else:
            i = skip(b, i, end, tag)
    return stack


# Calls.


class ForkError(RuntimeError):
    """The process was forked after the library was loaded. Go doesn't survive that: only one
    of its threads is left. Start processes with multiprocessing's method "spawn", or load
    the library in the child alone."""


_forked = False


def _after_fork():
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

_REPLY = 4096


class _Buffers(threading.local):
    def __init__(self):
        self.buffer = ctypes.create_string_buffer(_REPLY)
        self.at = ctypes.addressof(self.buffer)
        self.reply = ctypes.c_void_p()
        self.size = ctypes.c_size_t()
        self.refs = ctypes.byref(self.reply), ctypes.byref(self.size)


def parse_reference(b, i, end):
    """The bytes that name a value of the component, or None."""
    return bytes(b[i:end]) or None


class Handle:
    """A value that stays in Go. Its methods are executed there."""

    __slots__ = ("_library", "_reference", "_numbers", "_released", "__weakref__")

    def __init__(self):
        raise TypeError("a %s comes from Go" % type(self).__name__)

    def release(self):
        """Let the value go now. Calls of it fail from then on."""
        self._library.release(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()


class Library:
    """The Go code, in this process. It is loaded by the first call.

    Of values that stay in Go the component has a table. What it gives, it gives under a
    number that was chosen before the call, by which it is given back.
    """

    def __init__(self, component, errors, keep=0):
        self.component, self.errors, self._keep = component, errors, keep
        self._id = os.urandom(16)
        self._last = 0
        self._held = {}  # weak references to handles, by what names their values
        self._gone = collections.deque()  # entries of _held whose handles nothing refers to any more
        self._back = collections.deque()  # numbers to give back
        self._giving = None
        self._lock = threading.Lock()
        self._call = None
        self._tokens = itertools.count(1)
        self._buffers = _Buffers()

    def _path(self):
        given = os.environ.get("UNWELD_LIBRARY_" + self.component.upper().replace("-", "_"))
        if given:
            return given
        name = {"darwin": "lib%s.dylib", "win32": "%s.dll"}.get(sys.platform, "lib%s.so") % self.component
        return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)

    def _load(self):
        with self._lock:
            if self._call is not None:
                return
            path = self._path()
            try:
                library = ctypes.CDLL(path)
            except OSError as e:
                raise ImportError("the library of %s can't be loaded: %s. It is made by: unweld pack %s --for python"
                                  % (self.component, e, self.component), path=path) from None
            prefix = "unweld_" + self.component.replace("-", "_")
            call = getattr(library, prefix + "_call")
            call.restype = ctypes.c_int32
            call.argtypes = [ctypes.c_int32, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int64, ctypes.c_uint64,
                             ctypes.c_void_p, ctypes.c_void_p]
            self._free = getattr(library, prefix + "_free")
            self._free.restype, self._free.argtypes = None, [ctypes.c_void_p]
            self._cancel = getattr(library, prefix + "_cancel")
            self._cancel.restype, self._cancel.argtypes = None, [ctypes.c_uint64]
            self._pid = os.getpid()
            self._call = call

    def call(self, endpoint, request, timeout=None, token=0):
        """Call an endpoint, by its number, and return the bytes of its reply."""
        if self._call is None:
            self._load()
        if _forked and os.getpid() != self._pid:
            raise ForkError(ForkError.__doc__)
        limit = 0
        if timeout is not None:
            limit = max(1, int(timeout * 1e9))
        b = self._buffers
        b.reply.value, b.size.value = b.at, _REPLY
        status = self._call(endpoint, bytes(request), len(request), limit, token, *b.refs)
        reply = ctypes.string_at(b.reply.value, b.size.value)
        if b.reply.value != b.at:
            self._free(b.reply.value)
        if status:
            self._fail(reply)
        return reply

    def _fail(self, b):
        i, end = 0, len(b)
        status, failure, body = 0, None, None
        while i < end:
            tag, i = uvarint(b, i)
            if tag == 1 << 3:
                status, i = uvarint(b, i)
            elif tag == 2 << 3 | 2:
                at, i = span(b, i, end)
                failure = self.errors.parse(b, at, i)
            elif tag == 3 << 3 | 2:
                body, i = raw(b, i, end)
            else:
                i = skip(b, i, end, tag)
        if failure is None:
            raise Malformed("a failure without an error")
        failure._body = body
        raise failure

    def exchange(self, endpoint, request, parse, timeout, token, first=0, gives=0):
        """Call an endpoint, and return what parse reads from its reply."""
        try:
            reply = self.call(endpoint, request, timeout, token)
            return parse(reply, 0, len(reply))
        except BaseException as e:
            if gives:
                self._give_back(range(first, first + gives))
            if not isinstance(e, (Error, IndexError, struct.error)):
                raise
            if isinstance(e, (IndexError, struct.error)):
                raise Malformed("the reply of %s can't be read (%s): the library is of another version than the package"
                                % (self.component, e)) from None
            if e._body:
                e.results = self._read(parse, e._body)
            raise e from None

    # Handles.

    def first(self, gives):
        """The first of the numbers under which a call may give values."""
        if not gives:
            return 0
        with self._lock:
            number = self._last + 1
            self._last += gives
            return number

    def put_caller(self, w, tag, first):
        m = bytearray(b"\x0a\x10" + self._id)
        if first:
            m.append(2 << 3)
            put_uvarint(m, first)
        w += tag
        put_bytes(w, m)

    def reference(self, handle, name):
        """The bytes that name the value of a handle of this component."""
        if not isinstance(handle, Handle) or handle._library is not self:
            raise TypeError("a %s that %s gave is wanted, and not %s" % (name, self.component, type(handle).__name__))
        if handle._released:
            raise ValueError("the %s has been released" % type(handle).__name__)
        return handle._reference

    def taken(self, cls, reference, number):
        """The object for a value that was given under a number. The same value is the same object."""
        if reference is None:
            return None
        with self._lock:
            if self._giving is None:
                self._giving = threading.Thread(target=self._give, name="handles of " + self.component, daemon=True)
                self._wanted = queue.SimpleQueue()
                start = True
            else:
                start = False
            known = self._held.get(reference)
            handle = known and known()
            if handle is None:
                handle = cls.__new__(cls)
                handle._library, handle._reference, handle._numbers = self, reference, []
                ref = self._held[reference] = weakref.ref(handle)
                weakref.finalize(handle, self._unreachable, reference, ref, handle._numbers).atexit = False
            handle._released = False
            handle._numbers.append(number)
        if start:
            self._giving.start()
            self._wanted.put(None)  # from then on the library keeps what this process has
        return handle

    def release(self, handle):
        with self._lock:
            handle._released = True
            numbers = handle._numbers[:]
            handle._numbers.clear()
        self._give_back(numbers)

    def _unreachable(self, reference, ref, numbers):
        """Called by the garbage collector, within whatever runs then: it takes no lock, as an
        Event would. A SimpleQueue can be put into from there."""
        self._gone.append((reference, ref))
        self._give_back(numbers)

    def _give_back(self, numbers):
        self._back.extend(numbers)
        if self._giving is not None:
            self._wanted.put(None)

    def _give(self):
        """Give back what nothing refers to any more."""
        while True:
            self._wanted.get()
            while not self._wanted.empty():
                self._wanted.get()
            with self._lock:
                while self._gone:
                    reference, ref = self._gone.popleft()
                    if self._held.get(reference) is ref:  # it may have come again
                        del self._held[reference]
            while True:
                w = bytearray(b"\x0a\x10" + self._id)
                numbers = bytearray()
                for _ in range(min(len(self._back), 1000)):
                    put_uvarint(numbers, self._back.popleft())
                if numbers:
                    w.append(2 << 3 | 2)
                    put_bytes(w, numbers)
                try:
                    self.call(self._keep, w)
                except Exception:  # the process ends, or was forked
                    return
                if not self._back:
                    break

    @staticmethod
    def _read(parse, b):
        return parse(b, 0, len(b))

    async def later(self, function, *args, **kwargs):
        """Call function in a thread of the loop's own. If the task is cancelled, so is the call."""
        loop = asyncio.get_running_loop()
        token = next(self._tokens)
        work = loop.run_in_executor(None, lambda: function(*args, _token=token, **kwargs))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            if self._call is not None:
                self._cancel(token)
            work.cancel()  # if it hasn't begun
            raise
