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
 *     their node has failed, and not the run's actor. So it has when they give what cannot be kept: all that is stored
 *     here has been checked for that.
 * E6  Nothing is undone as long as runs of other workflows that were begun within are still undoing what they did; one
 *     that takes too long is stopped.
 * E7  While a run is suspended nothing begins: no step, no actor, no compensation. To cancel it is to let it go on.
 */
import type { PlainError } from '../../src/core/errors.js';
import { TroupeError } from '../../src/index.js';
import { childPath } from '../../src/core/path.js';
import { type CompiledFlow, flowsOf, partIds, partsOf } from './compiled.js';
import type { Advance, Deed, Happening } from './deeds.js';
import { layoutOf } from './layout.js';
import { checkItems, checkSleep, closeMs, given, loopLimit, noCase, turnsAtOnce } from './limits.js';
import { newLine, pastStage, takenIn } from './line.js';
import { nameOfActor } from './names.js';
import type { ActorNode, FlowNode, StepNode } from './nodes.js';
import { isWorthwhile, retryMs } from './options.js';
import {
  type Address,
  addressIn,
  countedOn,
  type Frame,
  isWithin,
  itemOf,
  keyOf,
  type LiveRun,
  liveOf,
  parentOf,
  type RunState,
  storedOf,
  undoPart,
} from './run-state.js';

/** How long a timer of each kind may be thought of by its id: `kind:address`. */
type TimerKind = 'retry' | 'timeout' | 'sleep' | 'turn' | 'close';

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
  return { run: storedOf(draft.run), deeds: draft.deeds };
}

class Draft {
  readonly run: LiveRun;
  readonly deeds: Deed[] = [];
  /** Loops and long sequences of what takes no time must not grow the stack. */
  private todo: (() => void)[] = [];
  /** Turns of loops that may still be taken at once. */
  private turnsLeft = turnsAtOnce;

