/**
 * What a run does next: a pure function of where it is and what has happened. It starts nothing itself; it says what
 * is to be started, stopped and timed, and `machine.ts` has that done within the turn.
 *
 * What I own: the order of things. What the kernel owns: that what I say, and the state I leave, commit together.
 *
 * E1  Given a state, the same event leads to the same state and the same deeds, whatever the clock or chance say.
 * E2  A part that is over is never entered again, but by a loop: its frame is gone, and its result is its parent's.
 * E3  Whatever fails stops everything beside it that its parent had begun, before anything is undone.
 * E4  Compensations run one at a time, last done first, each until it succeeds or is given up; one that is given up
 *     is recorded and does not keep the others from running.
 * E5  Functions of the flow that are called here (`choose`, `until`, `items`, `reduce`, `map`, `ms`) may throw: then
 *     their node has failed, and not the run's actor.
 */
import type { PlainError } from '../../src/core/errors.js';
import { TroupeError } from '../../src/index.js';
import type { CompiledFlow } from './compiled.js';
import type { Advance, Deed, Happening } from './deeds.js';
import { checkItems, checkSleep, loopLimit, noCase } from './limits.js';
import { partIds, partsOf } from './compiled.js';
import type { FlowNode, StepNode } from './nodes.js';
import { type Retry, retryMs } from './options.js';
import {
  type Address,
  addressIn,
  type Frame,
  isWithin,
  itemOf,
  keyOf,
  type NodeCount,
  parentOf,
  type RunState,
  undoPart,
} from './run-state.js';

/** How long a timer of each kind may be thought of by its id: `kind:address`. */
type TimerKind = 'retry' | 'timeout' | 'sleep';

/**
 * The next state of a run.
 * @param flow what the run follows
 * @param before is not changed
 * @param now milliseconds since 1970
 * @param self the path of the run's actor; paths of its children begin with it
 */
export function advance(flow: CompiledFlow, before: RunState, what: Happening, now: number, self: string): Advance {
  const draft = new Draft(flow, before, now, self);
  draft.hear(what);
  return { run: draft.run, deeds: draft.deeds };
}

class Draft {
  readonly run: RunState;
  readonly deeds: Deed[] = [];
  /** Loops and long sequences of what takes no time must not grow the stack. */
  private todo: (() => void)[] = [];

  constructor(
    private readonly flow: CompiledFlow,
    before: RunState,
    private readonly now: number,
    private readonly self: string,
  ) {
    // What is changed in place below is copied first, each time it is.
    const { frames, saga, undone, signals, held, counts } = before;
    this.run = {
      ...before,
      frames: { ...frames },
      saga: [...saga],
      undone: [...undone],
      signals: { ...signals },
      held: [...held],
      counts: { ...counts },
    };
  }

  hear(what: Happening): void {
    this.listen(what);
    for (let next = this.todo.shift(); next !== undefined; next = this.todo.shift()) next();
  }

  private listen(what: Happening): void {
    switch (what.is) {
      case 'begin':
        return this.enter(this.flow.root.id, what.input);
      case 'settled':
        return this.settled(what);
      case 'ended':
        return this.ended(what);
      case 'timer':
        return this.fired(what.id);
      case 'signal':
        return this.signalled(what.name, what.payload);
      case 'cancel':
        return this.cancel(what.reason);
      case 'suspend':
        this.run.suspended = true;
        return;
      case 'resume':
        return this.resume();
    }
  }

  // Entering

  private enter(at: Address, input: unknown): void {
    this.todo.push(() => this.enterNow(at, input));
  }

  private enterNow(at: Address, input: unknown): void {
    // What it was to be a part of may have failed meanwhile.
    const parent = parentOf(at);
    if (parent !== undefined && this.run.frames[parent] === undefined) return;
    const node = this.nodeAt(at);
    this.count(at, { started: 1 });
    try {
      this.begin(node, at, input);
    } catch (error) {
      // E5
      this.fail(at, TroupeError.toPlain(error));
    }
  }

