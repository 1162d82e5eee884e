/**
 * XState's interpreter as a cell's logic: machines, and any logic that starts something (promises, callbacks,
 * observables, custom logic with `start`). The only files that touch XState's insides are this one and the
 * `xstate-*.ts` beside it; `xstate-pins.test.ts` pins what they rely on.
 *
 * What I own: the root XState actor. What its `CellSystem` owns: everything around the root.
 *
 * How failures are told apart:
 *  - A throw during a turn fails the message: the method throws what was thrown (C2).
 *  - A machine that ends in an error state does the same, whatever brought it there. An invoked promise that rejects
 *    without an `onError` thus fails the message that brings the rejection: it is tried again from the last
 *    committed state, fails again the same way, becomes a dead letter, and the machine stays in its state with the
 *    promise counted as settled (`abandon`). It may then be told what to do by another message.
 *  - Other logic that ends in an error without throwing (a promise that rejects) has ended, and not failed: see
 *    `status`. There is nothing to try again.
 */
import { type AnyActorLogic, createActor } from 'xstate';
import type { EventObject } from '../core/message.js';
import { logAs } from './actor-log.js';
import { parentAddress } from './address.js';
import type { CellInstance, CellLogic, CellPort, CellStatus, LocalAddress, TimerFiring } from './logic.js';
import { effectFailedType } from './logic.js';
import { effectIdOfReport } from './xstate-effects.js';
import { isMachine, type LocalActor, type LocalSnapshot } from './xstate-internals.js';
import { changeState, checkRestored, outlineOf, plainState, readState, writeState } from './xstate-persist.js';
import { hidingBytes, persistedOf } from './xstate-persisted.js';
import { RootActor, type RootStart } from './xstate-root.js';
import { SnapshotShapes } from './xstate-shapes.js';
import { CellSystem } from './xstate-system.js';

/**
 * Run any XState logic in cells.
 * @param logic a machine, or other actor logic; `checkLogic` says what it must not contain
 */
export function xstateLogic(logic: AnyActorLogic): CellLogic {
  const shapes = isMachine(logic) ? new SnapshotShapes(logic) : undefined;
  return {
    create: (port, input) => new XStateInstance(shapes ?? logic, new CellSystem(port, undefined), input),
    restore: (port, persisted) => restoreInstance(shapes ?? logic, port, persisted),
    migrate: changeState,
  };
}

/** Logic to make a root of; a machine comes with its shapes. */
type RootLogic = AnyActorLogic | SnapshotShapes;

function restoreInstance(logic: RootLogic, port: CellPort, persisted: unknown): CellInstance {
  return (
    (logic instanceof SnapshotShapes ? restAgain(logic, port, persisted) : undefined) ?? revive(logic, port, persisted)
  );
}

/** A machine that was stored at rest, in a state its definition has been seen in, takes up its rest again. */
function restAgain(shapes: SnapshotShapes, port: CellPort, persisted: unknown): CellInstance | undefined {
  const state = plainState(persisted);
  const shape = state && shapes.ofValue(state[0]);
  if (state === undefined || shape === undefined) return undefined;
  const system = new CellSystem(port, undefined);
  system.root = new RootActor(shapes, system, { shape, context: state[1] });
  return new XStateInstance(shapes, system, undefined);
}

function revive(logic: RootLogic, port: CellPort, persisted: unknown): CellInstance {
  const { path } = port.self;
  const { snapshot, effects } = readState(persisted, path);
  const outline = outlineOf(snapshot);
  const system = new CellSystem(port, effects);
  const root = hidingBytes(snapshot, () => makeRoot(logic, system, { snapshot }));
  checkRestored(root, outline, path);
  // Starting one that has ended would tell its end once more.
  if (outline.status === 'active') root.start();
  if (system.failure !== undefined) throw system.failure.error;
  system.endRestore();
  rest(system);
  return new XStateInstance(logic, system, undefined);
}

function makeRoot(logic: RootLogic, system: CellSystem, given: RootStart): LocalActor {
  const root = logic instanceof SnapshotShapes ? new RootActor(logic, system, given) : realRoot(logic, system, given);
  system.root = root;
  return root;
}

