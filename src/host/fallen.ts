/**
 * Actors that fail beside their supervisor, on the same host: it hears of it in the same turn, and whom it resets there
 * begins anew in that turn. Failure, decision and new life are one record then, and nobody waits for a commit between
 * them.
 *
 * What I own: who has fallen in the turn under way, and whom the message being handled has given a new life. What the
 * runner owns: the record. What the journal owns: whether the actor may be here at all (`here`, in ops.ts).
 *
 * F1  A supervisor is told here only if nothing for it is under way through the journal, as with any message that
 *     goes directly, and if it has whatever the journal has told it of this child (`Cell.isKnown`): it was told here
 *     that the child has started, or a turn of the child is acknowledged, which comes after. Otherwise the journal
 *     tells it. Either way it is told once, and in order.
 * F2  Only `reset` is done here: every other decision needs the last committed state, which the journal has.
 * F3  Mail that was sent to the actor within the turn waits for its new life. Where there is other mail for it, all of
 *     it comes by the journal, in its order.
 */
import { encode } from '../core/codec.js';
import { type Envelope, EnvelopeKind } from '../core/envelope.js';
import type { Cell } from './cell.js';
import type { ChildRecord } from './failure.js';

/** One that has fallen. */
interface Fall {
  readonly cell: Cell;
  /** Of its failure, as the word of it has it. */
  readonly seq: number;
}

const nobody: Cell[] = [];

/** See the file's header. */
export class Fallen {
  /** Nobody has decided about these yet. */
  private open: Fall[] = [];
  /** These go on in another way (F2). */
  private others: Cell[] = [];
  /** What the message being handled has decided. */
  private ruled: { fall: Fall; isReset: boolean }[] = [];

  /** A message begins: what the one before has decided, if that failed, is not so. */
  begin(): void {
    this.ruled.length = 0;
  }

  /** Who can begin anew here (F3) waits for the word of its supervisor. @returns false: it cannot */
  take(cell: Cell, seq: number, turnNumber: number): boolean {
    const isWaitedFor = cell.more || cell.viaJournal > 0 || cell.viaTurn === turnNumber;
    if (isWaitedFor || cell.stopRequested || cell.mailbox?.hasNumbered) return false;
    cell.stage = 'fallen';
    this.open.push({ cell, seq });
    return true;
  }

  /** The message being handled has decided about an actor: the first decision about its failure counts. */
  rule(aid: number, seq: number, isReset: boolean): void {
    const fall = this.open.find((each) => each.cell.aid === aid && each.seq === seq);
    if (fall === undefined || this.ruled.some((each) => each.fall === fall)) return;
    this.ruled.push({ fall, isReset });
  }

  /** The message is handled. @returns whom it has given a new life */
  takeReset(): Cell[] {
    if (this.ruled.length === 0) return nobody;
    const reset: Cell[] = [];
    for (const { fall, isReset } of this.ruled) {
      this.open.splice(this.open.indexOf(fall), 1);
      (isReset ? reset : this.others).push(fall.cell);
    }
    this.ruled.length = 0;
    return reset;
  }

  /** The turn ends. @returns who has been given no new life, and is the journal's now */
  end(): Cell[] {
    this.ruled.length = 0;
    if (this.open.length === 0 && this.others.length === 0) return nobody;
    const left = [...this.open.map(({ cell }) => cell), ...this.others];
    this.open = [];
    this.others = [];
    return left;
  }
}

/** Word to a supervisor of its child, as the journal would write it. @param time in milliseconds since the epoch */
export function wordOf(
  { aid, self, definition }: Cell,
  supervisor: Cell,
  time: number,
  what: 'failed' | 'started',
  ...facts: unknown[]
): Envelope {
  const record: ChildRecord = [aid, self.path, definition?.name ?? '', what, ...facts];
  return {
    kind: EnvelopeKind.child,
    to: supervisor.aid,
    from: 0,
    id: 0,
    sentAt: time,
    causationId: 0,
    correlationId: 0,
    receipt: false,
    payload: encode(record, 'child') as Buffer,
  };
}