  private begin(node: FlowNode, at: Address, input: unknown): void {
    const { now } = this;
    switch (node.kind) {
      case 'step':
      case 'job':
        this.set(at, { is: 'step', input, attempt: 1, since: now });
        return this.startOrHold(at);
      case 'actor':
        return this.beginActor(at, node.inputOf(input as never), node.timeoutMs);
      case 'value':
        return this.leave(at, node.map(input as never));
      case 'sequence':
        this.set(at, { is: 'sequence', at: 0 });
        return this.enter(addressIn(at, this.partId(node, 0)), input);
      case 'parallel': {
        const ids = partIds(node);
        this.set(at, { is: 'parallel', left: ids.length, out: {} });
        for (const id of ids) this.enter(addressIn(at, id), input);
        return;
      }
      case 'conditional': {
        const chosen = node.choose(input as never);
        if (!Object.hasOwn(node.cases, chosen)) throw noCase(node.id, chosen, Object.keys(node.cases));
        this.set(at, { is: 'conditional' });
        return this.enter(addressIn(at, chosen), input);
      }
      case 'loop':
        this.set(at, { is: 'loop', turn: 0 });
        return this.enter(addressIn(at, node.body.id), input);
      case 'map': {
        const items = checkItems(node.id, node.items(input as never));
        this.set(at, { is: 'map', input, items, outs: [], next: 0, left: items.length });
        return this.feedMap(at);
      }
      case 'pipeline': {
        const items = checkItems(node.id, node.items(input as never));
        const waiting = node.stages.map((_, stage): [number, unknown][] =>
          stage === 0 ? items.map((item, number) => [number, item]) : [],
        );
        this.set(at, { is: 'pipeline', waiting, busy: node.stages.map(() => 0), outs: [], left: items.length });
        return this.feedPipeline(at);
      }
      case 'attempt':
        this.set(at, { is: 'attempt', input, part: 'body' });
        if (node.timeoutMs !== undefined) this.timer('timeout', at, node.timeoutMs);
        return this.enter(addressIn(at, node.body.id), input);
      case 'wait':
        return this.beginWait(at, node.signal, node.timeoutMs);
      case 'sleep': {
        const ms = checkSleep(node.id, node.ms(input as never));
        this.set(at, { is: 'sleep', input, until: now + ms });
        return this.timer('sleep', at, ms);
      }
    }
  }

  private startOrHold(at: Address): void {
    if (this.run.suspended) this.run.held.push(at);
    else this.start(at);
  }

  /** Start the effect of a step that has a frame. */
  private start(at: Address): void {
    const frame = this.run.frames[at];
    if (frame?.is !== 'step') return;
    const node = this.nodeAt(at) as StepNode;
    const child = nameOfChild(at);
    this.set(at, { ...frame, child, since: this.now });
    this.deeds.push({ do: 'run', child, at, attempt: frame.attempt, input: frame.input });
    if (node.timeoutMs !== undefined) this.timer('timeout', at, node.timeoutMs);
  }

  private beginActor(at: Address, input: unknown, timeoutMs: number | undefined): void {
    this.run.serial += 1;
    // Legal in a path, and never used before in this run.
    const id = `${at.replaceAll('/', '.').replaceAll('[', '-').replaceAll(']', '')}.${this.run.serial}`;
    this.set(at, { is: 'actor', path: `${this.self}/${id}`, since: this.now });
    this.deeds.push({ do: 'spawn', at, id, input });
    if (timeoutMs !== undefined) this.timer('timeout', at, timeoutMs);
  }

  private beginWait(at: Address, signal: string, timeoutMs: number | undefined): void {
    const [first, ...later] = this.run.signals[signal] ?? [];
    if (this.run.signals[signal] === undefined) {
      this.set(at, { is: 'wait', signal, since: this.now });
      if (timeoutMs !== undefined) this.timer('timeout', at, timeoutMs);
      return;
    }
    if (later.length > 0) this.run.signals[signal] = later;
    else delete this.run.signals[signal];
    this.leave(at, first);
  }

