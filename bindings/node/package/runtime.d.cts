/** How a call may end before Go returns. Go's context ends, too. */
export interface CallOptions {
  /** How long the call may take, in milliseconds. It is a {@link Deadline} then. */
  timeout?: number;
  /** Ends the call. Its promise is rejected with the reason of the signal. */
  signal?: AbortSignal;
}

/**
 * An error of Go. `message` is its text. It is an instance of the class of each error that
 * it wraps: `instanceof` finds what errors.Is and errors.As find.
 */
export declare class GoError extends Error {
  constructor(message?: string);
  /** Names of this error and of those that it wraps, as Go has them: "io/fs.ErrNotExist". */
  identities: string[];
  /** What the function returned beside the error, if anything. */
  results: unknown;
}
/** The Go code panicked. */
export declare class Panic extends GoError {
  /** The stack of its goroutine. */
  goStack: string;
}
/** The time that the call was given was over. `code` is ETIMEDOUT. */
export declare class Deadline extends GoError {}
/** The call was cancelled. `code` is ABORT_ERR. */
export declare class Cancelled extends GoError {}
/** fs.ErrNotExist. `code` is ENOENT. */
export declare class NotExist extends GoError {}
/** fs.ErrExist. `code` is EEXIST. */
export declare class Exist extends GoError {}
/** fs.ErrPermission. `code` is EACCES. */
export declare class NotPermitted extends GoError {}
/** io.EOF */
export declare class EndOfFile extends GoError {}
/** What was given can't be parsed. */
export declare class Invalid extends GoError {}
/** errors.ErrUnsupported. `code` is ENOTSUP. */
export declare class Unsupported extends GoError {}

/** A value that stays in Go. Its methods are executed there. */
export declare class Handle {
  /** Let the value go now. Calls of it fail from then on. */
  release(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A value behind an interface whose type in Go can't be told from the value alone. */
export declare class Typed<T extends string = string, V = unknown> {
  constructor(type: T, value: V);
  type: T;
  value: V;
}

/** A time.Time: a Date with its nanoseconds and its zone. A Date is taken for one. */
export declare class Time extends Date {
  constructor(date?: Date | number | string, parts?: { nanosecond?: number; offset?: number; zone?: string });
  /** Those beyond the milliseconds, 0 to 999999. */
  nanosecond: number;
  /** The seconds east of UTC; undefined in UTC. */
  offset: number | undefined;
  /** The name of its zone; undefined in UTC. */
  zone: string | undefined;
}

/** A time.Duration. A BigInt of nanoseconds is taken for one. */
export declare class Duration {
  constructor(nanoseconds?: bigint);
  static ms(milliseconds: number): Duration;
  readonly nanoseconds: bigint;
  /** In milliseconds. */
  get ms(): number;
  valueOf(): bigint;
}

/** A complex number. */
export declare class Complex {
  constructor(re?: number, im?: number);
  re: number;
  im: number;
}

/** A fraction in lowest terms. */
export declare class Rat {
  constructor(numerator?: bigint, denominator?: bigint);
  numerator: bigint;
  denominator: bigint;
}

/** A url.URL: its parts as Go has them. A string, or a URL as browsers have them, is taken for one. */
export declare class Url {
  constructor(url?: string | URL, parts?: Partial<Url>);
  scheme: string;
  opaque: string;
  user: string | null;
  password: string | null;
  host: string;
  path: string;
  rawPath: string;
  omitHost: boolean;
  forceQuery: boolean;
  rawQuery: string;
  fragment: string;
  rawFragment: string;
}
