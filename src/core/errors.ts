/**
 * Every failure the kernel reports is a `TroupeError` with a code from the table in error-table.ts. Match by code,
 * never by class: class identity does not cross threads. `toPlain` and `fromPlain` carry any thrown value across.
 */
import { type ErrorCode, errorTable } from './error-table.js';

export {
  type ErrorCode,
  type ErrorEntry,
  type ErrorMoment,
  type ErrorRecovery,
  type ErrorSeverity,
  errorTable,
} from './error-table.js';

/** The place and value an error is about, and what caused it. */
export interface TroupeErrorDetails {
  /** Where: an option's name (`intensity.periodMs`), a place in a message (`order.items[3]`), a path. */
  field?: string | undefined;
  /** The offending value. Replaced by a description when it crosses a thread and cannot be carried. */
  value?: unknown;
  /** The error underneath. */
  cause?: unknown;
}

/** A failure with a code. */
export class TroupeError extends Error {
  readonly code: ErrorCode;
  /** See `TroupeErrorDetails`. Absent when there is none. */
  declare readonly field?: string;
  /** See `TroupeErrorDetails`. Absent when there is none. */
  declare readonly value?: unknown;

  static {
    // On the prototype, as the language's own errors have it: a field would come too late for the stack's first line.
    Object.defineProperty(this.prototype, 'name', { value: 'TroupeError', writable: true, configurable: true });
  }

  /**
   * @param code a row of `errorTable`
   * @param message what happened, in a sentence; the code is not repeated in it
   */
  constructor(code: ErrorCode, message: string, details: TroupeErrorDetails = {}) {
    super(message, 'cause' in details && details.cause !== undefined ? { cause: details.cause } : undefined);
    this.code = code;
    if (details.field !== undefined) this.field = details.field;
    if ('value' in details) this.value = details.value;
  }

  /**
   * Is it a failure of the kernel (with this code)? Decides by the code, so it also works for errors that
   * came from another thread or from a second copy of the package.
   */
  static is<C extends ErrorCode = ErrorCode>(error: unknown, code?: C): error is TroupeError & { readonly code: C } {
    if (typeof error !== 'object' || error === null) return false;
    const own = (error as { code?: unknown }).code;
    return code === undefined ? isErrorCode(own) : own === code;
  }

  /** See `toPlain`. */
  static toPlain(error: unknown): PlainError {
    return toPlain(error);
  }

  /** See `fromPlain`. */
  static fromPlain(plain: PlainError): Error {
    return fromPlain(plain);
  }
}

/** Is the value a code of the kernel? */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorTable, value);
}

/** An error as plain data: nothing but strings, numbers, booleans, null, arrays and plain objects. */
export interface PlainError {
  name: string;
  message: string;
  stack?: string;
  /** The kernel's codes, Node's (`ENOENT`) or the user's own; strings and numbers are kept. */
  code?: string | number;
  field?: string;
  /** Of a TroupeError, or the thrown value itself when `thrown`. */
  value?: unknown;
  cause?: PlainError;
  /** Of an AggregateError. */
  errors?: PlainError[];
  /** True when what was thrown is not an Error: `value` is (a copy of) it. */
  thrown?: true;
}

/** How many causes deep an error is carried; deeper ones are cut off. */
const causeDepthMax = 8;
/** How many errors are carried in all: causes, and the errors of an AggregateError. Cycles end here too. */
const errorsMax = 64;
/** How deep, and how many parts of, an error's value are carried before it is only described. */
const valueDepthMax = 4;
const valuePartsMax = 256;
/** Longest text of a value that is carried. */
const valueCharsMax = 4_096;

/**
 * Turn anything that was thrown into plain data that every thread and the journal can carry. Keeps name,
 * message, stack, code, field, value, cause and the errors of an AggregateError; other properties are
 * dropped. Never throws, whatever getters or proxies it meets.
 */
export function toPlain(error: unknown): PlainError {
  return plainAtDepth(error, 0, { errors: errorsMax });
}

function plainAtDepth(error: unknown, depth: number, budget: { errors: number }): PlainError {
  budget.errors -= 1;
  try {
    return isErrorLike(error) ? plainOfError(error, depth, budget) : plainOfValue(error);
  } catch (failure) {
    return { name: 'Error', message: `an error that cannot be read (${describeBriefly(failure)})` };
  }
}