  private feedMap(at: Address): void {
    const node = this.nodeAt(at);
    const frame = this.run.frames[at];
    if (frame?.is !== 'map' || node.kind !== 'map') return;
    if (frame.left === 0) return this.leave(at, node.reduce([...frame.outs] as never, frame.input as never));
    const running = frame.next - (frame.items.length - frame.left);
    const more = Math.min(node.concurrency - running, frame.items.length - frame.next);
    if (more <= 0) return;
    this.set(at, { ...frame, next: frame.next + more });
    for (let item = frame.next; item < frame.next + more; item += 1)
      this.enter(addressIn(at, node.each.id, item), frame.items[item]);
  }

  private feedPipeline(at: Address): void {
    const node = this.nodeAt(at);
    const frame = this.run.frames[at];
    if (frame?.is !== 'pipeline' || node.kind !== 'pipeline') return;
    if (frame.left === 0) return this.leave(at, [...frame.outs]);
    const waiting = frame.waiting.map((queue) => [...queue]);
    const busy = [...frame.busy];
    this.set(at, { ...frame, waiting, busy });
    node.stages.forEach((stage, number) => {
      const queue = waiting[number] as [number, unknown][];
      while (queue.length > 0 && (busy[number] as number) < node.concurrency) {
        const [item, value] = queue.shift() as [number, unknown];
        busy[number] = (busy[number] as number) + 1;
        this.enter(addressIn(at, stage.id, item), value);
      }
    });
  }

  // Leaving

  /** A part is over and has given a value. */
  private leave(at: Address, output: unknown): void {
    const frame = this.run.frames[at];
    this.forget(at);
    this.count(at, { done: 1, tookMs: took(frame, this.now) });
    const node = this.nodeAt(at);
    if (frame?.is === 'step' && node.kind === 'step' && node.compensate !== undefined)
      this.run.saga.push({ at, input: frame.input, output });
    const parent = parentOf(at);
    this.todo.push(() => {
      if (parent === undefined) return this.finish('done', output);
      try {
        this.partDone(parent, at, output);
      } catch (error) {
        this.failWhole(parent, TroupeError.toPlain(error));
      }
    });
  }

  private partDone(at: Address, part: Address, output: unknown): void {
    const frame = this.run.frames[at];
    const node = this.nodeAt(at);
    if (frame === undefined) return;
    switch (frame.is) {
      case 'sequence': {
        // By its id, not by a number: another version of the flow may have parts before it that were not there.
        const next = partIds(node).indexOf(part.slice(at.length + 1)) + 1;
        if (next === partsOf(node).length) return this.leave(at, output);
        this.set(at, { ...frame, at: next });
        return this.enter(addressIn(at, this.partId(node, next)), output);
      }
      case 'parallel': {
        const out = { ...frame.out, [part.slice(at.length + 1)]: output };
        if (frame.left > 1) return this.set(at, { ...frame, left: frame.left - 1, out });
        // In the order they were declared.
        return this.leave(at, Object.fromEntries(partIds(node).map((id) => [id, out[id]])));
      }
      case 'loop': {
        if (node.kind !== 'loop') return;
        const turn = frame.turn + 1;
        if (node.until(output as never, turn)) return this.leave(at, output);
        if (turn >= node.turnsMax) throw loopLimit(node.id, node.turnsMax);
        this.set(at, { ...frame, turn });
        return this.enter(addressIn(at, node.body.id), output);
      }
      case 'map': {
        const outs = [...frame.outs];
        outs[itemOf(part) as number] = output;
        this.set(at, { ...frame, outs, left: frame.left - 1 });
        return this.feedMap(at);
      }
      case 'pipeline':
        return this.stageDone(at, frame, node, part, output);
      case 'attempt':
        if (frame.part === 'body') this.cancelTimeout(at);
        return this.leave(at, output);
      case 'conditional':
        return this.leave(at, output);
    }
  }