function realRoot(logic: AnyActorLogic, system: CellSystem, given: RootStart): LocalActor {
  // `parent` is not among XState's public options: with it, XState makes no actor system of its own.
  const options = { ...given, id: system.port.self.path, parent: system } as object;
  return createActor(logic, options) as unknown as LocalActor;
}

/** A machine that has done its work lets go of what it does not need until the next event. */
function rest(system: CellSystem): void {
  const { root } = system;
  if (root instanceof RootActor && !system.hasHadChildren) root.rest();
}

const active: CellStatus = { kind: 'active' };

class XStateInstance implements CellInstance {
  constructor(
    private readonly logic: RootLogic,
    private readonly system: CellSystem,
    private input: unknown,
  ) {}

  start(): void {
    logAs(this.path);
    // Making a machine already runs its context function, its first guards and assigns: it belongs to the turn.
    const root = makeRoot(this.logic, this.system, { input: this.input });
    this.input = undefined;
    const couldBeMade = root.getSnapshot().status !== 'error';
    root.start();
    this.check(couldBeMade);
  }

  handle(event: EventObject): void {
    logAs(this.path);
    this.root._send(event);
    this.check(true);
  }

  fire(firing: TimerFiring): void {
    logAs(this.path);
    if (firing.ref !== undefined) {
      this.system.port.send(firing.ref, firing.event);
      return;
    }
    this.system.find(firing.address ?? '')?._send(firing.event);
    this.check(true);
  }

  settle(address: LocalAddress, effectId: string, event: EventObject): void {
    logAs(this.path);
    let to = address;
    if (effectId !== '') {
      const effect = this.system.findEffect(effectIdOfReport(effectId));
      if (effect === undefined) return;
      // Whatever the report was meant for, its failure is the effect's.
      if (event.type === effectFailedType) to = effect.address;
    }
    if (to === parentAddress) this.system.sendParent(event);
    else this.system.find(to)?._send(event);
    this.check(true);
  }

  abandon(effectId: string): void {
    // Of an effect that has more to say only the one report is lost.
    this.system.findEffect(effectId)?.abandon();
  }

  resume(settled: ReadonlySet<string>): () => void {
    const effects = this.system.allEffects();
    for (const effect of effects) if (settled.has(effect.id)) effect.markSettled();
    return () => {
      for (const effect of effects) effect.begin();
    };
  }

  get hasEffects(): boolean {
    return this.system.allEffects().length > 0;
  }

  isBusy(): boolean {
    return this.system.allEffects().some((effect) => effect.isRunning);
  }

  status(): CellStatus {
    const { root } = this;
    if (root instanceof RootActor && root.isResting) return active;
    const { status, output, error } = root.getSnapshot();
    if (status === 'done') return { kind: 'done', output };
    return status === 'error' ? { kind: 'error', error } : active;
  }

  hears(event: EventObject): boolean {
    if (!this.isMachine) return true;
    const snapshot = this.root.getSnapshot() as LocalSnapshot & { can(event: EventObject): boolean };
    return snapshot.can(event);
  }

  persist(): unknown {
    return writeState(this.root, this.system);
  }

  view(): unknown {
    const snapshot = this.root.getSnapshot();
    const { status, value, output, error } = snapshot;
    // References to local children are shown as XState stores them: they mean nothing outside the cell.
    const { context } = (this.isMachine ? persistedOf(snapshot) : this.root.getPersistedSnapshot()) as LocalSnapshot;
    const view: Record<string, unknown> = this.isMachine ? { value, context, status } : { context, status };
    if (status === 'done') view.output = output;
    if (status === 'error') view.error = error;
    return view;
  }

  dispose(): void {
    this.system.disposed = true;
    for (const effect of this.system.allEffects()) {
      try {
        effect.cleanUp();
      } catch {
        // The cell is gone, and nobody is left who could answer for the effect's clean-up.
      }
    }
  }

  private get root(): LocalActor {
    return this.system.root!;
  }

  private get path(): string {
    return this.system.port.self.path;
  }

  private get isMachine(): boolean {
    return this.logic instanceof SnapshotShapes;
  }

  /** C2: did the message fail? If not, it is over. */
  private check(couldBeMade: boolean): void {
    const { failure } = this.system;
    if (failure === undefined) {
      rest(this.system);
      return;
    }
    if (!couldBeMade || this.isMachine || this.system.hasRootThrown) throw failure.error;
  }
}
