/**
 * How code outside of turns reaches actors: the main thread's program, and effects on a host. Operations
 * asked for in one go travel in one frame; each caller's promise settles when the frame does, or earlier
 * when the journal refuses the operation.
 *
 * What I own: frames being filled, receipts. What `questions` owns: who waits for a reply. What you own: the outbox,
 * the signals (`result`, `replied` are called with what the journal says).
 *
 * L1  Operations on one receiver leave in the order they were asked for.
 * L2  Every promise settles exactly once, also when the thread's system stops.
 * L3  A question waits for the disk once, with the turn that handles it: nobody is told that it was accepted, so it
 *     travels as if its receiver were `committed`, where that breaks no order (L1). Who asks dies with the question.
 *     Word that it was accepted need not wake this thread, which then has the disk to wait for; where there is no disk
 *     to wait for the word wakes it in time for the answer.
 */
import type { Clock } from '../core/clock.js';
import { decode } from '../core/codec.js';
import { type Envelope, EnvelopeKind } from '../core/envelope.js';
import { fromPlain, type PlainError, TroupeError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import type { AskOptions, EventObject, TellOptions } from '../core/message.js';
import { areGood, checkOptions, type OptionsSpec } from '../core/options.js';
import type { ActorRef, RefClient } from '../core/ref.js';
import { FrameWriter, type SpawnSpec, Supervises } from '../journal/ops.js';
import type { CommitLevel } from '../journal/store.js';
import { activeTraceparent } from '../observe/trace.js';
import { Direct, type DirectPort } from './direct.js';
import type { FrameFate, Outbox } from './outbox.js';
import { abortError, Asked, Questions } from './questions.js';

/** Who hears what became of an operation. */
export interface Receipt {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Not settled by the acknowledgement but by a result of its own, which may come much later. */
  late?: boolean;
}

/** A frame being filled for one level. */
interface OpenFrame {
  level: CommitLevel;
  writer: FrameWriter;
  receipts: Receipt[];
  /** So many of the receipts are of questions as in L3. */
  questions: number;
  /** It has operations without a receipt. */
  hasWrites: boolean;
}

/** A thread's turn, as callers on that thread meet it. Each answers undefined while no message is handled. */
export interface ClientTurn {
  readonly isOpen: boolean;
  tell(target: ActorRef, event: EventObject): Promise<void> | undefined;
  stop(target: ActorRef): Promise<void> | undefined;
  /** Outside of turns, this thread has sent it something through the journal. */
  sent(target: ActorRef): void;
}

/** What a spawn answers. */
export interface Spawned {
  aid: number;
  path: string;
  isNew: boolean;
}

const frameBytesMax = 1 << 17;
const done = Promise.resolve();

const tellRules: OptionsSpec<TellOptions> = { traceparent: { type: 'string' } };
/** What a time limit may be is checked where it is used. */
const askRules: OptionsSpec<AskOptions> = { ...tellRules, timeoutMs: { type: 'number' }, signal: { type: 'any' } };

/** Calls that answer by promise also refuse by promise. */
function misfitOf<T extends object>(options: T | undefined, rules: OptionsSpec<T>, where: string): unknown {
  if (options === undefined || areGood(options, rules)) return undefined;
  try {
    checkOptions<T>(options, rules, where);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** One per thread. */
export class Client implements RefClient {
  private readonly open: Record<CommitLevel, OpenFrame>;
  private readonly sent = new Map<number, Receipt[]>();
  /** Receipts whose frame is acknowledged and whose result is still to come. */
  private readonly late = new Map<number, Receipt>();
  private readonly questions: Questions;
  private idCount = 0;
  private scheduled = false;
  private inFlight = 0;
  private closed: TroupeError | undefined;
  /** The turn of this thread: what is told while a message is handled belongs to it. Hosts only. */
  turn: ClientTurn | undefined;
  /** The way to actors that are not journaled; undefined: through the journal like to all others. */
  readonly direct: Direct | undefined;

  constructor(
    private readonly session: number,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    port?: DirectPort,
  ) {
    this.questions = new Questions(clock);
    if (port !== undefined) {
      const viaJournal = (envelope: Envelope) =>
        this.operate('flushed', (writer) => writer.send({ ...envelope, receipt: true }));
      this.direct = new Direct(port, (_target, envelope) => viaJournal(envelope));
    }
    const frame = (level: CommitLevel): OpenFrame => {
      const writer = new FrameWriter();
      writer.begin(level);
      return { level, writer, receipts: [], questions: 0, hasWrites: false };
    };
    this.open = { committed: frame('committed'), flushed: frame('flushed') };
  }

  tell(target: ActorRef, event: EventObject, options: TellOptions | undefined): Promise<void> {
    const misfit = misfitOf(options, tellRules, 'tell');
    if (misfit !== undefined) return Promise.reject(misfit);
    const inTurn = this.turn?.tell(target, event);
    if (inTurn !== undefined) return inTurn;
    return this.post(target, event, options);
  }

  ask(target: ActorRef, event: EventObject, options: AskOptions | undefined): Promise<unknown> {
    if (this.turn?.isOpen) return Promise.reject(insideTurn('ask', target.path));
    const misfit = misfitOf(options, askRules, 'ask');
    if (misfit !== undefined) return Promise.reject(misfit);
    const timeoutMs = options?.timeoutMs ?? limits.askTimeoutMsDefault;
    if (!(timeoutMs > 0) || timeoutMs > limits.askTimeoutMsMax) {
      const message = `timeoutMs must be above 0 and at most ${limits.askTimeoutMsMax}, not ${timeoutMs}`;
      return Promise.reject(new TroupeError('OPTION_RANGE', message, { field: 'timeoutMs', value: timeoutMs }));
    }
    const { signal } = options ?? {};
    if (signal?.aborted) return Promise.reject(abortError(target.path, signal));
    return new Promise((resolve, reject) => {
      const question = this.questions.begin(new Asked(target.path, event?.type, timeoutMs, signal, resolve, reject));
      try {
        const envelope = this.envelope(target, event, options);
        envelope.replyTo = { session: this.session, askId: question.askId };
        envelope.deadline = question.deadline;
        if (this.isDirect(target))
          this.direct.sendValue(target, envelope, event, event.type)?.catch((error) => question.reject(error));
        else this.sendQuestion(target, envelope, event, question);
      } catch (error) {
        question.reject(error);
      }
    });
  }

  stop(target: ActorRef): Promise<void> {
    const inTurn = this.turn?.stop(target);
    if (inTurn !== undefined) return inTurn;
    return this.operate('flushed', (writer) => writer.stop(target.aid, target.path, true), true) as Promise<void>;
  }

  /** Start an actor, or find it. */
  spawn(spec: SpawnSpec): Promise<Spawned> {
    // A supervisor is waited for until its children are up.
    const isLate = (spec.supervision?.supervises ?? Supervises.no) !== Supervises.no;
    return this.operate('flushed', (writer) => writer.spawn(spec), isLate) as Promise<Spawned>;
  }

  /** Operations of the kernel's own that nobody waits for. */
  write(level: CommitLevel, fill: (writer: FrameWriter) => void): void {
    this.letQuestionsGo(level);
    const frame = this.open[level];
    fill(frame.writer);
    frame.hasWrites = true;
    this.schedule(frame);
  }

  /** Replies that came after their question was given up. */
  get lateReplies(): number {
    return this.questions.lateReplies;
  }

  /** An envelope from outside, or from an effect. @throws TroupeError EVENT_SHAPE */
  private envelope(target: ActorRef, event: EventObject, options: TellOptions | undefined): Omit<Envelope, 'payload'> {
    checkEvent(event, target.path);
    this.idCount += 1;
    return {
      kind: EnvelopeKind.event,
      to: target.aid,
      toPath: target.aid === 0 ? target.path : undefined,
      from: 0,
      id: this.session * 2 ** 32 + this.idCount,
      sentAt: this.clock.now(),
      causationId: 0,
      correlationId: 0,
      receipt: true,
      replyTo: undefined,
      deadline: undefined,
      traceparent: options?.traceparent ?? activeTraceparent(),
    };
  }

  /** The journal's word on one operation, ahead of the frame's acknowledgement. */
  result(frameNo: number, index: number, ok: boolean, value: Buffer): void {
    const key = frameNo * 2 ** 20 + index;
    const receipt = this.sent.get(frameNo)?.[index] ?? this.late.get(key);
    if (receipt === undefined) return;
    this.late.delete(key);
    receipt.late = false;
    if (ok) receipt.resolve(decode(value));
    else receipt.reject(fromPlain(decode(value) as PlainError));
  }

  /** A reply has come. */
  replied(askId: number, ok: boolean, value: Buffer): void {
    this.questions.replied(askId, ok, value);
  }

  /** Send what has been gathered. */
  flush(): void {
    this.scheduled = false;
    this.direct?.flush();
    for (const frame of [this.open.flushed, this.open.committed]) this.flushFrame(frame);
  }

  /** The journal has started anew: whoever waits for an actor's end is not in its books any more. */
  abandonLate(error: Error): void {
    for (const receipt of this.late.values()) receipt.reject(error);
    this.late.clear();
  }

  /** From now on nothing new is taken; what is under way goes on. */
  refuse(error: TroupeError): void {
    this.closed ??= error;
  }

  /** No more: everything that waits is refused with `error`. */
  close(error: TroupeError): void {
    this.closed = error;
    for (const receipts of this.sent.values()) for (const receipt of receipts) receipt.reject(error);
    this.abandonLate(error);
    this.sent.clear();
    for (const frame of [this.open.flushed, this.open.committed]) {
      for (const receipt of frame.receipts) receipt.reject(error);
    }
    this.questions.close(error);
  }

  /** Operations asked for and not settled. */
  get pending(): number {
    return this.inFlight;
  }

  private post(target: ActorRef, event: EventObject, options: TellOptions | undefined): Promise<void> {
    try {
      const envelope = this.envelope(target, event, options);
      if (this.isDirect(target)) return this.direct.sendValue(target, envelope, event, event.type) ?? done;
      return new Promise((resolve, reject) =>
        this.send(target, envelope, event, { resolve: resolve as Receipt['resolve'], reject }),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Is there a way to it that does not lead through the journal? @throws TroupeError what the client is closed for */
  private isDirect(target: ActorRef): this is { direct: Direct } {
    if (target.durability !== 'none' || this.direct === undefined) return false;
    if (this.closed) throw this.closed;
    return true;
  }

  private send(target: ActorRef, envelope: Omit<Envelope, 'payload'>, event: EventObject, receipt: Receipt): void {
    const frame = this.frameOf(target.durability === 'committed' ? 'committed' : 'flushed');
    frame.writer.sendValue(envelope, event, event.type);
    this.turn?.sent(target);
    this.added(frame, receipt);
  }

  /** L3 */
  private sendQuestion(
    target: ActorRef,
    envelope: Omit<Envelope, 'payload'>,
    event: EventObject,
    question: Receipt,
  ): void {
    const isFlushed = target.durability !== 'committed';
    // What waits there may be for the same receiver.
    const frame = this.frameOf(isFlushed && !this.open.flushed.writer.isEmpty ? 'flushed' : 'committed');
    frame.writer.sendValue(envelope, event, event.type);
    this.turn?.sent(target);
    if (isFlushed && frame.level === 'committed') frame.questions += 1;
    this.added(frame, question);
  }

  private operate(level: CommitLevel, fill: (writer: FrameWriter) => void, late = false): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const frame = this.frameOf(level);
      fill(frame.writer);
      this.added(frame, { resolve, reject, late });
    });
  }

  /** The frame the next operation goes into. @throws TroupeError what the client is closed for; SYSTEM_BUSY */
  private frameOf(level: CommitLevel): OpenFrame {
    if (this.closed) throw this.closed;
    this.letQuestionsGo(level);
    if (this.inFlight < limits.clientInFlightMax) return this.open[level];
    const message = `${this.inFlight} operations of this thread wait for their commit; await some before more`;
    throw new TroupeError('SYSTEM_BUSY', message);
  }

  /** L1, L3: what is asked for now may be for whom a question is gathered that leaves in another frame. */
  private letQuestionsGo(level: CommitLevel): void {
    if (level === 'flushed' && this.open.committed.questions > 0) this.flushFrame(this.open.committed);
  }

  private added(frame: OpenFrame, receipt: Receipt): void {
    this.inFlight += 1;
    frame.receipts.push(receipt);
    this.schedule(frame);
  }

  private schedule(frame: OpenFrame): void {
    // All of them: what was asked for first leaves first, whoever it is for.
    if (frame.writer.out.length > frameBytesMax) this.flush();
    else if (!this.scheduled) {
      this.scheduled = true;
      queueMicrotask(() => this.flush());
    }
  }

  private flushFrame(frame: OpenFrame): void {
    if (frame.writer.isEmpty) return;
    const { receipts, questions, hasWrites } = frame;
    frame.receipts = [];
    frame.questions = 0;
    frame.hasWrites = false;
    const settle = (each: (receipt: Receipt, index: number) => void) => {
      this.inFlight -= receipts.length;
      this.sent.delete(frameNo);
      receipts.forEach(each);
    };
    const fate: FrameFate = {
      acked: () =>
        settle((receipt, index) => {
          if (receipt.late) this.late.set(frameNo * 2 ** 20 + index, receipt);
          else receipt.resolve(undefined);
        }),
      failed: (error) => settle((receipt) => receipt.reject(error)),
    };
    const isQuiet = questions > 0 && questions === receipts.length && !hasWrites;
    const frameNo: number = this.outbox.send(frame.writer, fate, isQuiet);
    if (receipts.length > 0) this.sent.set(frameNo, receipts);
    frame.writer.begin(frame.level);
  }
}

/** An event must be an object with a string `type`. */
export function checkEvent(event: unknown, path: string): asserts event is EventObject {
  const type = (event as EventObject | undefined | null)?.type;
  if (typeof event !== 'object' || typeof type !== 'string' || type === '') {
    throw new TroupeError('EVENT_SHAPE', `a message to ${path} must be an object with a string \`type\``, {
      field: 'type',
      value: type,
    });
  }
  if (type.startsWith('xstate.') || type.startsWith('troupe.')) {
    throw new TroupeError('EVENT_SHAPE', `${type}: types that begin with xstate. or troupe. are reserved`, {
      field: 'type',
      value: type,
    });
  }
}

function insideTurn(what: string, path: string): TroupeError {
  const message = `${what} ${path} while a message is handled: the answer could only come after it; invoke a promise`;
  return new TroupeError('INSIDE_TURN', message);
}