  private stageDone(
    at: Address,
    frame: Frame & { is: 'pipeline' },
    node: FlowNode,
    part: Address,
    output: unknown,
  ): void {
    const item = itemOf(part) as number;
    const stage = partIds(node).indexOf(part.slice(at.length + 1, part.lastIndexOf('[')));
    const busy = frame.busy.map((count, number) => (number === stage ? count - 1 : count));
    const isLast = stage === frame.busy.length - 1;
    const waiting = frame.waiting.map((queue, number): [number, unknown][] =>
      !isLast && number === stage + 1 ? [...queue, [item, output]] : queue,
    );
    const outs = [...frame.outs];
    if (isLast) outs[item] = output;
    this.set(at, { ...frame, busy, waiting, outs, left: frame.left - (isLast ? 1 : 0) });
    this.feedPipeline(at);
  }

  // Failing

  /** A part has failed for good. @param from where the error comes from: the part, or one within it */
  private fail(at: Address, error: PlainError, from: Address = at): void {
    const frame = this.run.frames[at];
    this.forget(at);
    this.count(at, { failed: 1, tookMs: took(frame, this.now) });
    const parent = parentOf(at);
    this.todo.push(() => {
      if (parent === undefined) this.failRun(error, from);
      else this.partFailed(parent, error, from);
    });
  }

  /** A part whose own parts may be running has failed. */
  private failWhole(at: Address, error: PlainError, from: Address = at): void {
    this.drop(at, true);
    this.fail(at, error, from);
  }

  private partFailed(at: Address, error: PlainError, from: Address): void {
    const frame = this.run.frames[at];
    if (frame === undefined) return;
    // E3
    if (frame.is !== 'attempt' || frame.part === 'fallback') return this.failWhole(at, error, from);
    this.drop(at, true);
    this.cancelTimeout(at);
    this.set(at, { ...frame, part: 'undo', error, failedAt: from });
    this.undoNext(at);
  }

  private failRun(error: PlainError, from: Address): void {
    this.drop('', false);
    this.run.phase = 'undoing';
    this.run.error = error;
    this.run.failedAt = from;
    this.undoNext('');
  }

  private cancel(reason: string): void {
    if (this.run.phase !== 'running') return;
    this.drop('', false);
    this.run.phase = 'undoing';
    this.run.cancelled = reason;
    this.undoNext('');
  }

  // Undoing

  /** E4. @param scope an `attempt`, or '' for the whole run */
  private undoNext(scope: Address): void {
    const { saga } = this.run;
    const last = saga.findLastIndex(({ at }) => isWithin(at, scope));
    if (last < 0) return this.undoneAll(scope);
    const [entry] = saga.splice(last, 1);
    const at = scope === '' ? undoPart : addressIn(scope, undoPart);
    this.set(at, { is: 'undo', entry: entry as (typeof saga)[number], attempt: 1, since: this.now });
    this.startUndo(at);
  }

  private startUndo(at: Address): void {
    const frame = this.run.frames[at];
    if (frame?.is !== 'undo') return;
    const child = nameOfChild(at);
    const { entry, attempt } = frame;
    this.set(at, { ...frame, child });
    const undo = { output: entry.output };
    this.deeds.push({ do: 'run', child, at: entry.at, attempt, input: entry.input, undo });
  }

  private undoSettled(at: Address, frame: Frame & { is: 'undo' }, error: PlainError | undefined): void {
    const { entry, attempt } = frame;
    const { compensateRetry } = this.nodeAt(entry.at) as StepNode;
    if (error !== undefined && isWorthwhile(compensateRetry, attempt, error)) {
      this.set(at, { is: 'undo', entry, attempt: attempt + 1, since: frame.since });
      return this.timer('retry', at, retryMs(attempt + 1, compensateRetry, this.self + at));
    }
    this.forget(at);
    const outcome = { at: entry.at, ok: error === undefined, attempts: attempt };
    this.run.undone.push(error === undefined ? outcome : { ...outcome, error });
    this.undoNext(parentOf(at) ?? '');
  }

  private undoneAll(scope: Address): void {
    const frame = this.run.frames[scope];
    if (frame?.is !== 'attempt') return this.finish(this.run.cancelled === undefined ? 'failed' : 'cancelled');
    const node = this.nodeAt(scope);
    const error = frame.error as PlainError;
    if (node.kind !== 'attempt' || node.fallback === undefined) return this.fail(scope, error, frame.failedAt);
    const { input } = frame;
    this.set(scope, { is: 'attempt', input, part: 'fallback' });
    const { name, message, code } = error;
    this.enter(addressIn(scope, node.fallback.id), {
      input,
      error: { name, message, ...(code === undefined ? {} : { code }) },
    });
  }

