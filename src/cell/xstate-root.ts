/**
 * The root actor of a machine's cell: XState's `Actor` with its methods, but made without its constructor, which
 * gives every actor a mailbox, two sets of listeners, a scope of closures and a bound `send` for life. Most machines
 * are idle most of the time, and of these things an idle one needs none.
 *
 * What I own: the members XState's methods work on. What XState owns: what its methods do with them.
 *
 * A1  To XState, to user code and to `instanceof` this is an actor: every member that the constructor sets is here.
 *     What is rarely used is made when it is asked for.
 * A2  At rest (between turns) the snapshot is let go and only its shape and the context are kept, if that says all.
 *     Whoever asks then gets an equal one.
 * A3  Events sent while another is being processed wait for it, in order, as in XState's mailbox.
 */
import { Actor, type AnyActorLogic, createEmptyActor } from 'xstate';
import type { EventObject } from '../core/message.js';
import type { LocalActor, LocalLogic, LocalSnapshot, MachineSnapshot } from './xstate-internals.js';
import { processing, type RealActor, type RealScope } from './xstate-internals.js';
import type { SnapshotShape, SnapshotShapes } from './xstate-shapes.js';

/** What the root needs of its cell's system; XState's methods need more of it. */
interface RootSystem {
  readonly port: { readonly self: { readonly path: string } };
  readonly _logger: (...values: unknown[]) => void;
  _bookId(): string;
  _relay(source: LocalActor | undefined, target: unknown, event: EventObject): void;
}

/** How a root begins: with an input, or where a stored snapshot left it. */
export interface RootStart {
  input?: unknown;
  snapshot?: unknown;
}

/** How a root goes on that was stored at rest (A2). */
export interface RootRest {
  shape: SnapshotShape;
  context: unknown;
}

type Work = () => void;

const noOptions = Object.freeze({});
const noEvents: EventObject[] = [];
const noWork: Work[] = [];
const noObservers = new Set<unknown>();
const noListeners = new Map<string, unknown>();

/** Runs actions for all roots: XState's own way of running one is a closure of each actor. */
const runAction = realActor().start()._actorScope.actionExecutor;

function realActor(): RealActor {
  return createEmptyActor() as unknown as RealActor;
}

/** XState's methods without the constructor. */
function Bare(): void {
  // The members are set by `RootActor`.
}
Bare.prototype = Actor.prototype;
const ActorMethods = Bare as unknown as new () => RealActor;

/** What only few actors ever need. */
interface Extras {
  /** Keeps who listens, and calls the listeners. */
  listening?: RealActor;
  send?: (event: EventObject) => void;
}

/** See the file's header. The members XState calls keep XState's names. */
export class RootActor extends ActorMethods implements LocalActor {
  override _processingStatus: number = processing.notStarted;
  declare readonly _doneEvent: EventObject | undefined;
  private full: MachineSnapshot | undefined;
  private shape: SnapshotShape | undefined;
  private context: unknown;
  /** Undefined while nothing is processed. */
  private events: EventObject[] | undefined = noEvents;
  private work: Work[] | undefined;
  private extras: Extras | undefined;

  constructor(
    private readonly shapes: SnapshotShapes,
    override readonly system: RootSystem,
    start: RootStart | RootRest,
  ) {
    super();
    system._bookId();
    if ('shape' in start) this.goOn(start);
    else this.begin(start);
  }

  /** Let go of what can be made again (A2). Not while an event is processed. */
  rest(): void {
    const { full } = this;
    if (this.work?.length === 0) this.work = undefined;
    if (full === undefined) return;
    const shape = this.shapes.of(full, this.shape);
    if (shape === undefined) return;
    this.shape = shape;
    this.context = full.context;
    this.full = undefined;
  }

  /** At rest the machine is active, without children and history: its value and context say it all. */
  get isResting(): boolean {
    return this.full === undefined && this.shape !== undefined;
  }

  /** Value and context at rest, which says it all; undefined when it is not at rest. */
  get resting(): [value: unknown, context: unknown] | undefined {
    return this.full === undefined && this.shape !== undefined ? [this.shape.value, this.context] : undefined;
  }

  // What XState's constructor sets

  get logic(): LocalLogic {
    return this.shapes.machine as unknown as LocalLogic;
  }

  get src(): AnyActorLogic {
    return this.shapes.machine;
  }

  override get _snapshot(): MachineSnapshot {
    // Undefined while the first one is being made.
    this.full ??= this.shape?.withContext(this.context);
    return this.full as MachineSnapshot;
  }

  override set _snapshot(snapshot: MachineSnapshot) {
    this.full = snapshot;
  }

