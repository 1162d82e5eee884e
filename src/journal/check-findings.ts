/** What a check finds: problems, and what it counted on the way. Filled by the parts of the check, read by people. */
import { decode } from '../core/codec.js';
import { type Envelope, EnvelopeKind, parseEnvelope } from '../core/envelope.js';

/** One thing that is wrong. */
export interface JournalProblem {
  /** Which record: `log 17`, `row 5`, `mail 5/17`, `dead letter 9`, `path /a`, `mark`. */
  record: string;
  /** The actors it concerns, as far as they can be told. */
  actor?: string;
  /** Where in the record, in bytes, as far as it can be told. */
  offset?: number;
  /** What is wrong, in a sentence. */
  what: string;
}

/** How much of each there is. */
export interface JournalCounts {
  logRecords: number;
  logBytes: number;
  frames: number;
  messages: number;
  turns: number;
  actors: number;
  living: number;
  timers: number;
  mailChunks: number;
  waiting: number;
  deadLetters: number;
}

/** Problems kept; more are only counted. */
const problemsMax = 1_000;

/** Gathers. */
export class Findings {
  readonly problems: JournalProblem[] = [];
  problemCount = 0;
  readonly counts: JournalCounts = {
    logRecords: 0,
    logBytes: 0,
    frames: 0,
    messages: 0,
    turns: 0,
    actors: 0,
    living: 0,
    timers: 0,
    mailChunks: 0,
    waiting: 0,
    deadLetters: 0,
  };

  /** Something is wrong. */
  report(problem: JournalProblem): void {
    this.problemCount += 1;
    if (this.problems.length < problemsMax) this.problems.push(problem);
  }

  /** Take over what another check found. */
  add(other: Findings): void {
    for (const problem of other.problems) this.report(problem);
    this.problemCount += other.problemCount - other.problems.length;
    for (const name of Object.keys(this.counts) as (keyof JournalCounts)[]) this.counts[name] += other.counts[name];
  }

  /**
   * Do something that throws when the record is damaged; what it throws is reported.
   * @returns what it returned, or undefined after a throw
   */
  attempt<T>(problem: Omit<JournalProblem, 'what'>, doIt: () => T): T | undefined {
    try {
      return doIt();
    } catch (error) {
      this.report({ ...problem, what: sentenceOf(error) });
      return undefined;
    }
  }

  /** An envelope: is it whole, of a known kind, and can its payload be read? */
  envelope(bytes: Buffer, problem: Omit<JournalProblem, 'what'>): Envelope | undefined {
    return this.attempt(problem, () => {
      if (bytes.length < envelopeBytesMin || bytes.readUInt32LE(0) !== bytes.length)
        throw new Error(`an envelope of ${bytes.length} bytes has another length inside`);
      const envelope = parseEnvelope(bytes);
      if (!kinds.has(envelope.kind)) throw new Error(`an envelope has the unknown kind ${envelope.kind}`);
      for (const number of [envelope.to, envelope.from, envelope.id, envelope.sentAt]) {
        if (!Number.isFinite(number) || number < 0)
          throw new Error(`an envelope has the number ${number} in its header`);
      }
      decode(envelope.payload);
      return envelope;
    });
  }
}

const envelopeBytesMin = 40;
const kinds: ReadonlySet<number> = new Set(Object.values(EnvelopeKind));

/** What was thrown, as a sentence. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
