/**
 * Does an actor's history come out the same when its turns are run again? The answer is for people: it finds logic
 * that depends on more than state and message (the clock, chance, a module's variables), and changes of behaviour
 * between two versions of the code. Nothing in the kernel relies on it (G9).
 */
import { isDeepStrictEqual } from 'node:util';
import type { ActorDefinition } from '../cell/define.js';
import { decodeStored, lifeIn } from '../cell/stored.js';
import { decode, encodedEqual } from '../core/codec.js';
import { parseEnvelope } from '../core/envelope.js';
import type { ActorHistory } from '../journal/history.js';
import type { HistoryEntry, HistoryTurn } from '../journal/history-entry.js';
import { Decision, EndKind } from '../journal/ops.js';
import { Replay, type TurnOutcome } from './replay.js';

/** The first turn that came out differently. */
export interface TurnDifference {
  turn: number;
  position: number;
  /** What differs, in a sentence. */
  what: string;
  /** The encoded states as recorded and as they are now; absent when not the states differ. */
  recorded?: Uint8Array;
  now?: Uint8Array;
  /** What the turn threw now. */
  error?: Error;
}

/** Turns that could not be run again, and why. */
export interface TurnsSkipped {
  why: string;
  first: number;
  last: number;
  count: number;
}

/** What came of it. */
export interface VerifyReport {
  /** Turns run again with the same outcome. */
  same: number;
  skipped: TurnsSkipped[];
  difference: TurnDifference | undefined;
}

type Turn = HistoryEntry & HistoryTurn;

/**
 * Run a history again.
 * @param to the last turn to run
 * @param parentPath where the actor's parent lives
 */
export function verifyHistory(
  history: ActorHistory,
  definition: ActorDefinition,
  parentPath: string | undefined,
  to = Number.POSITIVE_INFINITY,
): VerifyReport {
  const verifier = new Verifier(definition, new Replay(definition, history.subject, parentPath));
  for (const entry of history.entries()) {
    if (entry.turn > to || verifier.report.difference !== undefined) break;
    verifier.take(entry);
  }
  verifier.end();
  return verifier.report;
}

class Verifier {
  readonly report: VerifyReport = { same: 0, skipped: [], difference: undefined };
  private abandoned: string[] = [];

  constructor(
    private readonly definition: ActorDefinition,
    private readonly replay: Replay,
  ) {}

  take(entry: HistoryEntry): void {
    // After a failure a host restores the actor, and so do we.
    if (entry.kind === 'failed') this.replay.drop();
    else if (entry.kind === 'decided') this.takeDecision(entry);
    else if (entry.kind === 'turn') this.takeTurn(entry);
  }

  end(): void {
    this.replay.drop();
  }

  private takeDecision({ decision, message }: HistoryEntry & { kind: 'decided' }): void {
    this.replay.drop();
    if (decision === Decision.restore || message?.envelope === undefined) return;
    const { effectId } = parseEnvelope(Buffer.from(message.envelope));
    if (effectId !== undefined) this.abandoned.push(effectId);
  }

  private takeTurn(turn: Turn): void {
    const why = this.whyNot(turn);
    const { abandoned } = this;
    this.abandoned = [];
    if (why !== undefined) {
      this.skip(turn.turn, why);
      this.replay.drop();
      return;
    }
    const outcome = this.run(turn, abandoned);
    const difference = differenceOf(turn, outcome);
    if (difference === undefined) this.report.same += 1;
    else this.report.difference = { turn: turn.turn, position: turn.position, ...difference };
  }

  private run(turn: Turn, abandoned: readonly string[]): TurnOutcome {
    const { replay } = this;
    try {
      if (turn.isStart) replay.create(turn.after === undefined ? 0 : lifeIn(decodeStored(Buffer.from(turn.after))[2]));
      else if (!replay.isUp) replay.restore(turn.before as Uint8Array, abandoned);
    } catch (error) {
      return { state: undefined, end: undefined, error: error as Error };
    }
    const isStopped = turn.end?.how === EndKind.stopped;
    return replay.run({ messages: turn.messages, time: timeOf(turn), isStopped });
  }

  private whyNot(turn: Turn): string | undefined {
    const lost = turn.messages.find(({ envelope }) => envelope === undefined);
    if (lost !== undefined) return `a message of it cannot be told any more: ${lost.missing}`;
    if (!turn.isStart && turn.before === undefined && !this.replay.isUp) return 'the state before it is not kept';
    const state = turn.after ?? turn.before;
    const version = state === undefined ? this.definition.version : decodeStored(Buffer.from(state))[0];
    if (version === this.definition.version) return undefined;
    return `it was made by version ${version} of the definition, and this is version ${this.definition.version}`;
  }

  private skip(turn: number, why: string): void {
    const last = this.report.skipped.at(-1);
    if (last?.why === why) {
      last.last = turn;
      last.count += 1;
    } else this.report.skipped.push({ why, first: turn, last: turn, count: 1 });
  }
}

/** The host's clock at the turn, where it left a trace; else the commit's. */
function timeOf({ deeds, time }: Turn): number {
  for (const deed of deeds) if (deed.kind === 'sent') return parseEnvelope(Buffer.from(deed.envelope)).sentAt;
  return time;
}

function differenceOf(turn: Turn, outcome: TurnOutcome): Omit<TurnDifference, 'turn' | 'position'> | undefined {
  const { error, state, end } = outcome;
  if (error !== undefined) return { what: `it throws now: ${error.message}`, error };
  if (turn.end !== undefined || end !== undefined) return differenceOfEnds(turn, outcome);
  if (turn.after === undefined || state === undefined) {
    return turn.after === state ? undefined : { what: 'only one of the two has left a state' };
  }
  if (encodedEqual(turn.after, state)) return undefined;
  // The order of properties is in the bytes and means nothing.
  if (isDeepStrictEqual(decodeStored(Buffer.from(turn.after)), decodeStored(state))) return undefined;
  return { what: 'the state is another one', recorded: turn.after, now: state };
}

function differenceOfEnds(turn: Turn, { end }: TurnOutcome): Omit<TurnDifference, 'turn' | 'position'> | undefined {
  if (turn.end === undefined) return { what: 'it ends the actor now' };
  if (end === undefined) return { what: 'it does not end the actor any more' };
  if (turn.end.how !== end.how) return { what: 'the actor ends in another way' };
  // Errors carry stacks, which no two runs share.
  if (end.how !== EndKind.done || encodedEqual(turn.end.value, end.value)) return undefined;
  const outputs = [turn.end.value, end.value].map((value) => (value.length === 0 ? undefined : decode(value)));
  return isDeepStrictEqual(outputs[0], outputs[1]) ? undefined : { what: 'the actor ends with another output' };
}