  constructor(
    private readonly flow: CompiledFlow,
    before: RunState,
    private readonly now: number,
    private readonly self: string,
  ) {
    this.run = liveOf(before);
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
    this.count(at, 'started');
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
        return this.beginActor(at, given(node.inputOf(input as never), `${node.id}.input`));
      case 'value':
        return this.leave(at, given(node.map(input as never), `${node.id}.map`));
      case 'sequence':
        this.set(at, { is: 'sequence', at: 0, layout: layoutOf(node) });
        return this.enter(addressIn(at, this.partId(node, 0)), input);
      case 'parallel': {
        const ids = partIds(node);
        this.set(at, { is: 'parallel', left: ids.length, out: {} });
        for (const id of ids) this.enter(addressIn(at, id), input);
        return;
      }
      case 'conditional': {
        const chosen = String(node.choose(input as never));
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
        this.set(at, newLine(node, checkItems(node.id, node.items(input as never))));
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

  /** Start what has a frame and is ready. */
  private start(at: Address): void {
    const frame = this.run.frames[at];
    if (frame?.is === 'step') this.startStep(at, frame);
    if (frame?.is === 'actor') this.startActor(at, frame);
    if (frame?.is === 'undo') this.startUndo(at, frame);
  }

  private startStep(at: Address, frame: Frame & { is: 'step' }): void {
    const node = this.nodeAt(at) as StepNode;
    const { input, attempt } = frame;
    this.set(at, { is: 'step', input, attempt, since: this.now, isRunning: true });
    this.deeds.push({ do: 'run', id: at, at, attempt, input });
    if (node.timeoutMs !== undefined) this.timer('timeout', at, node.timeoutMs);
  }

  private beginActor(at: Address, input: unknown): void {
    this.run.serial += 1;
    const path = childPath(this.self, nameOfActor(at, this.run.serial));
    this.set(at, { is: 'actor', path, since: this.now, held: { input } });
    this.startOrHold(at);
  }

  private startActor(at: Address, frame: Frame & { is: 'actor' }): void {
    const { path, held } = frame;
    if (held === undefined) return;
    const { timeoutMs } = this.nodeAt(at) as ActorNode;
    this.set(at, { is: 'actor', path, since: this.now });
    this.deeds.push({ do: 'spawn', at, id: path.slice(path.lastIndexOf('/') + 1), input: held.input });
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
    if (frame.left === 0) {
      const whole = node.reduce([...frame.outs] as never, frame.input as never);
      return this.leave(at, given(whole, `${node.id}.reduce`));
    }
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
    const next = takenIn(frame, node.concurrency);
    this.set(at, next.frame);
    for (const { stage, item, value } of next.taken) this.enter(addressIn(at, this.partId(node, stage), item), value);
  }

  // Leaving

  /** A part is over and has given a value. */
  private leave(at: Address, output: unknown): void {
    const frame = this.run.frames[at];
    this.forget(at);
    this.count(at, 'done', took(frame, this.now));
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
        this.set(at, { is: 'sequence', at: next, layout: layoutOf(node) });
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
        if (given(node.until(output as never, turn), `${node.id}.until`)) return this.leave(at, output);
        if (turn >= node.turnsMax) throw loopLimit(node.id, node.turnsMax);
        this.turnsLeft -= 1;
        if (this.turnsLeft < 0) {
          // Others are to have their turn; and what was done so far is to be stored.
          this.set(at, { is: 'loop', turn, held: { value: output } });
          return this.timer('turn', at, 0);
        }
        this.set(at, { is: 'loop', turn });
        return this.enter(addressIn(at, node.body.id), output);
      }
      case 'map': {
        const outs = [...frame.outs];
        outs[itemOf(part) as number] = output;
        this.set(at, { ...frame, outs, left: frame.left - 1 });
        return this.feedMap(at);
      }
      case 'pipeline': {
        const stage = partIds(node).indexOf(part.slice(at.length + 1, part.lastIndexOf('[')));
        this.set(at, pastStage(frame, stage, itemOf(part) as number, output));
        return this.feedPipeline(at);
      }
      case 'attempt':
        if (frame.part === 'body') this.cancelTimeout(at);
        return this.leave(at, output);
      case 'conditional':
        return this.leave(at, output);
    }
  }

  // Failing

  /** A part has failed for good. @param from where the error comes from: the part, or one within it */
  private fail(at: Address, error: PlainError, from: Address = at): void {
    const frame = this.run.frames[at];
    this.forget(at);
    this.count(at, 'failed', took(frame, this.now));
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
    // E7
    this.run.suspended = false;
    this.run.cancelled = reason;
    this.undoNext('');
  }

  // Undoing

  /** E4. @param scope an `attempt`, or '' for the whole run */
  private undoNext(scope: Address): void {
    const { saga, frames } = this.run;
    // E6: `closed` goes on.
    if (Object.keys(frames).some((at) => frames[at]?.is === 'closing' && isWithin(at, scope))) return;
    const last = saga.findLastIndex(({ at }) => isWithin(at, scope));
    if (last < 0) return this.undoneAll(scope);
    const [entry] = saga.splice(last, 1);
    const at = scope === '' ? undoPart : addressIn(scope, undoPart);
    this.set(at, { is: 'undo', entry: entry as (typeof saga)[number], attempt: 1, since: this.now });
    this.startOrHold(at);
  }

