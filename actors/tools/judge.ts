/**
 * What a tool bus decides: a pure function from what it knows and hears to what it knows then and what is to be done.
 * The machine (tool-bus.ts) does it within the turn; what is heard of the work comes back as another word.
 *
 * B1  Every call that was let in is answered exactly once, by `finish`, and is then open no more. Whoever asks again
 *     under the same `callId` joins it, or gets the answer that was kept.
 * B2  At most one piece of work of a call is under way; a word of another one is not heard.
 * B3  A grant counts when a call comes, and again before each attempt.
 * B4  An approval is answered once, by one of the call's approvers, and never by whoever calls.
 * B5  Before an attempt begins, in this order: the grant, the cache, the rate.
 */
import type { ActorRef, ReplyTo } from '../../src/index.js';
import { backoffMs, scattered } from '../../supervisors/backoff.js';
import { type BusBooks, type BusDeed, type BusRules, type CallPhase, emptyBooks, type OpenCall } from './books.js';
import type { ToolAnswered, ToolCallFields, ToolMetrics } from './bus-events.js';
import type { Checked, WorkInput, WorkReport } from './effects.js';
import { counted, remembered, timed } from './ledger.js';
import { failed, isWorthRetrying, type ToolError, type ToolOutcome } from './outcome.js';
import { hasProcessors, isSeenAfter } from './processor.js';
import { lineWith, packed, unpacked, waitingAs } from './waiting-line.js';
import { depthOf, permissionOf, whyForbidden, whyNotDecided, whyNotLetIn } from './permission.js';
import { leaveTurns, takeTurn, withoutFullBuckets } from './rate.js';
import { cacheKeyOf, foundInCache, withResult } from './result-cache.js';
import type { ToolCallInfo } from './tool.js';

/** What a bus hears of its calls. Grants are heard in grant-office.ts. */
export type BusWord =
  | {
      type: 'call';
      call: ToolCallFields;
      asker: ReplyTo | undefined;
      /** The encoded arguments: how many bytes, and a number that stands for them. */
      argsBytes: number;
      print: number;
    }
  | { type: 'cancel'; from: string; callId: string; asker: ReplyTo | undefined }
  | { type: 'decide'; by: string; id: string; approved: boolean; why: string; asker: ReplyTo | undefined }
  /** Work has ended: `call-17.2` is its second attempt; `.check`, `.settle`, `.after`; `~1`: begun once more. */
  | { type: 'worked'; workId: string; report: WorkReport }
  /** Work was found begun, on a thread that is gone. */
  | { type: 'interrupted'; workId: string; input: Omit<WorkInput, 'thread'> }
  | { type: 'ended'; path: string; how: 'done' | 'failed' | 'stopped'; output: unknown; error: ToolError | undefined }
  | { type: 'late'; id: string; phase: CallPhase; attempt: number };

/** Where the bus is, and what time it is. */
export interface BusPlace {
  /** Its path. */
  self: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** A judgement: what is known from now on, and what is to be done. */
export interface Judged {
  books: BusBooks;
  deeds: BusDeed[];
}

/** Judge a word. */
export function judge(books: BusBooks, word: BusWord, rules: BusRules, place: BusPlace): Judged {
  // What an earlier version has kept may lack some.
  const known = { ...emptyBooks, ...books };
  const desk = new Desk(known.life === 0 ? { ...known, life: place.now } : known, rules, place);
  switch (word.type) {
    case 'call':
      desk.takeCall(word);
      break;
    case 'cancel':
      desk.cancel(word);
      break;
    case 'decide':
      desk.decide(word);
      break;
    case 'worked':
      desk.heardOfWork(word);
      break;
    case 'interrupted':
      desk.heardOfInterruption(word);
      break;
    case 'ended':
      desk.heardOfEnd(word);
      break;
    case 'late':
      desk.heardOfTime(word);
      break;
  }
  desk.beginQueued();
  return { books: withoutFullBuckets(desk.books, rules, place.now), deeds: desk.deeds };
}

/** How many decisions about approvals are remembered. */
const decidedMax = 64;
/** Askers and refs a call keeps: only those of the last lives of a caller can still hear. */
const listenersMax = 4;

/** The name of a phase's work. */
function workIdOf({ id, phase, attempt, interruptions }: OpenCall): string {
  const steps: Partial<Record<CallPhase, string>> = { running: `${attempt}`, settling: 'settle', finishing: 'after' };
  const step = steps[phase] ?? 'check';
  return interruptions === 0 ? `${id}.${step}` : `${id}.${step}~${interruptions}`;
}

/** Is a piece of work under way for it, a local child of the bus? */
function isAtWork({ phase, actor }: OpenCall): boolean {
  return ['checking', 'settling', 'finishing'].includes(phase) || (phase === 'running' && actor === undefined);
}

/** One judgement under way. */
class Desk {
  readonly deeds: BusDeed[] = [];