  private finish(phase: 'done' | 'failed' | 'cancelled', output?: unknown): void {
    this.run.phase = phase;
    this.run.endedAt = this.now;
    if (phase === 'done') this.run.output = output;
    this.run.saga = [];
    this.run.signals = {};
    this.deeds.push({ do: 'finish' });
  }

  // What happens

  private settled(what: Happening & { is: 'settled' }): void {
    const at = addressOfChild(what.child);
    const frame = this.run.frames[at];
    // Forget it first: its name may be used again in this turn, and it needs no place in the stored state.
    this.deeds.push({ do: 'stop', child: what.child });
    if (frame === undefined || !('child' in frame) || frame.child !== what.child) return;
    if (frame.is === 'undo') return this.undoSettled(at, frame, what.ok ? undefined : what.error);
    if (frame.is !== 'step') return;
    this.cancelTimeout(at);
    if (what.ok) this.leave(at, what.output);
    else this.stepFailed(at, frame, what.error);
  }

  private stepFailed(at: Address, frame: Frame & { is: 'step' }, error: PlainError): void {
    const { id, retry } = this.nodeAt(at) as StepNode;
    const about = aboutResult(id, error);
    if (about !== undefined) return this.fail(at, about);
    if (!isWorthwhile(retry, frame.attempt, error)) return this.fail(at, error);
    const attempt = frame.attempt + 1;
    this.count(at, { retries: 1 });
    this.set(at, { is: 'step', input: frame.input, attempt, since: frame.since });
    this.timer('retry', at, retryMs(attempt, retry, this.self + at));
  }

  private ended(what: Happening & { is: 'ended' }): void {
    const found = Object.entries(this.run.frames).find(([, frame]) => frame.is === 'actor' && frame.path === what.path);
    if (found === undefined) return;
    const [at] = found;
    this.cancelTimeout(at);
    if (what.ok) this.leave(at, what.output);
    else this.fail(at, what.error);
  }

  private fired(id: string): void {
    const colon = id.indexOf(':');
    const kind = id.slice(0, colon) as TimerKind;
    const at = id.slice(colon + 1);
    const frame = this.run.frames[at];
    if (frame === undefined) return;
    if (frame.is === 'sleep') return this.leave(at, frame.input);
    if (kind === 'retry') return frame.is === 'undo' ? this.startUndo(at) : this.startOrHold(at);
    this.timedOut(at, frame);
  }

  private timedOut(at: Address, frame: Frame): void {
    const error = TroupeError.toPlain(new TroupeError('WORKFLOW_TIMEOUT', `${at} took too long`, { field: at }));
    switch (frame.is) {
      case 'step':
        if (frame.child !== undefined) this.deeds.push({ do: 'stop', child: frame.child });
        return this.stepFailed(at, frame, error);
      case 'actor':
        this.deeds.push({ do: 'stopActor', path: frame.path });
        return this.fail(at, error);
      case 'attempt':
        return this.partFailed(at, error, at);
      default:
        return this.fail(at, error);
    }
  }

  private signalled(name: string, payload: unknown): void {
    const waiting = Object.entries(this.run.frames).find(([, frame]) => frame.is === 'wait' && frame.signal === name);
    if (waiting === undefined) {
      this.run.signals[name] = [...(this.run.signals[name] ?? []), payload];
      return;
    }
    const [at] = waiting;
    this.cancelTimeout(at);
    this.leave(at, payload);
  }

  private resume(): void {
    this.run.suspended = false;
    const { held } = this.run;
    this.run.held = [];
    for (const at of held) this.start(at);
  }

  // Inside