  get id(): string {
    return this.system.port.self.path;
  }

  get sessionId(): string {
    return this.id;
  }

  get _parent(): RootSystem {
    return this.system;
  }

  get ref(): this {
    return this;
  }

  get options(): object {
    return noOptions;
  }

  get logger(): RootSystem['_logger'] {
    return this.system._logger;
  }

  get clock(): undefined {
    return undefined;
  }

  get systemId(): undefined {
    return undefined;
  }

  get _syncSnapshot(): undefined {
    return undefined;
  }

  /** Bound, and always the same one. */
  get send(): (event: EventObject) => void {
    this.extras ??= {};
    this.extras.send ??= (event) => this.system._relay(undefined, this, event);
    return this.extras.send;
  }

  override get mailbox(): RootMailbox {
    return new RootMailbox(this);
  }

  /** XState takes a new mailbox when the actor ends. */
  override set mailbox(_next: unknown) {
    this.events = undefined;
  }

  override get observers(): Set<unknown> {
    return this.extras?.listening?.observers ?? noObservers;
  }

  override get eventListeners(): Map<string, unknown> {
    return this.extras?.listening?.eventListeners ?? noListeners;
  }

  get _deferred(): Work[] {
    return this.work ?? noWork;
  }

  override get _actorScope(): RealScope {
    return new RootScope(this);
  }

  // What would write into the shared collections

  override subscribe(...given: unknown[]): unknown {
    this.listen();
    return super.subscribe(...given);
  }

  override on(...given: unknown[]): unknown {
    this.listen();
    return super.on(...given);
  }

  // For the scope and the mailbox

  defer(work: Work): void {
    this.work ??= [];
    this.work.push(work);
  }

  act(action: unknown): void {
    if (this._processingStatus === processing.running) runAction(action);
    else this.defer(() => runAction(action));
  }

  emit(event: EventObject): void {
    this.extras?.listening?._actorScope.emit(event);
  }

  take(event: EventObject): void {
    if (this.events === undefined) {
      this.events = noEvents;
      this._process(event);
      this.takeWaiting();
    } else if (this.events === noEvents) {
      this.events = [event];
    } else {
      this.events.push(event);
    }
  }

  takeWaiting(): void {
    for (let next = this.events?.shift(); next !== undefined; next = this.events?.shift()) this._process(next);
    this.events = undefined;
  }

  dropWaiting(): void {
    if (this.events !== undefined) this.events = noEvents;
  }

  private listen(): void {
    this.extras ??= {};
    this.extras.listening ??= realActor();
  }

  /** What `begin` and `start` leave of an active machine without children and history, once it rests. */
  private goOn({ shape, context }: RootRest): void {
    this.shape = shape;
    this.context = context;
    this._processingStatus = processing.running;
    this.events = undefined;
  }

  private begin({ input, snapshot }: RootStart): void {
    const { machine } = this.shapes;
    const logic = machine as unknown as Required<LocalLogic>;
    const scope = new RootScope(this);
    try {
      const first =
        snapshot === undefined ? logic.getInitialSnapshot(scope, input) : logic.restoreSnapshot(snapshot, scope);
      this._snapshot = first as MachineSnapshot;
    } catch (error) {
      const failed: LocalSnapshot = { status: 'error', output: undefined, error };
      this._snapshot = failed as MachineSnapshot;
    }
  }
}

/** What XState hands to the machine with an event. Each has its own: XState replaces the executor while it steps. */
class RootScope implements RealScope {
  actionExecutor: (action: unknown) => void;

  constructor(readonly self: RootActor) {
    this.actionExecutor = (action) => self.act(action);
  }

  get id(): string {
    return this.self.id;
  }

  get sessionId(): string {
    return this.self.id;
  }

  get logger(): RootSystem['_logger'] {
    return this.self.logger;
  }

  get system(): RootSystem {
    return this.self.system;
  }

  defer(work: Work): void {
    this.self.defer(work);
  }

  emit(event: EventObject): void {
    this.self.emit(event);
  }

  stopChild(child: LocalActor): void {
    if (child._parent !== this.self)
      throw new Error(`${child.id} cannot be stopped by ${this.id}: it is not its child`);
    child._stop();
  }
}

/** A3. Without a state of its own, so that an idle actor needs none. */
class RootMailbox {
  constructor(private readonly root: RootActor) {}

  start(): void {
    this.root.takeWaiting();
  }

  enqueue(event: EventObject): void {
    this.root.take(event);
  }

  clear(): void {
    this.root.dropWaiting();
  }
}