  constructor(
    public books: BusBooks,
    private readonly rules: BusRules,
    private readonly place: BusPlace,
  ) {}

  takeCall({ call, asker, argsBytes, print }: Extract<BusWord, { type: 'call' }>): void {
    const { from, tool, callId, answerTo } = call;
    const known = callId === undefined ? undefined : this.findOpen(from, callId, true);
    if (known !== undefined) {
      this.join(known, asker, answerTo);
      return;
    }
    const kept = this.books.kept.find((each) => each.from === from && each.callId === callId);
    if (kept !== undefined) {
      this.answer(kept.outcome, kept, asker === undefined ? [] : [asker], answerTo === undefined ? [] : [answerTo]);
      return;
    }
    const refusal = whyNotLetIn(this.books, call, argsBytes, this.rules);
    if (refusal !== undefined) {
      if (this.rules.tools.has(tool)) this.count(tool, refusal.code === 'TOOL_ARGS' ? 'failures' : 'denied');
      else this.books = { ...this.books, unknown: this.books.unknown + 1 };
      const names = { tool, callId: callId ?? '' };
      const outcome = { ok: false, error: refusal } as const;
      this.answer(outcome, names, asker === undefined ? [] : [asker], answerTo === undefined ? [] : [answerTo]);
      return;
    }
    this.letIn(call, asker, print);
  }

  private letIn(fields: ToolCallFields, asker: ReplyTo | undefined, print: number): void {
    const { from, tool, args, callId, answerTo, progressTo } = fields;
    const id = `call-${this.books.next}`;
    this.books = { ...this.books, next: this.books.next + 1 };
    this.count(tool, 'calls');
    const call: OpenCall = {
      id,
      from,
      callId: callId ?? id,
      isNamed: callId !== undefined,
      tool,
      args,
      print,
      depth: depthOf(this.books, fields, this.rules),
      phase: 'queued',
      isCleared: false,
      attempt: 0,
      interruptions: 0,
      since: this.place.now,
      asked: asker === undefined ? [] : [asker],
      answerTo: answerTo === undefined ? [] : [answerTo],
      progressTo,
    };
    const isActor = this.rules.tools.get(tool)?.work.kind === 'actor';
    const asks = permissionOf(this.books, from, tool, this.rules).approval === 'ask';
    const isChecked = asks || isActor || hasProcessors(this.rules.processors, tool, 'before');
    this.enqueue({ ...call, isCleared: !isChecked });
  }

  /** It is let in, or goes on: now, or when there is room and nobody is before it. */
  private enqueue(call: OpenCall): void {
    const queued: OpenCall = { ...call, phase: 'queued', since: this.place.now };
    const isActor = this.rules.tools.get(call.tool)?.work.kind === 'actor';
    // What an actor does takes no room, so it waits for none.
    if ((call.isCleared && isActor) || (this.books.line.length === 0 && this.room() > 0)) {
      this.proceed(queued);
      return;
    }
    if (call.isCleared && this.isAnswered(queued)) return;
    const { [call.id]: _elsewhere, ...open } = this.books.open;
    this.books = { ...this.books, open, line: [...this.books.line, packed(queued)] };
  }

  /** Those that waited for room, in the order they came. */
  beginQueued(): void {
    for (let room = this.room(); room > 0 && this.books.line.length > 0; room = this.room()) {
      const [first = '', ...line] = this.books.line;
      this.books = { ...this.books, line };
      this.proceed(unpacked(first));
    }
  }

  /** How many more may work. */
  private room(): number {
    return this.rules.workingMax - Object.values(this.books.open).filter(isAtWork).length;
  }

  private proceed(call: OpenCall): void {
    if (call.isCleared) this.attempt(call);
    else this.begin({ ...call, phase: 'checking', since: this.place.now }, 'check', call.args);
  }

  private join(call: OpenCall, asker: ReplyTo | undefined, answerTo: ActorRef | undefined): void {
    const asked = asker === undefined ? call.asked : [...call.asked, asker].slice(-listenersMax);
    const isNew = answerTo !== undefined && !call.answerTo.some(({ path }) => path === answerTo.path);
    this.keep({ ...call, asked, answerTo: isNew ? [...call.answerTo, answerTo].slice(-listenersMax) : call.answerTo });
  }