  /** Stop everything within. @param isBelow leave the address itself */
  private drop(scope: Address, isBelow: boolean): void {
    for (const [at, frame] of Object.entries(this.run.frames)) {
      if (!isWithin(at, scope) || (isBelow && at === scope)) continue;
      if ('child' in frame && frame.child !== undefined) this.deeds.push({ do: 'stop', child: frame.child });
      if (frame.is === 'actor') this.deeds.push({ do: 'stopActor', path: frame.path });
      // What was being undone is not undone.
      if (frame.is === 'undo') this.run.saga.push(frame.entry);
      this.cancelTimers(at, frame);
      this.forget(at);
    }
  }

  private forget(at: Address): void {
    delete this.run.frames[at];
    if (this.run.held.includes(at)) this.run.held = this.run.held.filter((each) => each !== at);
  }

  private set(at: Address, frame: Frame): void {
    this.run.frames[at] = frame;
  }

  private timer(kind: TimerKind, at: Address, ms: number): void {
    this.deeds.push({ do: 'timer', id: `${kind}:${at}`, ms });
  }

  private cancelTimer(kind: TimerKind, at: Address): void {
    this.deeds.push({ do: 'cancelTimer', id: `${kind}:${at}` });
  }

  private cancelTimers(at: Address, frame: Frame): void {
    if (frame.is === 'sleep') this.cancelTimer('sleep', at);
    if ((frame.is === 'step' || frame.is === 'undo') && frame.child === undefined) this.cancelTimer('retry', at);
    this.cancelTimeout(at);
  }

  /** Of a node that has one. */
  private cancelTimeout(at: Address): void {
    const node = this.flow.nodes.get(keyOf(at));
    if (node !== undefined && 'timeoutMs' in node && node.timeoutMs !== undefined) this.cancelTimer('timeout', at);
  }

  private count(at: Address, more: Partial<NodeCount>): void {
    const key = keyOf(at);
    const last = this.run.counts[key] ?? { started: 0, done: 0, failed: 0, retries: 0, tookMs: 0 };
    this.run.counts[key] = {
      started: last.started + (more.started ?? 0),
      done: last.done + (more.done ?? 0),
      failed: last.failed + (more.failed ?? 0),
      retries: last.retries + (more.retries ?? 0),
      tookMs: last.tookMs + (more.tookMs ?? 0),
    };
  }

  private partId(node: FlowNode, number: number): string {
    return partIds(node)[number] as string;
  }

  private nodeAt(at: Address): FlowNode {
    const node = this.flow.nodes.get(keyOf(at));
    if (node !== undefined) return node;
    throw new TroupeError('WORKFLOW_CHANGED', `the flow has nothing at ${at}`, { field: at });
  }
}

/**
 * The name of the effect at an address: there is one at a time, and the kernel tells an effect from the one before it.
 * It is part of the type of an event, and XState keeps something of every type it has met, for ever: so there must not
 * be more of them than there are places in a flow.
 */
function nameOfChild(at: Address): string {
  return at;
}

/** Runs that began under an earlier version have names with a number behind. */
function addressOfChild(child: string): Address {
  const number = child.lastIndexOf('#');
  return number < 0 ? child : child.slice(0, number);
}

function took(frame: Frame | undefined, now: number): number {
  return frame !== undefined && 'since' in frame ? now - frame.since : 0;
}

/** What the step, or its job, gave is no plain data: that comes out of every attempt, so the error says whose it is. */
function aboutResult(id: string, error: PlainError): PlainError | undefined {
  const about = error.code === 'JOB_FAILED' && error.cause !== undefined ? error.cause : error;
  const { code, message, field = '' } = about;
  if (code !== 'PAYLOAD_NOT_CARRIABLE' || !/^result(?![\w$])/.test(field)) return undefined;
  return { ...about, message: `${field} of step ${id}${message.slice(field.length)}` };
}

function isWorthwhile(retry: Retry, attempt: number, error: PlainError): boolean {
  if (attempt >= retry.attempts) return false;
  try {
    return retry.retryIf === undefined || retry.retryIf(error as Parameters<NonNullable<Retry['retryIf']>>[0]);
  } catch {
    // One who cannot say is no reason to go on.
    return false;
  }
}
