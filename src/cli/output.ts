/**
 * Where a command's words go. Lines for people, cut to the terminal's width, or one JSON object a line for programs;
 * a command writes both and the option decides.
 *
 * What I own: the stream, the width. What commands own: what they say.
 */
import { cut, toJson } from './text.js';

/** Exit codes of every command. Documented in docs/journal.md; never change one. */
export const ExitCode = {
  ok: 0,
  /** The command did its work and found something wrong: problems, a difference, states that do not fit. */
  found: 1,
  /** The command line was not understood. */
  usage: 2,
  /** It could not be done: no journal, no such actor, history gone, an export that is refused. */
  failed: 3,
} as const;
/** One of `ExitCode`'s numbers. */
export type ExitCodeValue = (typeof ExitCode)[keyof typeof ExitCode];

/** What of a stream is used. */
export interface Sink {
  write(text: string): unknown;
  readonly columns?: number | undefined;
}

/** Columns where the output is no terminal. */
const widthDefault = 80;
const widthMin = 40;

/** See the file's header. */
export class Output {
  readonly width: number;

  /** @param isJson say it to a program */
  constructor(
    private readonly sink: Sink,
    readonly isJson: boolean,
  ) {
    this.width = Math.max(widthMin, sink.columns ?? widthDefault);
  }

  /** One line for people. */
  line(text = ''): void {
    if (!this.isJson) this.sink.write(`${cut(harmless(text), this.width)}\n`);
  }

  /** Lines for people, already as wide as they should be. */
  lines(texts: readonly string[]): void {
    for (const text of texts) this.line(text);
  }

  /** One object for programs. */
  json(value: object): void {
    if (this.isJson) this.sink.write(`${toJson(value)}\n`);
  }

  /** Text as it is, whoever reads it. */
  raw(text: string): void {
    this.sink.write(text);
  }
}

/** What is in a journal may be anybody's: a terminal must not obey it. */
function harmless(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
