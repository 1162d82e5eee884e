/**
 * A cell's host in miniature, for tests of cell logic: it runs turns, keeps what they collect apart until the
 * commit, stores the state as bytes, and can crash. Nothing happens by itself: a test commits, delivers and fires.
 */
import type { CellInstance, CellLogic, CellPort, EffectFailed, TimerFiring } from '../../src/cell/logic.js';
import { effectFailedType } from '../../src/cell/logic.js';
import { decode, encode } from '../../src/core/codec.js';
import type { EventObject } from '../../src/core/message.js';
import { ActorRef } from '../../src/core/ref.js';

/** A message collected for another actor. */
export interface Sent {
  to: string;
  event: EventObject;
}

/** A timer that is set. */
export interface SetTimer {
  delayMs: number;
  firing: TimerFiring;
}

/** A report of an effect that waits to be settled. */
export interface Posted {
  address: string;
  effectId: string;
  event: EventObject;
}

/** The port of one cell. Collects during a turn; `commit` and `rollback` end it. */
export class FakePort implements CellPort {
  readonly self: ActorRef;
  readonly parent: ActorRef | undefined;
  inTurn = false;
  /** Committed, in order. */
  readonly sent: Sent[] = [];
  readonly timers = new Map<string, SetTimer>();
  readonly posted: Posted[] = [];
  /** What effects threw. */
  readonly effectErrors: unknown[] = [];
  number = 0;
  private turnSent: Sent[] = [];
  private turnEffects: (() => void)[] = [];
  private timersBefore: Map<string, SetTimer> | undefined;
  private numberBefore = 0;

  constructor(path = '/test', parentPath?: string) {
    this.self = new ActorRef(path);
    this.parent = parentPath === undefined ? undefined : new ActorRef(parentPath);
  }

  begin(): void {
    this.inTurn = true;
    this.timersBefore = new Map(this.timers);
    this.numberBefore = this.number;
  }

  /** End the turn. Returns the effects, which the caller runs. */
  commit(): (() => void)[] {
    this.inTurn = false;
    this.sent.push(...this.turnSent.splice(0));
    return this.turnEffects.splice(0);
  }

  rollback(): void {
    this.inTurn = false;
    this.turnSent = [];
    this.turnEffects = [];
    this.number = this.numberBefore;
    this.timers.clear();
    for (const [id, timer] of this.timersBefore ?? []) this.timers.set(id, timer);
  }

  run(effects: (() => void)[]): void {
    for (const effect of effects) {
      try {
        effect();
      } catch (error) {
        this.effectErrors.push(error);
      }
    }
  }

  get timerIds(): Iterable<string> {
    return this.timers.keys();
  }

  send(target: ActorRef, event: EventObject): void {
    this.requireTurn();
    this.turnSent.push({ to: target.path, event: decode(encode(event, 'event')) as EventObject });
  }

  setTimer(timerId: string, delayMs: number, firing: TimerFiring): void {
    this.requireTurn();
    this.timers.set(timerId, { delayMs, firing: decode(encode(firing, 'timer')) as TimerFiring });
  }

  cancelTimer(timerId: string): void {
    this.requireTurn();
    this.timers.delete(timerId);
  }

  effect(run: () => void): void {
    this.requireTurn();
    this.turnEffects.push(run);
  }

  post(address: string, effectId: string, event: EventObject): void {
    if (this.inTurn) throw new Error('post inside a turn');
    try {
      this.posted.push({ address, effectId, event: decode(encode(event, 'report')) as EventObject });
    } catch (error) {
      const failed: EffectFailed = { type: effectFailedType, error };
      this.posted.push({ address, effectId, event: failed });
    }
  }

  nextEffectNumber(): string {
    return `1.${this.nextNumber()}`;
  }

  nextNumber(): number {
    this.requireTurn();
    this.number += 1;
    return this.number;
  }