/** Errors of other realms are no instances of our Error, but say so themselves. */
function isErrorLike(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function plainOfError(error: Error, depth: number, budget: { errors: number }): PlainError {
  const { code, field, errors } = error as { code?: unknown; field?: unknown; errors?: unknown };
  const plain: PlainError = { name: String(error.name), message: String(error.message) };
  if (typeof error.stack === 'string') plain.stack = error.stack;
  if (typeof code === 'string' || typeof code === 'number') plain.code = code;
  if (typeof field === 'string') plain.field = field;
  if (TroupeError.is(error) && 'value' in error) plain.value = plainValue(error.value);
  if (depth >= causeDepthMax || budget.errors <= 0) return plain;
  if ('cause' in error && error.cause !== undefined) plain.cause = plainAtDepth(error.cause, depth + 1, budget);
  if (Array.isArray(errors)) {
    plain.errors = [];
    for (const each of errors as unknown[]) {
      if (budget.errors > 0) plain.errors.push(plainAtDepth(each, depth + 1, budget));
    }
  }
  return plain;
}

function plainOfValue(thrown: unknown): PlainError {
  const value = plainValue(thrown);
  const message = typeof thrown === 'string' ? thrown : describeBriefly(thrown);
  return { name: 'Thrown', message, value, thrown: true };
}

/** A copy of small plain data; a description of anything else. */
function plainValue(value: unknown): unknown {
  const budget = { parts: valuePartsMax };
  const copy = copyPlain(value, valueDepthMax, budget);
  return copy === notPlain ? describeBriefly(value) : copy;
}

const notPlain = Symbol('not plain');

function copyPlain(value: unknown, depthLeft: number, budget: { parts: number }): unknown {
  budget.parts -= 1;
  if (budget.parts < 0) return notPlain;
  if (typeof value === 'string') return value.length <= valueCharsMax ? value : `${value.slice(0, valueCharsMax)}...`;
  if (value === null || ['undefined', 'boolean', 'number', 'bigint'].includes(typeof value)) return value;
  if (typeof value !== 'object' || depthLeft === 0) return notPlain;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isArray = Array.isArray(value);
  if (!isArray && prototype !== Object.prototype && prototype !== null) return notPlain;
  const entries: [string, unknown][] = [];
  for (const [key, part] of Object.entries(value)) {
    const copy = copyPlain(part, depthLeft - 1, budget);
    if (copy === notPlain) return notPlain;
    entries.push([key, copy]);
  }
  return isArray ? entries.map(([, part]) => part) : Object.fromEntries(entries);
}

/** What a value is, in a few words: `a function`, `an instance of Customer`, `"text"`, `7`. Never throws. */
export function describeBriefly(value: unknown): string {
  try {
    if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value);
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'function') return 'a function';
    if (typeof value === 'symbol') return 'a symbol';
    if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
    if (Array.isArray(value)) return `an array of ${value.length}`;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return 'an object';
    const name = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
    return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class';
  } catch {
    return 'a value that cannot be read';
  }
}

const standardErrors: Readonly<Record<string, new (message: string) => Error>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/**
 * The way back from `toPlain`. A TroupeError comes back as TroupeError, the language's own errors as
 * themselves, any other as an Error with its name. What was thrown and is no Error comes back wrapped in
 * an Error whose `cause` it is.
 */
export function fromPlain(plain: PlainError): Error {
  const error = withoutStack(() => emptyError(plain));
  define(error, 'stack', plain.stack ?? `${plain.name}: ${plain.message}`);
  if (plain.cause !== undefined) define(error, 'cause', causeFromPlain(plain.cause));
  else if (plain.thrown) define(error, 'cause', plain.value);
  return error;
}

/** The stack of this place is nobody's business, and to take it costs more than all the rest. */
function withoutStack<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function emptyError(plain: PlainError): Error {
  if (plain.name === 'TroupeError' && isErrorCode(plain.code)) {
    const details = 'value' in plain ? { field: plain.field, value: plain.value } : { field: plain.field };
    return new TroupeError(plain.code, plain.message, details);
  }
  const made =
    plain.errors === undefined
      ? new (standardErrorOf(plain.name))(plain.message)
      : new AggregateError(plain.errors.map(causeFromPlain), plain.message);
  if (made.name !== plain.name) define(made, 'name', plain.name);
  if (plain.code !== undefined) Object.assign(made, { code: plain.code });
  if (plain.field !== undefined) Object.assign(made, { field: plain.field });
  return made;
}

function standardErrorOf(name: string): new (message: string) => Error {
  return Object.hasOwn(standardErrors, name) ? standardErrors[name]! : Error;
}

/** Inside another error, a thrown value that is no Error stands for itself. */
function causeFromPlain(plain: PlainError): unknown {
  return plain.thrown ? plain.value : fromPlain(plain);
}

/** As the engine defines an error's own properties: not enumerable. */
function define(error: Error, key: 'stack' | 'cause' | 'name', value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}
