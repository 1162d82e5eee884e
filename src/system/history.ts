/**
 * History as people read it: the entries of `journal/history.ts` with their bytes decoded and their numbers named. The
 * granularity is the journal's: a turn is what committed together, its messages share the state after it.
 */
import type { EffectId } from '../core/ids.js';
import { viewStored } from '../cell/stored.js';
import { decode } from '../core/codec.js';
import type { AnyEvent } from '../core/message.js';
import { type Envelope, EnvelopeKind, parseEnvelope } from '../core/envelope.js';
import { fromPlain } from '../core/errors.js';
import { type ChildRecord, childEvent, endOf, terminatedEvent } from '../host/failure.js';
import type { HistoryDeed, HistoryEntry, HistoryMessage, HistoryTurn } from '../journal/history-entry.js';
import type { HistoryPage } from '../journal/history.js';
import { Decision, type EndKindValue, type FailureReport } from '../journal/ops.js';

/** A state as `system.state` shows it: a machine's value and context, a function's state as context. */
export interface StateView {
  value?: unknown;
  context?: unknown;
  /** The definition's version that wrote it. */
  version: number;
}

/** A message in history. What cannot be told any more is absent, and `missing` says why. */
export interface MessageView {
  /** Its number in the journal. */
  seq: number;
  /** `event`: somebody sent it; `effect`: an effect of the actor reported; `timer`: a timer fired; `ended`: word of a
   * watched actor's end. */
  kind?: 'event' | 'effect' | 'timer' | 'ended' | 'child';
  /** The event itself; what an effect reported, what a timer brought. */
  event?: AnyEvent;
  /** Who sent it; absent: a program, an effect, or the kernel. */
  from?: string;
  /** To whom, for messages sent. */
  to?: string;
  id?: number;
  /** The id of the message that caused it, and of the first one in that line. Absent when it was the first. */
  causationId?: number;
  correlationId?: number;
  traceparent?: string;
  effectId?: EffectId;
  sentAt?: Date;
  acceptedAt?: Date;
  /** It asked for a reply. */
  isRequest?: boolean;
  missing?: string;
}

/** What a turn did besides changing the state. `cause`: the number of the message that made it do so. */
export type DeedView = { cause?: number } & (
  | { kind: 'sent'; message: MessageView }
  | { kind: 'spawned'; path: string; definition: string }
  | { kind: 'timerSet'; timerId: string; dueAt: Date; event: AnyEvent | undefined }
  | { kind: 'timerCancelled'; timerId: string }
  | { kind: 'replied'; ok: boolean; value: unknown }
  | { kind: 'watched' | 'stopped'; path: string }
);

/** What happened to an actor, in the order of the journal. */
export type HistoryEntryView = {
  /** See `ActorHistoryView.numbering`. Turn 0 is the spawn, turn 1 the first state. */
  turn: number;
  /** The log record. */
  position: number;
  at: Date;
} & (
  | { kind: 'spawned'; parent: string | undefined; definition: string; version: number; input: unknown }
  | {
      /** A committed turn: all of this, or nothing. */
      kind: 'turn';
      /** It began with the initial transition. */
      isStart: boolean;
      messages: MessageView[];
      deeds: DeedView[];
      before: StateView | undefined;
      beforeMissing?: string;
      /** Undefined when the turn ended the actor. */
      after: StateView | undefined;
      end?: ReturnType<typeof endOf>;
    }
  | {
      /** `thread`: the thread died meanwhile; `unrestorable`: quarantine. Of the turn nothing remained. */
      kind: 'failed';
      cause: 'message' | 'thread' | 'unrestorable';
      /** Undefined: the start. */
      message: MessageView | undefined;
      attempts: number;
      error: Error;
    }
  | { kind: 'decided'; decision: keyof typeof Decision; why: string; message: MessageView | undefined }
  /** Told to stop, by an actor or (undefined) a program. */
  | { kind: 'stopping'; by: string | undefined }
  /** Supervised: its supervisor is to say what becomes of it. */
  | { kind: 'exited'; how: 'done' | 'failed' | 'stopped' }
  | { kind: 'ended'; how: 'done' | 'failed' | 'stopped' }
);

/** A stretch of an actor's history. */
export interface ActorHistoryView {
  path: string;
  definition: string;
  /**
   * `turns`: turns are counted from the spawn. `positions`: the spawn is older than the journal's retention, and the
   * position in the log stands for the turn's number.
   */
  numbering: 'turns' | 'positions';
  entries: HistoryEntryView[];
  /** The turn to ask from next; undefined: this is the end. */
  next: number | undefined;
}

/** Decode a page. */
export function viewHistory({ subject, numbering, entries, next, paths }: HistoryPage): ActorHistoryView {
  const view = new EntryViewer(new Map(paths));
  const { path, name } = subject;
  return { path, definition: name, numbering, entries: entries.map((entry) => view.entry(entry)), next };
}

/** Decode a stored state. */
export function viewState(bytes: Uint8Array): StateView {
  const stored = bufferOf(bytes);
  return { ...viewStored(stored), version: (decode(stored) as [number])[0] };
}

/** Decodes entries. */
export class EntryViewer {
  constructor(private readonly paths: { get(aid: number): string | undefined }) {}

  /** See `HistoryEntryView`. */
  entry(entry: HistoryEntry): HistoryEntryView {
    const { turn, position } = entry;
    return { turn, position, at: new Date(entry.time), ...this.happening(entry) } as HistoryEntryView;
  }