  /** Did the cache answer it? Then nothing of it is left to be done. */
  private isAnswered(call: OpenCall): boolean {
    const hit = call.attempt === 0 ? foundInCache(this.books, call, this.rules, this.place.now) : undefined;
    if (hit === undefined) return false;
    this.books = hit.books;
    const { value, at, bytes } = hit.found;
    this.finish(call, { ok: true, value, cachedAt: at }, 'cached', bytes);
    return true;
  }

  /** Is it its turn, by the tool's rate? If not it waits for it, or is refused. */
  private isItsTurn(call: OpenCall): boolean {
    const rate = this.rules.tools.get(call.tool)?.rate;
    if (rate === undefined) return true;
    // Somebody has answered for it, and is not to be asked again for the same: it waits as long as it takes.
    const own = call.isApproved === true ? { ...rate, waitMs: Number.POSITIVE_INFINITY } : rate;
    const { books, turn } = takeTurn(this.books, call, own, this.place.now);
    this.books = books;
    if (turn.say === 'go') return true;
    if (turn.say === 'refuse') {
      const message = `${call.tool} is called as often as it may be; try again in ${turn.ms} ms`;
      this.finish(call, failed('TOOL_RATE_LIMITED', message, { retryAfterMs: turn.ms }), 'limited');
      return false;
    }
    this.count(call.tool, 'delayed');
    const pausing: OpenCall = { ...call, phase: 'pausing', actor: undefined, since: this.place.now };
    this.keep(pausing);
    this.limit(pausing, turn.ms);
    return false;
  }

  /** B5: the next attempt. */
  private attempt(call: OpenCall): void {
    const forbidden = whyForbidden(this.books, call.from, call.tool, this.rules);
    if (forbidden !== undefined) {
      this.finish(call, { ok: false, error: forbidden });
      return;
    }
    if (this.isAnswered(call) || !this.isItsTurn(call)) return;
    const attempt = call.attempt + 1;
    if (attempt > 1) this.count(call.tool, 'retries');
    const next: OpenCall = { ...call, phase: 'running', attempt, since: this.place.now };
    if (this.rules.tools.get(call.tool)?.work.kind !== 'actor') {
      this.begin(next, 'run', call.args);
      return;
    }
    // Not the name of an actor of an earlier bus at this path, which may still be there.
    const id = `${call.id}-${this.books.life.toString(36)}.${attempt}`;
    this.keep({ ...next, actor: `${this.place.self}/${id}` });
    this.deeds.push({ do: 'spawn', id, tool: call.tool, input: call.checked });
    this.limit(next);
  }

  /** Work begins, and with it its time. */
  private begin(given: OpenCall, what: WorkInput['what'], value: unknown): void {
    const call: OpenCall = { ...given, interruptions: 0 };
    // Of the grant that counts now: its data is what the tool gets.
    const isOver = what === 'settle' || what === 'after';
    const cacheKey = isOver ? given.cacheKey : cacheKeyOf(this.books, given, this.rules);
    if (cacheKey !== given.cacheKey) call.cacheKey = cacheKey;
    const { tool, progressTo } = call;
    this.keep(call);
    const input: Omit<WorkInput, 'thread'> = { what, tool, value, info: this.infoOf(call) };
    if (what === 'run' && progressTo !== undefined) input.progressTo = progressTo;
    if (this.rules.processors.length > 0) {
      input.at = this.place.now;
      if (isOver) input.args = call.args;
    }
    this.deeds.push({ do: 'work', id: workIdOf(call), input });
    this.limit(call);
  }

  private infoOf({ id, callId, from, tool, depth, attempt }: OpenCall): ToolCallInfo {
    const effectId = `${this.place.self}#${id}-${this.books.life.toString(36)}`;
    return {
      effectId,
      callId,
      from,
      depth,
      attempt: Math.max(1, attempt),
      grant: permissionOf(this.books, from, tool, this.rules).data,
    };
  }

  private limit(call: OpenCall, ms = this.rules.tools.get(call.tool)?.timeoutMs ?? 0): void {
    const { id, phase, attempt } = call;
    this.deeds.push({ do: 'wait', id, ms, event: { type: 'troupe.tools.late', id, phase, attempt } });
  }

  heardOfWork({ workId, report }: Extract<BusWord, { type: 'worked' }>): void {
    const call = this.callOfWork(workId);
    if (call === undefined) return;
    this.deeds.push({ do: 'forgetWait', id: call.id });
    if (call.phase === 'finishing') {
      const { bytes, ...outcome } = report;
      this.finish(call, outcome, undefined, bytes);
    } else if (call.phase === 'checking' && report.ok) this.checked(call, (report.value ?? {}) as Checked);
    else this.conclude(call, report);
  }

