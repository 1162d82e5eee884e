/**
 * Failures and exits that somebody must decide about, and what the decision does. Part of the model's fold.
 *
 * What I own: what becomes of a row between its failure, or a supervised one's exit, and the decision. Who decides:
 * the supervisor that spawned it, in a turn of its own, so that the decision commits with the budget it was paid
 * from; for everybody else the guardian.
 *
 * D1  Who must decide is told exactly once: a supervisor by a message of the same record, the guardian by a notice,
 *     which is given again when the system starts.
 * D2  A decision counts for the failure it is about and while that is open; a late one changes nothing.
 * D3  Until then nothing of the row runs, and its mail, timers and state are kept.
 */
import { decode, encode } from '../core/codec.js';
import { fromPlain, type PlainError, TroupeError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import type { Ending } from './ending.js';
import type { JournalModel } from './model.js';
import {
  Decision,
  type DecisionValue,
  EndKind,
  type FailureReport,
  openFailure,
  type SpawnSpec,
  Supervises,
} from './ops.js';
import { type ActorRow, type RowFailure, RowStatus } from './row.js';

const nothing = Buffer.alloc(0);

/** As far as the report says: a thread that died could not say how often its actor's messages may be tried. */
function mayTryAgain({ attempts, error }: RowFailure): boolean {
  const { attemptsMax, retry } = decode(error) as FailureReport;
  return retry && attempts < (attemptsMax || limits.attemptsDefault);
}

/** The error in what a row ended with; undefined: it ended without one. */
export function errorIn(value: Buffer): Error | undefined {
  if (value.length === 0) return undefined;
  const decoded = decode(value) as PlainError | FailureReport;
  return fromPlain('attemptsMax' in decoded ? decoded.error : decoded);
}

/** There is nothing to wait for before it can be said to have started. */
function isRunning(row: ActorRow): boolean {
  return row.supervises === Supervises.no ? row.started : row.isUp;
}

/** See the file's header. */
export class Deciding {
  constructor(
    private readonly books: JournalModel,
    private readonly ending: Ending,
  ) {}

  /**
   * A message of this row (0: its start) has failed once more.
   * @param isTold its supervisor knows already
   */
  charge(row: ActorRow, seq: number, report: Buffer, isTold = false): void {
    const attempts = row.failure?.seq === seq ? row.failure.attempts + 1 : 1;
    row.failure = { seq, attempts, error: Buffer.from(report) };
    row.status = RowStatus.failed;
    const { aid, path, name, supervised } = row;
    const notice = { kind: 'failed', aid, path, name, seq, attempts, report: row.failure.error } as const;
    this.books.outcomes.notice(supervised ? { ...notice, supervisor: this.books.rows.pathOf(row.parent) } : notice);
    if (supervised && !isTold) this.ending.tellSupervisor(row, 'failed', seq, attempts, row.failure.error, !row.wasUp);
  }

  /** A row is up: after its first turn, or, of a supervisor, by its own word. @param isTold its supervisor knows */
  started(row: ActorRow, isTold = false): void {
    row.wasUp = true;
    if (!row.supervised) return;
    const { asker } = row;
    row.asker = undefined;
    if (asker !== undefined) this.answer(asker, { ok: true, path: row.path });
    if (isTold) return;
    // Who stops its children all at once started them so, and waits for none.
    if (this.books.rows.get(row.parent)?.supervises === Supervises.inOrder) this.ending.tellSupervisor(row, 'started');
  }

  /** A supervised child was not started. @param reason for whoever asked for it, `error` for its supervisor */
  refused({ path, name, parent, supervision }: SpawnSpec, reason: string, error: TroupeError): void {
    if (supervision?.asker !== undefined) this.answer(supervision.asker, { ok: false, reason, error });
    const plain = encode(TroupeError.toPlain(error), 'error') as Buffer;
    this.ending.tellChild(parent, [0, path, name, 'refused', reason, plain]);
  }

  /** A supervisor wanted to stop a child it has not. */
  noChild(supervisor: number, path: string): void {
    const plain = encode(TroupeError.toPlain(new TroupeError('ACTOR_UNKNOWN', `no actor at ${path}`)), 'error');
    this.ending.tellChild(supervisor, [0, path, '', 'refused', 'not-found', plain]);
  }

  /** A row that never came up is over. */
  neverStarted({ asker, end }: ActorRow): void {
    if (asker === undefined) return;
    this.answer(asker, { ok: false, reason: 'start-failed', error: errorIn(end?.value ?? nothing) });
  }

  private answer({ session, askId }: { session: number; askId: number }, answer: object): void {
    this.books.outcomes.reply(session, askId, true, encode(answer, 'answer'));
  }

  /** Somebody stops a row whose failure is not decided yet: first that, then the stop, each heard in its turn. */
  stopWhenDecided(row: ActorRow): void {
    row.stopAsked = true;
    this.books.touch(row);
  }

  /** The definition or the state of a row cannot be used. A supervisor that waits for its start must hear of it. */
  cannotStart(row: ActorRow): void {
    this.books.outcomes.up(row);
    if (!row.supervised || row.started || row.failure === undefined) return;
    this.ending.tellSupervisor(row, 'failed', 0, row.failure.attempts, row.failure.error, !row.wasUp);
  }

  /** D2. @param about the failure's number, `openFailure`, or 0: an exit */
  decide(row: ActorRow, about: number, decision: DecisionValue): void {
    const seq = about === openFailure ? (row.failure?.seq ?? about) : about;
    if (row.status === RowStatus.held) {
      if (seq !== 0) return;
      if (decision === Decision.stop) this.ending.over(row);
      else this.revive(row, decision);
      return;
    }
    if (row.status !== RowStatus.failed && row.status !== RowStatus.quarantined) return;
    if (row.failure?.seq !== seq || (row.damage !== undefined && decision !== Decision.stop)) return;
    this.books.touch(row);
    if (decision === Decision.stop) {
      if (row.status === RowStatus.quarantined) row.end = { how: EndKind.failed, value: nothing };
      this.ending.over(row);
      return;
    }
    const wasQuarantined = row.status === RowStatus.quarantined;
    row.status = RowStatus.running;
    if (wasQuarantined) {
      this.books.outcomes.notice({ kind: 'unquarantined', aid: row.aid });
      row.failure = undefined;
    } else if (decision !== Decision.restore) this.giveUp(row, seq);
    if (decision === Decision.reset && !wasQuarantined) this.reset(row);
    const isToStop = row.stopAsked;
    row.stopAsked = false;
    if (isToStop) this.ending.ask(row);
    else this.books.outcomes.wake(row);
  }

  /** A supervisor starts a child that is there already. Returns false when the old one had to go. */
  startAgain(row: ActorRow, spec: SpawnSpec, isSame: boolean): boolean {
    if (row.status === RowStatus.held && !isSame && spec.supervision?.asker === undefined) {
      this.ending.over(row);
      return false;
    }
    const isAnew = spec.supervision?.anew === true;
    // Whoever asks by name is told that the name is taken, also while its supervisor has to decide about it.
    if (spec.supervision?.asker !== undefined) {
      this.refused(spec, 'already-started', new TroupeError('SPAWN_CONFLICT', `${row.path} lives already`));
      return true;
    }
    row.isStray = false;
    if (row.status === RowStatus.held) {
      this.revive(row, isAnew ? Decision.reset : Decision.restore);
      return true;
    }
    // Word of it went to an earlier life of the supervisor.
    if (row.status === RowStatus.failed && row.failure !== undefined) {
      this.decide(row, row.failure.seq, isAnew ? Decision.reset : Decision.restore);
    }
    if (isRunning(row)) this.started(row);
    return true;
  }

  /** It runs again, in its place: with its last committed state, or from its beginning. */
  private revive(row: ActorRow, decision: DecisionValue): void {
    // Its supervisor has been stopped meanwhile: it decided without knowing.
    if (this.books.rows.get(row.parent)?.status === RowStatus.stopping) return;
    const { end } = row;
    this.books.touch(row);
    row.status = RowStatus.running;
    row.end = undefined;
    row.killed = false;
    // It may have been stopped when a message had failed, and nobody had decided.
    if (row.failure !== undefined && (decision !== Decision.restore || !mayTryAgain(row.failure))) {
      this.giveUp(row, row.failure.seq);
    }
    // Who has reached its final state has nothing to go on with.
    if (decision === Decision.reset || end?.how === EndKind.done) this.reset(row);
    // One that ended in its first turn has left none, and begins anew as well.
    else if (row.started && row.state === undefined && !row.stateStored) this.forgetLife(row);
    row.busy = row.started;
    if (isRunning(row)) this.started(row);
    this.books.outcomes.wake(row);
  }

  /** Its host did not know that it is to stop, and has begun it anew where it failed: it stops in its new life. */
  resetToStop(row: ActorRow, seq: number, report: Buffer): void {
    row.failure = { seq, attempts: 1, error: report };
    this.giveUp(row, seq);
    this.reset(row);
    // Its time to stop went with its timers.
    this.ending.setShutdownTimer(row);
    this.books.outcomes.wake(row);
  }

  /** The initial state is the next one. */
  private reset(row: ActorRow): void {
    this.forgetLife(row);
    row.isUp = false;
    if (row.supervises === Supervises.no) return;
    this.ending.leaveBehind(row);
    this.ending.tellBegin(row);
  }

  /** What belongs to its life is gone. */
  private forgetLife(row: ActorRow): void {
    row.life += 1;
    row.started = false;
    row.state = undefined;
    row.stateStored = false;
    row.timers = undefined;
  }

  /** The failing message becomes a dead letter. Other mail may stand before one that was sent where it failed. */
  private giveUp(row: ActorRow, seq: number): void {
    const { books } = this;
    const item = seq === 0 ? undefined : (row.mail.consume(seq, books) ?? row.mail.takeOut(seq, books));
    if (item !== undefined) {
      books.waiting -= 1;
      books.abandon(row, seq);
      books.deadLetter(item, row.path, 'MESSAGE_FAILED', row.failure?.error ?? nothing);
    }
    row.failure = undefined;
  }
}
