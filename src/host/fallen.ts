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

/** In word of a failure, and in the decision about it: its message has no number yet, it is whichever is open. */
export const openFailure = -1;

/** See the file's header. */
export class Fallen {
  private cells: Cell[] = [];
  private granted: Cell[] = [];

  /** A message begins: what the one before was granted is done. */
  open(): void {
    this.granted.length = 0;
  }

  /** Who can begin anew here (F3) waits for the word of its supervisor. @returns false: it cannot */
  take(cell: Cell, turnNumber: number): boolean {
    const isWaitedFor = cell.more || cell.viaJournal > 0 || cell.viaTurn === turnNumber;
    if (isWaitedFor || cell.stopRequested || cell.mailbox?.hasNumbered) return false;
    cell.stage = 'fallen';
    this.cells.push(cell);
    return true;
  }

  /** The message being handled has decided that this actor begins anew (F2). */
  grant(aid: number): void {
    const cell = this.cells.find((each) => each.aid === aid && each.stage === 'fallen');
    if (cell !== undefined) this.granted.push(cell);
  }

  /** The message is handled. @returns whom it has granted a new life */
  takeGranted(): Cell[] {
    return this.granted.length === 0 ? this.granted : this.granted.splice(0);
  }

  /** The turn ends. @returns who has been given none, and is the journal's now */
  close(): Cell[] {
    if (this.cells.length === 0) return this.cells;
    const left = this.cells.filter(({ stage }) => stage === 'fallen');
    this.cells = [];
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