  /** B2: the call that this work is for, if it is the work that is under way. */
  private callOfWork(workId: string): OpenCall | undefined {
    const call = this.books.open[workId.slice(0, workId.lastIndexOf('.'))];
    return call !== undefined && isAtWork(call) && workIdOf(call) === workId ? call : undefined;
  }

  /** Its thread died, of it or of something else. It begins anew, so often; its time goes on. */
  heardOfInterruption({ workId, input }: Extract<BusWord, { type: 'interrupted' }>): void {
    const call = this.callOfWork(workId);
    if (call === undefined) return;
    const interruptions = call.interruptions + 1;
    if (interruptions > this.rules.interruptionsMax) {
      const message = `the thread of ${call.tool} died ${interruptions} times while it worked`;
      this.clock(call);
      const cause = { name: 'TroupeError', code: 'THREAD_LOST', message };
      this.finish(call, failed('TOOL_FAILED', `${call.tool} failed: ${message}`, { cause }), 'failures');
      return;
    }
    const again: OpenCall = { ...call, interruptions };
    this.keep(again);
    this.deeds.push({ do: 'work', id: workIdOf(again), input });
  }

  /** The arguments are good: somebody may be asked, an actor started. */
  private checked(given: OpenCall, { input, args, isChanged }: Checked): void {
    const call: OpenCall = { ...given, checked: input };
    if (isChanged) call.args = args;
    if (permissionOf(this.books, call.from, call.tool, this.rules).approval !== 'ask') {
      this.enqueue({ ...call, isCleared: true });
      return;
    }
    const waiting: OpenCall = { ...call, phase: 'waiting', since: this.place.now };
    this.keep(waiting);
    if (this.rules.approvalTimeoutMs !== undefined) this.limit(waiting, this.rules.approvalTimeoutMs);
  }

  heardOfEnd({ path, how, output, error }: Extract<BusWord, { type: 'ended' }>): void {
    const call = Object.values(this.books.open).find((each) => each.actor === path && each.phase === 'running');
    if (call === undefined) return;
    if (how === 'done') {
      this.clock(call);
      this.begin({ ...call, phase: 'settling', actor: undefined, since: this.place.now }, 'settle', output);
      return;
    }
    this.deeds.push({ do: 'forgetWait', id: call.id });
    const stopped = failed('TOOL_FAILED', `${call.tool} failed: its actor ${path} was stopped`).error;
    this.conclude(call, { ok: false, error: error ?? stopped });
  }

  heardOfTime({ id, phase, attempt }: Extract<BusWord, { type: 'late' }>): void {
    const call = this.books.open[id];
    if (call === undefined || call.phase !== phase || call.attempt !== attempt) return;
    if (phase === 'pausing') {
      this.enqueue(call);
      return;
    }
    if (phase === 'waiting') {
      const message = `nobody answered for ${id} within ${this.rules.approvalTimeoutMs} ms`;
      this.finish(call, failed('TOOL_DENIED', message), 'denied');
      return;
    }
    this.stopWork(call);
    if (phase === 'finishing') {
      const message = `the processors of ${call.tool} took too long over what it came to`;
      this.finish(call, failed('TOOL_PROCESSOR', message), 'failures');
      return;
    }
    this.count(call.tool, 'timeouts');
    const { timeoutMs } = this.rules.tools.get(call.tool) ?? { timeoutMs: 0 };
    this.conclude(call, failed('TOOL_TIMEOUT', `${call.tool} took longer than ${timeoutMs} ms and was stopped`));
  }

  /** An attempt is over: the last word, or a pause before another one. */
  private conclude(call: OpenCall, outcome: ToolOutcome & Partial<Pick<WorkReport, 'bytes' | 'isProcessed'>>): void {
    this.clock(call);
    const { retry } = this.rules.tools.get(call.tool) ?? { retry: undefined };
    const { bytes = 0, isProcessed = false, ...plain } = outcome;
    const isLast = retry === undefined || call.attempt === 0 || call.attempt >= retry.attempts;
    if (plain.ok) this.books = withResult(this.books, call, plain.value, bytes, this.rules, this.place.now);
    if (plain.ok || isLast || !isWorthRetrying(plain.error)) {
      const bad = plain.ok ? undefined : plain.error.code === 'TOOL_REFUSED' ? 'denied' : 'failures';
      this.finish(call, plain, bad, bytes, isProcessed);
      return;
    }
    const pausing: OpenCall = { ...call, phase: 'pausing', actor: undefined, since: this.place.now };
    this.keep(pausing);
    const chance = scattered(`${this.place.self} ${call.id} ${call.attempt}`);
    this.limit(pausing, backoffMs(call.attempt, retry, chance));
  }

