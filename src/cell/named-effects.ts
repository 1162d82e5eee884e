/**
 * Effects a definition names: functions that run beside the actor and report once, with nothing of XState in between.
 * They cost no local actor, so they suit whoever begins many; and they are all the effects a transition function has.
 *
 * What I own: which effects run, their ids, when their function is called and aborted. What the wrapped logic owns: its
 * state, and everything else.
 *
 * N1  A function is called only after the commit of the turn that asked for it, and once in an instance's life.
 * N2  Whether an effect runs is part of the stored state: after a crash it runs again, with the same `effectId`,
 *     unless its report was recorded. The same id begun anew has another `effectId`.
 * N3  A report counts once, and only while its effect is still wanted: what comes after `cancelEffect` is dropped.
 * N4  A failure is an event like a result. Where a machine has no transition for it, the message fails with it, as with
 *     an invoked promise nobody listens to.
 */
import type { EffectId } from '../core/ids.js';
import { describeBriefly, TroupeError } from '../core/errors.js';
import type { EventObject } from '../core/message.js';
import type { ActorRef } from '../core/ref.js';
import { rootAddress } from './address.js';
import type {
  CellInstance,
  CellLogic,
  CellPort,
  CellStatus,
  EffectNumber,
  LocalAddress,
  TimerFiring,
} from './logic.js';
import { type EffectFailed, effectEndedType, effectFailedType } from './logic.js';

/** What a named effect is told. */
export interface EffectCall<Input = unknown> {
  /** As it was given to `runEffect`. After a crash it is a fresh copy. */
  readonly input: Input;
  /** As it was given to `runEffect`. */
  readonly id: string;
  /** Stays the same when the effect is run again after a crash: an idempotency key. */
  readonly effectId: EffectId;
  /** Aborted when the effect is cancelled, or its actor ends, fails or leaves this thread. */
  readonly signal: AbortSignal;
  /** The actor it belongs to, to tell it of progress. */
  readonly self: ActorRef;
}

/** Runs beside the actor. What it returns, or the error it throws, comes back as an `EffectEnded`. */
// biome-ignore lint/suspicious/noExplicitAny: each effect of a definition has an input of its own
export type EffectFunction<Input = any> = (call: EffectCall<Input>) => unknown;

/** The event an actor gets when one of its named effects is over: exactly once, over crashes too. */
export interface EffectEnded {
  type: typeof effectEndedType;
  /** As it was given to `runEffect`. */
  id: string;
  /** Which of the definition's effects. */
  name: string;
  how: 'done' | 'failed';
  output?: unknown;
  error?: Error;
}

/** What `runEffect` may be told. */
export interface RunEffectOptions {
  /** Tells effects that run at the same time apart; default: the effect's name. */
  id?: string | undefined;
  /** Plain data; it is stored as long as the effect runs. */
  input?: unknown;
}

/** Stored of an actor whose effects run: what its own logic stores, and the effects in the order they were begun. */
interface StoredWithEffects {
  of: unknown;
  effects: readonly StoredEffect[];
}

type StoredEffect = readonly [id: string, name: string, number: EffectNumber, input: unknown];

/** Wrap logic so that it can run the effects a definition names. */
export function withEffects(logic: CellLogic, effects: Readonly<Record<string, EffectFunction>>): CellLogic {
  return {
    create: (port, input) => new EffectfulInstance(logic.create(port, input), port, effects),
    restore(port, persisted) {
      const { of, effects: stored } = partsOf(persisted);
      const instance = new EffectfulInstance(logic.restore(port, of), port, effects);
      instance.takeStored(stored);
      return instance;
    },
    migrate(persisted, change) {
      const { of, effects: stored } = partsOf(persisted);
      const changed = logic.migrate(of, change);
      return stored.length === 0 ? changed : ({ of: changed, effects: stored } satisfies StoredWithEffects);
    },
  };
}

/** The part of a stored state that is the logic's own. */
export function stateWithoutEffects(persisted: unknown): unknown {
  return partsOf(persisted).of;
}

function partsOf(persisted: unknown): StoredWithEffects {
  const { effects } = (persisted ?? {}) as { effects?: unknown };
  if (Array.isArray(effects)) return persisted as StoredWithEffects;
  return { of: persisted, effects: [] };
}

/** What functions were told: `effectIdOf` knows them by it. */
const calls = new WeakSet<object>();