  private happening(entry: HistoryEntry): object {
    const { kind } = entry;
    switch (kind) {
      case 'spawned': {
        const input = entry.input.length === 0 ? undefined : decode(bufferOf(entry.input));
        return { kind, parent: this.pathOf(entry.parent), definition: entry.name, version: entry.version, input };
      }
      case 'turn':
        return this.turn(entry);
      case 'failed': {
        const { cause, attempts, report } = entry;
        const { error } = decode(bufferOf(report)) as FailureReport;
        return {
          kind,
          cause,
          message: entry.message && this.message(entry.message),
          attempts,
          error: fromPlain(error),
        };
      }
      case 'decided': {
        const names = Object.keys(Decision) as (keyof typeof Decision)[];
        const decision = names.find((name) => Decision[name] === entry.decision);
        return { kind, decision, why: entry.why, message: entry.message && this.message(entry.message) };
      }
      case 'stopping':
        return { kind, by: this.pathOf(entry.by) };
      case 'exited':
      case 'ended':
        return { kind, how: endOf(entry.how, nothing).how };
    }
  }

  private turn({ isStart, messages, deeds, before, beforeMissing, after, end }: HistoryTurn): object {
    const view: Record<string, unknown> = {
      kind: 'turn',
      isStart,
      messages: messages.map((message) => this.message(message)),
      deeds: deeds.map((deed) => this.deed(deed, messages)),
      before: before && viewState(before),
      after: after && viewState(after),
    };
    if (beforeMissing !== undefined) view.beforeMissing = beforeMissing;
    if (end !== undefined) view.end = endOf(end.how as EndKindValue, bufferOf(end.value));
    return view;
  }

  private message({ seq, envelope, missing, acceptedAt }: HistoryMessage): MessageView {
    if (envelope === undefined) return missing === undefined ? { seq } : { seq, missing };
    const view = this.envelope(seq, parseEnvelope(bufferOf(envelope)));
    if (acceptedAt !== undefined) view.acceptedAt = new Date(acceptedAt);
    return view;
  }

  private envelope(seq: number, envelope: Envelope): MessageView {
    return viewEnvelope(seq, envelope, (aid) => this.paths.get(aid));
  }

  private deed(deed: HistoryDeed, messages: readonly HistoryMessage[]): DeedView {
    const seq = messages[deed.message]?.seq;
    return { ...this.bareDeed(deed), ...(seq === undefined ? {} : { cause: seq }) };
  }

  private bareDeed(deed: HistoryDeed): DeedView {
    const { kind } = deed;
    switch (kind) {
      case 'sent': {
        const envelope = parseEnvelope(bufferOf(deed.envelope));
        const to = envelope.toPath ?? this.pathOf(envelope.to) ?? `#${envelope.to}`;
        return { kind, message: { ...this.envelope(deed.seq, envelope), to } };
      }
      case 'spawned':
        return { kind, path: deed.path, definition: deed.name };
      case 'timerSet': {
        const { event } = contentOf(parseEnvelope(bufferOf(deed.envelope)));
        return { kind, timerId: deed.timerId, dueAt: new Date(deed.dueAt), event };
      }
      case 'timerCancelled':
        return { kind, timerId: deed.timerId };
      case 'replied':
        return { kind, ok: deed.ok, value: decode(bufferOf(deed.value)) };
      case 'watched':
      case 'stopped':
        return { kind, path: deed.path === '' ? (this.pathOf(deed.aid) ?? `#${deed.aid}`) : deed.path };
    }
  }

  private pathOf(aid: number): string | undefined {
    return aid === 0 ? undefined : (this.paths.get(aid) ?? `#${aid}`);
  }
}

/** Decode one message. @param pathOf an actor's path by its number, as far as it is known */
export function viewEnvelope(
  seq: number,
  envelope: Envelope,
  pathOf: (aid: number) => string | undefined,
): MessageView {
  const { from, id, causationId, correlationId, traceparent, effectId, replyTo } = envelope;
  const view: MessageView = { seq, ...contentOf(envelope), id, sentAt: new Date(envelope.sentAt) };
  if (from !== 0) view.from = pathOf(from) ?? `#${from}`;
  if (causationId !== 0) Object.assign(view, { causationId, correlationId });
  if (traceparent !== undefined) view.traceparent = traceparent;
  if (effectId !== undefined) view.effectId = effectId;
  if (replyTo !== undefined) view.isRequest = true;
  return view;
}

const nothing = Buffer.alloc(0);

/** What an envelope brings, by its kind. */
function contentOf({ kind, payload, sentAt }: Envelope): Pick<MessageView, 'kind' | 'event'> {
  const value = decode(payload);
  switch (kind) {
    case EnvelopeKind.settle:
      return { kind: 'effect', event: (value as [string, string, AnyEvent])[2] };
    case EnvelopeKind.timer:
      return { kind: 'timer', event: (value as [string, number, string, unknown, AnyEvent])[4] };
    case EnvelopeKind.terminated:
      return { kind: 'ended', event: terminatedEvent(value as [string, number, Buffer]) };
    case EnvelopeKind.child:
      return { kind: 'child', event: childEvent(value as ChildRecord, sentAt) };
    default:
      return { kind: 'event', event: value as AnyEvent };
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
