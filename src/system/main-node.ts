/**
 * The main thread as a node of the journal: no cells, but callers, and the guardian. It reads the signals of its
 * link and hands each to whom it concerns.
 */
import { ByteReader } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { decode } from '../core/codec.js';
import { fromPlain, type PlainError } from '../core/errors.js';
import type { LinkReader, LinkWriter } from '../core/link.js';
import { Client } from '../host/client.js';
import type { DirectPort } from '../host/direct.js';
import { Outbox } from '../host/outbox.js';
import type { Notice } from '../journal/model.js';
import { readSignals, type SignalVisitor } from '../journal/signals.js';

/** The main thread's end of the data plane. */
export class MainNode implements SignalVisitor {
  readonly outbox: Outbox;
  readonly client: Client;
  private readonly directReaders = new Map<number, LinkReader>();
  /** Set by the system before anything can arrive. */
  onNotice: (notice: Notice) => void = () => {};
  /** Set likewise: a commit has failed, or the store still takes no writes. */
  onReset: (error: Error) => void = () => {};

  constructor(
    session: number,
    private readonly reader: LinkReader,
    writer: LinkWriter,
    clock: Clock,
    direct?: DirectPort,
  ) {
    this.outbox = new Outbox(writer);
    this.client = new Client(session, this.outbox, clock, direct);
  }

  /** Take what has come and send what waits. Returns true when something came. */
  step(): boolean {
    this.client.flush();
    this.outbox.drain();
    let took = this.take(this.reader);
    for (const reader of this.directReaders.values()) if (this.take(reader)) took = true;
    this.client.flush();
    return took;
  }

  /** A host writes straight to this thread: replies of actors that are not journaled. */
  attachDirect(session: number, reader: LinkReader): void {
    this.directReaders.set(session, reader);
  }

  /** That host is gone. */
  detachDirect(session: number): void {
    const reader = this.directReaders.get(session);
    if (reader !== undefined) this.take(reader);
    this.directReaders.delete(session);
    this.client.direct?.dropLane(session);
  }

  private take(reader: LinkReader): boolean {
    let took = false;
    for (let frame = reader.read(); frame !== undefined; frame = reader.read()) {
      took = true;
      readSignals(new ByteReader(frame), this);
    }
    return took;
  }

  ack(frameNo: number): void {
    this.outbox.ack(frameNo);
  }

  result(frameNo: number, index: number, ok: boolean, value: Buffer): void {
    this.client.result(frameNo, index, ok, value);
  }

  reply(askId: number, ok: boolean, value: Buffer): void {
    this.client.replied(askId, ok, value);
  }

  notice(value: Buffer): void {
    this.onNotice(decode(value) as Notice);
  }

  reset(epoch: number, error: Buffer): void {
    const cause = fromPlain(decode(error) as PlainError);
    this.outbox.reset(epoch, cause);
    this.client.abandonLate(cause);
    this.onReset(cause);
  }

  // No cells live here, so nothing of theirs can arrive.
  deliver(): void {}
  activate(): void {}
  more(): void {}
  stopCell(): void {}
  dropCell(): void {}
}