  private requireTurn(): void {
    if (!this.inTurn) throw new Error('only inside a turn');
  }
}

/** One actor: its port, its instance, its stored state. */
export class FakeCell {
  port: FakePort;
  instance: CellInstance;
  /** Bytes of the last committed state. */
  stored: Uint8Array | undefined;
  /** When false, `turn` leaves the effects in `uncommitted` for the test to run. */
  commitsAtOnce = true;
  uncommitted: (() => void)[] = [];

  constructor(
    private readonly logic: CellLogic,
    input?: unknown,
    port: FakePort = new FakePort(),
  ) {
    this.port = port;
    this.instance = logic.create(port, input);
  }

  start(): this {
    this.turn(() => this.instance.start());
    return this;
  }

  /** One event in a turn of its own. */
  tell(event: EventObject): this {
    this.turn(() => this.instance.handle(event));
    return this;
  }

  /** Let a timer fire. */
  fire(timerId: string): this {
    const timer = this.port.timers.get(timerId);
    if (timer === undefined) throw new Error(`no timer ${timerId}, only ${[...this.port.timers.keys()].join()}`);
    this.turn(() => {
      this.port.timers.delete(timerId);
      this.instance.fire(timer.firing);
    });
    return this;
  }

  /** Settle the oldest report. */
  settle(): this {
    const report = this.port.posted.shift();
    if (report === undefined) throw new Error('nothing is posted');
    this.turn(() => this.instance.settle(report.address, report.effectId, report.event));
    return this;
  }

  /** Wait until an effect has reported, then settle it. */
  async settleNext(): Promise<this> {
    await this.untilPosted(1);
    return this.settle();
  }

  /** Wait until so many reports wait. */
  async untilPosted(count: number): Promise<void> {
    for (let turns = 0; this.port.posted.length < count; turns += 1) {
      if (turns > 1_000) throw new Error(`only ${this.port.posted.length} of ${count} reports came`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Run a turn as a host does: commit with the state, or throw away what it did and bring back the state before. */
  turn(step: () => void): void {
    this.port.begin();
    try {
      step();
      this.stored = encode(this.instance.persist(), 'state');
    } catch (error) {
      this.port.rollback();
      this.instance.dispose();
      if (this.stored !== undefined) this.revive(this.port);
      throw error;
    }
    const effects = this.port.commit();
    if (this.commitsAtOnce) this.port.run(effects);
    else this.uncommitted.push(...effects);
  }

  /** The commit that `commitsAtOnce = false` held back. */
  commitNow(): this {
    this.port.run(this.uncommitted.splice(0));
    return this;
  }

  /** Lose the instance as a crash does, and come back from the stored bytes. Timers, reports and numbers survive. */
  crash(): this {
    const { timers, posted, number, self, parent, sent } = this.port;
    const port = new FakePort(self.path, parent?.path);
    for (const [id, timer] of timers) port.timers.set(id, timer);
    port.posted.push(...posted);
    port.sent.push(...sent);
    port.number = number;
    this.uncommitted = [];
    this.revive(port);
    return this;
  }

  get view(): { value?: unknown; context?: unknown; status: string; output?: unknown; error?: unknown } {
    return this.instance.view() as { status: string };
  }

  private revive(port: FakePort): void {
    this.port = port;
    this.instance = this.logic.restore(port, decode(this.stored!));
    this.instance.resume(new Set(port.posted.map((report) => report.effectId)))();
  }
}

/** A promise and its ends, for effects a test wants to hold in its hands. */
export function deferred<T>(): { promise: Promise<T>; resolve(value: T): void; reject(error: unknown): void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((whenResolved, whenRejected) => {
    resolve = whenResolved;
    reject = whenRejected;
  });
  return { promise, resolve, reject };
}

/** What a function throws, for a close look. Fails when it does not throw. */
export function thrownBy(run: () => unknown): Error & { code?: string } {
  try {
    run();
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error('nothing was thrown');
}