/** What a function is told: members of its own, so that it can be taken apart, spread and handed on. */
function callOf(effect: RunningEffect): EffectCall {
  const { input, id, effectId, self } = effect;
  const call: EffectCall = {
    input,
    id,
    effectId,
    self,
    get signal() {
      return effect.signal;
    },
  };
  calls.add(call);
  return call;
}

/** One run of an effect. */
class RunningEffect {
  readonly effectId: string;
  private aborter: AbortController | undefined;
  private isAborted = false;
  /** `reported`: what it has said is under way. `over`: nothing is to be expected of it, or to be cleaned up. */
  private stage: 'waiting' | 'running' | 'reported' | 'over' = 'waiting';

  constructor(
    private readonly port: CellPort,
    private readonly run: EffectFunction,
    readonly id: string,
    readonly name: string,
    readonly number: EffectNumber,
    readonly input: unknown,
  ) {
    this.effectId = `${port.self.path}#${id}#${number}`;
  }

  get self(): ActorRef {
    return this.port.self;
  }

  /** Made when somebody asks for it: few do, and it costs more than all the rest of an effect. */
  get signal(): AbortSignal {
    this.aborter ??= new AbortController();
    if (this.isAborted) this.aborter.abort();
    return this.aborter.signal;
  }

  get isRunning(): boolean {
    return this.stage !== 'over';
  }

  /** N1: nothing waits for a commit any more. */
  begin(): void {
    if (this.stage !== 'waiting') return;
    this.stage = 'running';
    let output: unknown;
    try {
      output = this.run(callOf(this));
    } catch (error) {
      this.failed(error);
      return;
    }
    Promise.resolve(output).then(
      (value) => this.report({ how: 'done', output: value }),
      (error: unknown) => this.failed(error),
    );
  }

  /** Its report is recorded, or it is not wanted: it must not be called any more. */
  settle(): void {
    this.stage = 'over';
  }

  /** In a turn: it is not wanted any more. What was begun in the same turn never starts. */
  drop(): void {
    if (this.stage === 'waiting') this.stage = 'over';
    else this.port.effect(() => this.abort());
  }

  abort(): void {
    const wasRunning = this.stage === 'running';
    this.stage = 'over';
    if (!wasRunning) return;
    this.isAborted = true;
    this.aborter?.abort();
  }

  /** Anything can be thrown; an event has an error. */
  private failed(thrown: unknown): void {
    const { name } = this;
    const message = `the effect ${name} threw ${describeBriefly(thrown)}`;
    const error = thrown instanceof Error ? thrown : new TroupeError('EFFECT_FAILED', message, { field: name });
    this.report({ how: 'failed', error });
  }

  private report(end: Pick<EffectEnded, 'how' | 'output' | 'error'>): void {
    if (this.stage !== 'running') return;
    this.stage = 'reported';
    const event: EffectEnded = { type: effectEndedType, id: this.id, name: this.name, ...end };
    this.port.post(rootAddress, this.effectId, event);
  }
}

class EffectfulInstance implements CellInstance {
  /** By id. One whose report is under way is still here, until the report is handled. */
  private readonly wanted = new Map<string, RunningEffect>();

  constructor(
    private readonly inner: CellInstance,
    private readonly port: CellPort,
    private readonly effects: Readonly<Record<string, EffectFunction>>,
  ) {}

  /** After a restore. @throws TroupeError STATE_UNKNOWN when one of them has no function any more */
  takeStored(stored: readonly StoredEffect[]): void {
    for (const [id, name, number, input] of stored) {
      const run = this.functionOf(name);
      if (run === undefined) {
        const message = `${this.port.self.path} was running the effect '${name}', which its definition has no more`;
        throw new TroupeError('STATE_UNKNOWN', message, { field: 'effects', value: name });
      }
      this.wanted.set(id, new RunningEffect(this.port, run, id, name, number, input));
    }
  }

  // What the actor asks for, in a turn