  cancel({ from, callId, asker }: Extract<BusWord, { type: 'cancel' }>): void {
    const call = this.findOpen(from, callId);
    if (call === undefined) {
      const value = failed('TOOL_CALL_UNKNOWN', `${from} has no open call ${callId}`);
      if (asker !== undefined) this.deeds.push({ do: 'answer', to: asker, value });
      return;
    }
    this.stopWork(call);
    this.clock(call);
    this.finish(call, failed('TOOL_CANCELLED', `${call.tool} was cancelled by ${from}`), 'cancelled');
    if (asker !== undefined) this.deeds.push({ do: 'answer', to: asker, value: { ok: true } });
  }

  /** B4. */
  decide({ by, id, approved, why, asker }: Extract<BusWord, { type: 'decide' }>): void {
    const call = this.books.open[id];
    const refusal = whyNotDecided(this.books, by, id, call, this.rules);
    if (refusal !== undefined) this.deeds.push({ do: 'refuse', error: refusal });
    if (refusal !== undefined || call === undefined) return;
    if (asker !== undefined) this.deeds.push({ do: 'answer', to: asker, value: { ok: true } });
    this.books = { ...this.books, decided: [...this.books.decided, { id, by, approved }].slice(-decidedMax) };
    this.deeds.push({ do: 'forgetWait', id });
    if (approved) this.enqueue({ ...call, isCleared: true, isApproved: true });
    else
      this.finish(call, failed('TOOL_DENIED', `${by} rejected ${call.tool}${why === '' ? '' : `: ${why}`}`), 'denied');
  }

  /**
   * B1: the only way a call ends. Where processors are to see what it came to first, it ends with what they say.
   * @param isProcessed they have seen it
   */
  private finish(
    call: OpenCall,
    outcome: ToolOutcome,
    counted?: keyof ToolMetrics,
    bytes = 0,
    isProcessed = call.phase === 'finishing',
  ): void {
    // Wherever it was: one that is queued for another attempt may come from either.
    const { [call.id]: _over, ...open } = this.books.open;
    this.books = { ...this.books, open };
    if (call.phase === 'queued') this.books = { ...this.books, line: lineWith(this.books.line, call, undefined) };
    this.books = leaveTurns(this.books, call);
    if (counted !== undefined) this.count(call.tool, counted);
    if (!isProcessed && isSeenAfter(this.rules.processors, call.tool, outcome)) {
      this.begin({ ...call, phase: 'finishing', actor: undefined, since: this.place.now }, 'after', outcome);
      return;
    }
    this.deeds.push({ do: 'forgetWait', id: call.id });
    this.answer(outcome, call, call.asked, call.answerTo);
    // Who is told is told exactly once; who asks may have to ask again after a crash.
    if (!call.isNamed || call.asked.length === 0) return;
    this.books = remembered(this.books, call, outcome, bytes, this.rules);
  }

  private answer(
    outcome: ToolOutcome,
    { tool, callId }: { tool: string; callId: string },
    asked: readonly ReplyTo[],
    answerTo: readonly ActorRef[],
  ): void {
    for (const to of asked) this.deeds.push({ do: 'answer', to, value: outcome });
    const event: ToolAnswered = { type: 'toolAnswered', callId, tool, outcome };
    for (const to of answerTo) this.deeds.push({ do: 'tell', to, event });
  }

  /** What runs for the call is to end, and its time with it. */
  private stopWork(call: OpenCall): void {
    if (isAtWork(call)) this.deeds.push({ do: 'stopWork', id: workIdOf(call) });
    else if (call.actor !== undefined) this.deeds.push({ do: 'stopActor', path: call.actor });
  }

  /** The time of an attempt. */
  private clock(call: OpenCall): void {
    if (call.phase === 'running') this.books = timed(this.books, call, this.place.now);
  }

  private count(tool: string, what: keyof ToolMetrics): void {
    this.books = counted(this.books, tool, what);
  }

  private keep(call: OpenCall): void {
    if (call.phase === 'queued') this.books = { ...this.books, line: lineWith(this.books.line, call, call) };
    else this.books = { ...this.books, open: { ...this.books.open, [call.id]: call } };
  }

  private findOpen(from: string, callId: string, isNamed = false): OpenCall | undefined {
    const isIt = (each: OpenCall): boolean => each.callId === callId && each.from === from;
    const { open, line } = this.books;
    const found = [...Object.values(open).filter(isIt), ...waitingAs(line, from, callId)];
    return found.find((each) => each.isNamed || !isNamed);
  }
}
