/**
 * From log records to decisions of supervision, of all actors that are asked for. Fed with every record in order.
 *
 * What I own: the failures and exits that wait for a decision at the place in the log that is being read, and those
 * whose message is being tried again. What the caller owns: the records; rows, which say who supervises whom.
 *
 * F1  A decision is told when the model followed it: it is about the failure that is open, or about an exit. A late
 *     one, which changed nothing, is not told.
 * F2  A thread's death is charged to an actor by the model, which knows what the fold does not; a charge that was none
 *     is followed by no decision, so it is not told either.
 * F3  What supervision did without a word of the log's is told too: a supervisor that begins anew starts what is held
 *     or has failed again, and one that gives up ends although nobody decides about it.
 * F4  Memory does not grow with the log: what is open at one time, up to a limit. What was open before the first
 *     record, or beyond the limit, is told without what it was about.
 */
import { decode } from '../core/codec.js';
import { EnvelopeKind, parseEnvelope } from '../core/envelope.js';
import type { DecisionCause, DecisionEntry, Judged } from './decision-entry.js';
import type { Counters } from './model.js';
import type { GroupHeader } from './group.js';
import {
  Decision,
  type DecisionValue,
  EndKind,
  type EndKindValue,
  FailKind,
  openFailure,
  type SpawnSpec,
  Supervises,
} from './ops.js';
import { type OpsVisitor, OpsWalk } from './ops-walk.js';
import type { Standing } from './standing.js';

/** Failures and exits that are open at one time; of more the oldest are forgotten (F4). */
const openMax = 20_000;
/** Actors remembered with their paths. */
const judgedKeptMax = 10_000;

/** A failure: of a message, or (0) of the start. */
interface OpenFailure {
  seq: number;
  attempts: number;
  cause: DecisionCause;
  report: Buffer;
  time: number;
  /** Nobody has decided yet; false: the message is being tried again. */
  isUndecided: boolean;
}

interface OpenExit {
  how: EndKindValue;
  error: Uint8Array | undefined;
  time: number;
}

/** An actor that has failed, or is held. */
interface Open {
  judged: Judged;
  failure: OpenFailure | undefined;
  exit: OpenExit | undefined;
}

/** Is it over with a failure that was left undecided? What a thread's death came to is not known without a decision. */
function isLeftOver({ failure, exit }: Open): boolean {
  if (exit?.how === EndKind.failed) return true;
  return failure?.isUndecided === true && failure.cause !== 'thread' && failure.cause !== 'unrestorable';
}

/** See the file's header. */
export class DecisionFold implements OpsVisitor {
  private readonly walk = new OpsWalk(this);
  private readonly open = new Map<number, Open>();
  private readonly openByPath = new Map<string, number>();
  private readonly judged = new Map<number, Judged | undefined>();
  /** What actors gave up with that are stopping their children. */
  private readonly givenUp = new Map<number, Buffer>();
  private out: DecisionEntry[] = [];
  private first: Counters | undefined;
  private hasForgotten = false;

  /** @param accept whose decisions are asked for */
  constructor(
    private readonly standing: Pick<Standing, 'row' | 'pathOf'>,
    private readonly accept: (judged: Judged) => boolean,
  ) {}

  /** Read a record. */
  take(record: Buffer, header: GroupHeader): void {
    this.first ??= header.before;
    this.walk.walk(record, header);
  }

  /** The entries since the last call: also of what nobody decides about, such as quarantines. */
  drain(): DecisionEntry[] {
    const { out } = this;
    if (out.length > 0) this.out = [];
    return out;
  }

  /** How many actors are remembered (F4). */
  get remembered(): number {
    return this.open.size + this.givenUp.size;
  }

  /** Failures and exits that wait for a decision now, oldest first. */
  *undecided(): Generator<DecisionEntry> {
    for (const open of this.open.values()) {
      const isOpen = open.exit !== undefined || (open.failure?.isUndecided && open.failure.cause !== 'unrestorable');
      if (isOpen) yield this.entryOf(open, undefined, '');
    }
  }