  runEffect(name: string, { id = name, input }: RunEffectOptions): void {
    const { path } = this.port.self;
    const run = this.functionOf(name);
    if (run === undefined) {
      const known = Object.keys(this.effects).join(', ');
      const message = `the definition of ${path} names no effect ${describeBriefly(name)}; it has ${known}`;
      throw new TroupeError('EFFECT_UNKNOWN', message, { field: 'name', value: name });
    }
    if (typeof id !== 'string' || id === '') {
      const message = `the id of an effect must be a text, but is ${describeBriefly(id)}`;
      throw new TroupeError('OPTION_TYPE', message, { field: 'id', value: id });
    }
    if (this.wanted.has(id)) {
      const message = `an effect with the id '${id}' is still running in ${path}; cancel it first, or give another id`;
      throw new TroupeError('EFFECT_RUNNING', message, { field: 'id', value: id });
    }
    const effect = new RunningEffect(this.port, run, id, name, this.port.nextEffectNumber(), input);
    this.wanted.set(id, effect);
    this.port.effect(() => effect.begin());
  }

  cancelEffect(id: string): void {
    const effect = this.wanted.get(id);
    if (effect === undefined) return;
    this.wanted.delete(id);
    effect.drop();
  }

  // CellInstance

  start(): void {
    this.inner.start();
  }

  handle(event: EventObject): void {
    this.inner.handle(event);
  }

  fire(firing: TimerFiring): void {
    this.inner.fire(firing);
  }

  settle(address: LocalAddress, effectId: string, event: EventObject): void {
    if (address !== rootAddress || effectId === '' || !isReport(event)) {
      this.inner.settle(address, effectId, event);
      return;
    }
    const effect = this.find(effectId);
    if (effect === undefined) {
      // Of an effect of the logic's own, or stale (N3): it knows.
      if (event.type === effectFailedType) this.inner.settle(address, effectId, event);
      return;
    }
    this.wanted.delete(effect.id);
    effect.settle();
    const end = endOf(effect, event);
    // N4
    if (end.how === 'failed' && this.inner.hears?.(end) === false) throw end.error;
    this.inner.handle(end as unknown as EventObject);
  }

  abandon(effectId: string): void {
    const effect = this.find(effectId);
    if (effect === undefined) {
      this.inner.abandon(effectId);
      return;
    }
    this.wanted.delete(effect.id);
    effect.settle();
  }

  resume(settled: ReadonlySet<string>): () => void {
    const begin = this.inner.resume(settled);
    const effects = [...this.wanted.values()];
    for (const effect of effects) if (settled.has(effect.effectId)) effect.settle();
    return () => {
      begin();
      for (const effect of effects) effect.begin();
    };
  }

  get hasEffects(): boolean {
    return this.wanted.size > 0 || this.inner.hasEffects;
  }

  isBusy(): boolean {
    for (const effect of this.wanted.values()) if (effect.isRunning) return true;
    return this.inner.isBusy();
  }

  status(): CellStatus {
    return this.inner.status();
  }

  persist(): unknown {
    const of = this.inner.persist();
    if (this.wanted.size === 0) return of;
    const effects: StoredEffect[] = [];
    for (const { id, name, number, input } of this.wanted.values()) effects.push([id, name, number, input]);
    return { of, effects } satisfies StoredWithEffects;
  }

  view(): unknown {
    return this.inner.view();
  }

  dispose(): void {
    for (const effect of this.wanted.values()) effect.abort();
    this.wanted.clear();
    this.inner.dispose();
  }

  /** Few run at a time, and this is asked once a report. */
  private find(effectId: string): RunningEffect | undefined {
    // An id may have any character, a number has none of them.
    const { path } = this.port.self;
    const id = effectId.slice(path.length + 1, effectId.lastIndexOf('#'));
    const effect = this.wanted.get(id);
    return effect?.effectId === effectId ? effect : undefined;
  }

  private functionOf(name: string): EffectFunction | undefined {
    return Object.hasOwn(this.effects, name) ? this.effects[name] : undefined;
  }
}

/** The id of a named effect's run, from what its function was told; undefined of anything else. */
export function effectIdOfCall(call: object): EffectId | undefined {
  return calls.has(call) ? (call as EffectCall).effectId : undefined;
}

function isReport({ type }: EventObject): boolean {
  return type === effectEndedType || type === effectFailedType;
}

/** A result that could not be carried comes as the error that says so. */
function endOf({ id, name }: RunningEffect, event: EventObject): EffectEnded {
  if (event.type !== effectFailedType) return event as unknown as EffectEnded;
  const { error } = event as EffectFailed;
  return { type: effectEndedType, id, name, how: 'failed', error: error as Error };
}