  private startUndo(at: Address, frame: Frame & { is: 'undo' }): void {
    const { entry, attempt } = frame;
    this.set(at, { ...frame, isRunning: true });
    const undo = { output: entry.output };
    this.deeds.push({ do: 'run', id: at, at: entry.at, attempt, input: entry.input, undo });
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

  /** End an actor that is no longer needed; one that runs a workflow undoes first what it did. */
  private close(at: Address, { path, held }: Frame & { is: 'actor' }): void {
    if (held !== undefined) return;
    const node = this.flow.nodes.get(keyOf(at));
    const within = node?.kind === 'actor' ? flowsOf.get(node.definition) : undefined;
    if (within === undefined) {
      this.deeds.push({ do: 'stopActor', path });
      return;
    }
    this.set(at, { is: 'closing', path, since: this.now });
    this.deeds.push({ do: 'cancelActor', path });
    // Whoever is above gives those below the time to wait for theirs.
    this.timer('close', at, closeMs * within.levels);
  }

  /** E6: what was in the way of undoing is over. */
  private closed(at: Address): void {
    this.forget(at);
    for (let scope = parentOf(at); scope !== undefined; scope = parentOf(scope)) {
      const frame = this.run.frames[scope];
      if (frame?.is === 'attempt' && frame.part === 'undo') return this.undoNext(scope);
    }
    if (this.run.phase === 'undoing') this.undoNext('');
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
    const at = what.id;
    const frame = this.run.frames[at];
    if (frame === undefined || !isRunning(frame)) return;
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
    this.count(at, 'retries');
    this.set(at, { is: 'step', input: frame.input, attempt, since: frame.since });
    this.timer('retry', at, retryMs(attempt, retry, this.self + at));
  }

  private ended(what: Happening & { is: 'ended' }): void {
    const found = Object.entries(this.run.frames).find(([, frame]) => 'path' in frame && frame.path === what.path);
    if (found === undefined) return;
    const [at, frame] = found;
    if (frame.is === 'closing') {
      this.cancelTimer('close', at);
      return this.closed(at);
    }
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
    if (kind === 'retry') return this.startOrHold(at);
    if (kind === 'turn') return this.turnLoop(at, frame);
    if (kind === 'timeout') return this.timedOut(at, frame);
    if (frame.is !== 'closing') return;
    this.deeds.push({ do: 'stopActor', path: frame.path });
    this.closed(at);
  }

  private turnLoop(at: Address, frame: Frame): void {
    const node = this.nodeAt(at);
    if (frame.is !== 'loop' || frame.held === undefined || node.kind !== 'loop') return;
    this.set(at, { is: 'loop', turn: frame.turn });
    this.enter(addressIn(at, node.body.id), frame.held.value);
  }

  private timedOut(at: Address, frame: Frame): void {
    const error = TroupeError.toPlain(new TroupeError('WORKFLOW_TIMEOUT', `${at} took too long`, { field: at }));
    switch (frame.is) {
      case 'step':
        if (isRunning(frame)) this.deeds.push({ do: 'stop', id: at });
        return this.stepFailed(at, frame, error);
      case 'actor':
        this.fail(at, error);
        return this.close(at, frame);
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
      if (!isWithin(at, scope) || (isBelow && at === scope) || frame.is === 'closing') continue;
      if (isRunning(frame)) this.deeds.push({ do: 'stop', id: at });
      // What was being undone is not undone.
      if (frame.is === 'undo') this.run.saga.push(frame.entry);
      this.cancelTimers(at, frame);
      this.forget(at);
      if (frame.is === 'actor') this.close(at, frame);
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
    if (frame.is === 'loop' && frame.held !== undefined) this.cancelTimer('turn', at);
    if ((frame.is === 'step' || frame.is === 'undo') && !isRunning(frame)) this.cancelTimer('retry', at);
    this.cancelTimeout(at);
  }

  /** Of a node that has one. */
  private cancelTimeout(at: Address): void {
    const node = this.flow.nodes.get(keyOf(at));
    if (node !== undefined && 'timeoutMs' in node && node.timeoutMs !== undefined) this.cancelTimer('timeout', at);
  }

  private count(at: Address, what: Parameters<typeof countedOn>[1], tookMs?: number): void {
    const key = keyOf(at);
    const { counts } = this.run;
    counts[key] = countedOn(counts[key], what, tookMs);
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

/** Does its effect run? */
function isRunning(frame: Frame): boolean {
  return 'isRunning' in frame && frame.isRunning === true;
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