  // OpsVisitor

  fail(aid: number, seq: number, kind: number, report: Buffer): void {
    const cause = kind === FailKind.unrestorable ? 'unrestorable' : seq === 0 ? 'start' : 'message';
    const open = this.charge(aid, seq, cause, report);
    if (open !== undefined && cause === 'unrestorable') this.out.push(this.entryOf(open, undefined, ''));
  }

  hostDown(aid: number, seq: number, report: Buffer): void {
    const open = this.open.get(aid);
    // Who has failed already was at nothing when its thread died.
    if (aid === 0 || open?.exit !== undefined || open?.failure?.isUndecided) return;
    this.charge(aid, seq, 'thread', report);
  }

  decide(aid: number, seq: number, decision: DecisionValue, why: string): void {
    const open = this.open.get(aid);
    if (open === undefined) {
      const judged = this.couldBeBefore(aid, seq) ? this.judgedOf(aid) : undefined;
      if (judged !== undefined) this.out.push({ ...judged, ...this.now(), cause: undefined, seq, decision, why });
    } else if (
      open.exit !== undefined ||
      (open.failure?.isUndecided && (seq === openFailure || open.failure.seq === seq))
    ) {
      this.decided(open, decision, why);
    }
  }

  /** F3 */
  spawn(spec: SpawnSpec): void {
    const aid = this.openByPath.get(spec.path);
    const open = aid === undefined ? undefined : this.open.get(aid);
    if (aid === undefined || open === undefined) return;
    const { exit, failure, judged } = open;
    if (failure?.cause === 'unrestorable' && exit === undefined) this.forget(aid);
    else if (judged.parent !== undefined && (exit !== undefined || failure?.isUndecided)) {
      const row = this.standing.row(aid);
      const isSame = row === undefined || (row.name === spec.name && row.input.equals(spec.input));
      if (!isSame && exit !== undefined) this.decided(open, Decision.stop, 'another one is started in its place');
      else {
        const decision = spec.supervision?.anew ? Decision.reset : Decision.restore;
        this.decided(open, decision, 'started again by its supervisor');
      }
    }
  }

  /**
   * The supervisor's word knows how often it was: the model charges nothing to who is stopping. And that one was
   * killed, which no host could say.
   */
  told(_aid: number, _seq: number, envelope: Buffer): void {
    if (envelope.length === 0 || this.open.size === 0) return;
    const { kind, payload } = parseEnvelope(envelope);
    if (kind !== EnvelopeKind.child) return;
    const [aid, , , what, first, second] = decode(payload) as [number, string, string, string, number?, unknown?];
    const open = this.open.get(aid);
    if (what === 'failed' && open?.failure !== undefined && typeof second === 'number') open.failure.attempts = second;
    const isKill = what === 'exited' && first === EndKind.stopped && second instanceof Uint8Array && second.length > 0;
    if (isKill && open?.exit !== undefined) open.exit.error = Buffer.from(second);
  }

  ended(aid: number, how: EndKindValue, value: Buffer): void {
    if (how === EndKind.failed && this.judgedOf(aid) !== undefined) this.givenUp.set(aid, Buffer.from(value));
  }

  held(aid: number, how: EndKindValue): void {
    const error = this.givenUp.get(aid);
    this.givenUp.delete(aid);
    const judged = this.judgedOf(aid);
    if (judged === undefined) return;
    const exit = { how, error, time: this.walk.place.time };
    this.remember({ judged, failure: this.open.get(aid)?.failure, exit });
  }

  over(aid: number, how: EndKindValue): void {
    const error = this.givenUp.get(aid);
    this.givenUp.delete(aid);
    const open = this.open.get(aid);
    if (open !== undefined && isLeftOver(open)) {
      this.out.push(this.entryOf(open, undefined, 'it ended before anybody had decided'));
    }
    this.forget(aid);
    if (error === undefined) return;
    const judged = this.judgedOf(aid);
    const row = this.standing.row(aid);
    if (judged === undefined || row === undefined || row.supervised || row.supervises === Supervises.no) return;
    const exit = { how, error, time: this.walk.place.time };
    const why = 'nobody supervises this supervisor';
    this.out.push(this.entryOf({ judged, failure: undefined, exit }, Decision.stop, why));
  }

  // What shows that an actor goes on.

  consume(aid: number): void {
    if (this.open.size > 0) this.forget(aid);
  }

  state(aid: number): void {
    const open = this.open.get(aid);
    if (open?.exit === undefined && open?.failure?.seq === 0) this.forget(aid);
  }

  private charge(aid: number, seq: number, cause: DecisionCause, report: Buffer): Open | undefined {
    const judged = this.judgedOf(aid);
    if (judged === undefined) return undefined;
    const before = this.open.get(aid)?.failure;
    const attempts = before?.seq === seq ? before.attempts + 1 : 1;
    const { time } = this.walk.place;
    const failure = { seq, attempts, cause, report: Buffer.from(report), time, isUndecided: true };
    return this.remember({ judged, failure, exit: undefined });
  }

  /** A message that is tried again is remembered: it may fail once more. Whether it may be, the model knows. */
  private decided(open: Open, decision: DecisionValue, why: string): void {
    const { failure, judged } = open;
    this.out.push(this.entryOf(open, decision, why));
    open.exit = undefined;
    const isTriedAgain = decision === Decision.restore && failure !== undefined && failure.cause !== 'unrestorable';
    if (isTriedAgain) failure.isUndecided = false;
    else this.forget(judged.aid);
  }

  private entryOf({ judged, failure, exit }: Open, decision: DecisionValue | undefined, why: string): DecisionEntry {
    const about = { ...judged, ...this.now(), decision, why };
    if (exit !== undefined) {
      const entry: DecisionEntry = { ...about, cause: 'exit', how: exit.how, failedAt: exit.time };
      // It was stopped because it had failed: then nobody decides about that any more.
      if (failure?.isUndecided) Object.assign(entry, { seq: failure.seq, attempts: failure.attempts });
      const report = exit.error ?? (failure?.isUndecided ? failure.report : undefined);
      if (report !== undefined) entry.report = report;
      return entry;
    }
    if (failure === undefined) return { ...about, cause: undefined };
    const { cause, seq, attempts, report, time } = failure;
    return { ...about, cause, seq, attempts, report, failedAt: time };
  }

  private now(): { position: number; time: number } {
    const { position, time } = this.walk.place;
    return { position, time };
  }

  private remember(open: Open): Open {
    const { aid, path } = open.judged;
    this.open.delete(aid);
    this.open.set(aid, open);
    this.openByPath.set(path, aid);
    if (this.open.size <= openMax) return open;
    for (const oldest of this.open.keys()) {
      this.forget(oldest);
      this.hasForgotten = true;
      break;
    }
    return open;
  }

  private forget(aid: number): void {
    const open = this.open.get(aid);
    if (open === undefined) return;
    this.open.delete(aid);
    if (this.openByPath.get(open.judged.path) === aid) this.openByPath.delete(open.judged.path);
  }

  /** Can the failure with this number be one that the log does not tell of any more, or that was forgotten? */
  private couldBeBefore(aid: number, seq: number): boolean {
    if (this.hasForgotten) return true;
    if (seq === openFailure) return false;
    const { first } = this;
    return first !== undefined && (seq === 0 ? aid <= first.aid : seq <= first.seq);
  }

  /** Who it is; undefined: nobody has asked. */
  private judgedOf(aid: number): Judged | undefined {
    if (this.judged.has(aid)) return this.judged.get(aid);
    const { standing } = this;
    const row = standing.row(aid);
    const parent = row?.supervised ? row.parent : undefined;
    const by = parent === undefined ? undefined : (standing.pathOf(parent) ?? `#${parent}`);
    const judged = { aid, path: row?.path ?? `#${aid}`, parent, by };
    const found = this.accept(judged) ? judged : undefined;
    if (this.judged.size >= judgedKeptMax) this.judged.clear();
    this.judged.set(aid, found);
    return found;
  }
}
