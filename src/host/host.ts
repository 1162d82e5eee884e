/**
 * A host: one thread's turn loop. It takes deliveries from the journal into cells' mailboxes, lets ready
 * cells run in turn, and hands over what they did as one record per turn. It does not wait for the commit:
 * whatever it sends later queues behind it.
 *
 * What I own: the cells of this thread and who is ready. What the runner owns: the turn. What the driver
 * owns: when to call `step`, and the waiting in between. What the journal owns: who lives here, in which
 * order mail comes.
 *
 * H1  A cell handles one message to its end before the next (G4); ready cells take turns, one message each.
 * H2  A turn holds cells of one durability level, so that a fast level never waits for a slow one.
 * H3  When the ring is full or the lead over the journal too large, no cell runs (G10).
 * H4  What the journal sends for a cell that does not live here any more is passed over: the journal learns
 *     from the same stream that it left, and delivers again elsewhere.
 * H5  A cell whose definition is known is up before the next signal is read. Cells that come before their
 *     definition has been imported wait for one import together, and come up in the order they came in.
 * H6  The effects of a cell that comes back begin when the mail that waited for it is handled, and that is on its way
 *     to the journal: word that one of them has ended its thread is heard before it could do so again.
 */
import { type ActorDefinition, loadDefinition, loadedDefinition } from '../cell/define.js';
import { logicFor } from '../cell/logic-for.js';
import type { CellLogic } from '../cell/logic.js';
import { ByteReader } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { decode, encode } from '../core/codec.js';
import { type Envelope, readEnvelope } from '../core/envelope.js';
import { fromPlain, type PlainError, TroupeError, toPlain } from '../core/errors.js';
import { InjectedFailures } from '../core/injected-failure.js';
import { limits } from '../core/limits.js';
import type { LinkReader, LinkWriter } from '../core/link.js';
import { ActorRef, type Durability } from '../core/ref.js';
import { durabilityCodes, durabilityNames, EndKind, FailKind, type FailureReport } from '../journal/ops.js';
import { type Activation, readSignals, type SignalVisitor } from '../journal/signals.js';
import type { CommitLevel } from '../journal/store.js';
import { Cell, type InNameOf } from './cell.js';
import { Client } from './client.js';
import type { DirectPort } from './direct.js';
import { failureReport } from './failure.js';
import type { HeartbeatWriter } from './heartbeat.js';
import { HostMailbox, type MailItem } from './mailbox.js';
import { Outbox } from './outbox.js';
import { Residence } from './residence.js';
import type { Tell } from '../observe/channels.js';
import { Runner, type RunnerHost } from './runner.js';

/** What a host is made of. */
export interface HostOptions {
  /** The number the journal gave this thread. */
  session: number;
  reader: LinkReader;
  writer: LinkWriter;
  clock: Clock;
  heartbeat: HeartbeatWriter;
  /** Called when there is work although no bell rang. */
  wake: () => void;
  /** How many cells may stay in memory although they are idle. Default: `limits.residentActorsMaxDefault`. */
  cellsMax?: number;
  /** How an actor's code is run. Default: it is called. */
  inNameOf?: InNameOf;
  /** Links straight to other threads; without it everything goes through the journal. */
  direct?: DirectPort;
  /** Where news of actors goes. Default: nowhere. */
  announce?: Tell;
  /** Where a definition is to be found now, when it is not where the journal says. */
  locate?: (name: string) => string | undefined;
}

const nothing = Buffer.alloc(0);

/** A frame is read once and then let go: what an activation is still needed for must be its own. */
function keepBytes(activation: Activation): void {
  const { input, state } = activation;
  activation.input = input.length === 0 ? nothing : Buffer.from(input);
  activation.state = state && Buffer.from(state);
}

/** One thread's turn loop. */
export class Host implements RunnerHost, SignalVisitor {
  readonly outbox: Outbox;
  readonly client: Client;
  readonly session: number;
  readonly clock: Clock;
  readonly heartbeat: HeartbeatWriter;
  readonly announce: Tell;
  readonly injected = new InjectedFailures();
  readonly inNameOf: InNameOf;
  private readonly runner: Runner;
  private readonly residence: Residence;
  private readonly cells = new Map<number, Cell>();
  private readonly byPath = new Map<string, Cell>();
  private readonly ready: Record<CommitLevel, Cell[]> = { committed: [], flushed: [] };
  private readonly logics = new WeakMap<ActorDefinition, CellLogic>();
  private readonly directReaders = new Map<number, LinkReader>();
  /** Cells whose definition is being imported, by its name and module. */
  private readonly loading = new Map<string, Cell[]>();
  /** Cells whose effects may begin now. */
  private readonly toBegin: Cell[] = [];
  private lastParent: ActorRef | undefined;
  private queued = 0;
  private lastLevel: CommitLevel = 'committed';
  private activations = 0;
  private passivations = 0;

  constructor(private readonly options: HostOptions) {
    this.session = options.session;
    this.clock = options.clock;
    this.heartbeat = options.heartbeat;
    this.announce = options.announce ?? (() => {});
    this.inNameOf = options.inNameOf ?? ((_actor, run) => run());
    this.outbox = new Outbox(options.writer);
    const here = {
      session: options.session,
      deliver: (path: string, envelope: Envelope) => this.deliverHere(path, envelope),
    };
    const direct = options.direct && { ...options.direct, here };
    this.client = new Client(options.session, this.outbox, options.clock, direct);
    this.runner = new Runner(this);
    const { clock } = options;
    const home = {
      clock,
      mayGo: (cell: Cell) => this.mayPassivate(cell),
      passivate: (cell: Cell) => this.passivate(cell),
    };
    this.residence = new Residence(home, this.cells, options.cellsMax ?? limits.residentActorsMaxDefault);
  }

  /** One round: take what has come, run one turn. Returns true when there is more to do at once. */
  step(): boolean {
    this.client.flush();
    this.outbox.drain();
    // What was handled before them is on its way.
    for (const cell of this.toBegin.splice(0)) this.beginEffects(cell);
    const hasRoom = this.queued < limits.hostMailMax;
    const tookSignals = (hasRoom || !this.mayRun) && this.takeSignals(this.options.reader);
    const took = (hasRoom && this.takeDirect()) || tookSignals;
    if (this.mayRun && this.hasReady) this.runTurn();
    this.residence.shrink();
    this.heartbeat.beat();
    return took || this.toBegin.length > 0 || (this.mayRun && this.hasReady);
  }

  /** Totals and sizes. */
  stats(): Record<string, number> {
    const { activations, passivations, queued } = this;
    return { ...this.runner.stats, activations, passivations, queued, cells: this.cells.size };
  }

  /**
   * Let go of cells that have been idle for as long as their definition allows.
   * @param idleMs this long instead, in milliseconds
   */
  passivateIdle(idleMs?: number): void {
    this.residence.sweep(idleMs);
  }

  /** Another thread writes straight to this one. */
  attachDirect(session: number, reader: LinkReader): void {
    this.directReaders.set(session, reader);
    this.options.wake();
  }

  /** That thread is gone, and has written all it had. */
  detachDirect(session: number): void {
    const reader = this.directReaders.get(session);
    while (reader !== undefined && this.takeSignals(reader));
    this.directReaders.delete(session);
    this.client.direct?.dropLane(session);
  }

  /** Is a message being handled? */
  get isHandling(): boolean {
    return this.runner.running !== undefined;
  }

  /** The thread is about to end of what this actor has begun. One that is not journaled begins anew all the same. */
  uncaught(actor: ActorRef, error: TroupeError): void {
    if (actor.durability === 'none') return;
    this.runner.uncaught(actor, error);
    this.client.flush();
    this.outbox.drain();
  }

  /** End all effects: the thread is about to stop. */
  close(error: TroupeError): void {
    this.client.close(error);
    this.dropAll();
  }

  // Signals from the journal

  ack(frameNo: number): void {
    this.outbox.ack(frameNo);
  }

  result(frameNo: number, index: number, ok: boolean, value: Buffer): void {
    this.client.result(frameNo, index, ok, value);
  }

  deliver(aid: number, seq: number, more: boolean, from: ByteReader): void {
    const cell = this.cells.get(aid);
    if (cell !== undefined) {
      if (seq !== 0) cell.more = more;
      this.enqueue(cell, { seq, envelope: readEnvelope(from), bytes: undefined });
    } else if (seq === 0) {
      // Not journaled, and not here: the journal knows where, or why not.
      const envelope = readEnvelope(from);
      envelope.receipt = false;
      this.client.write('committed', (frame) => frame.send(envelope));
    }
  }

  activate(activation: Activation): void {
    const cell = new Cell(activation, this.runner, this.parentOf(activation));
    cell.barrierFrameNo = this.outbox.lastFrameNo;
    cell.activeAt = this.clock.now();
    this.cells.set(cell.aid, cell);
    this.byPath.set(activation.path, cell);
    if (!cell.isJournaled) this.client.direct?.arrived(activation.path);
    this.activations += 1;
    const url = this.options.locate?.(activation.name) ?? activation.url;
    const definition = loadedDefinition(activation.name, url);
    if (definition === undefined || !cell.isJournaled) keepBytes(activation);
    if (definition === undefined) this.load(cell, activation.name, url);
    else this.bringUp(cell, definition);
  }

  more(aid: number): void {
    const cell = this.cells.get(aid);
    if (cell !== undefined) cell.more = true;
  }

  reply(askId: number, ok: boolean, value: Buffer): void {
    this.client.replied(askId, ok, value);
  }

  notice(): void {}

  reset(epoch: number, error: Buffer): void {
    this.dropAll();
    const cause = fromPlain(decode(error) as PlainError);
    this.outbox.reset(epoch, cause);
    this.client.abandonLate(cause);
  }

  stopCell(aid: number, isKilled: boolean): void {
    const cell = this.cells.get(aid);
    if (cell === undefined) return;
    cell.stopRequested = true;
    cell.isKilled = isKilled;
    // Its module may never be there.
    if (isKilled && cell.stage === 'loading') {
      this.forget(cell, 'gone');
      this.client.write(cell.level, (frame) => frame.ended(aid, EndKind.stopped, nothing));
      return;
    }
    this.makeReady(cell);
  }

  dropCell(aid: number): void {
    const cell = this.cells.get(aid);
    if (cell === undefined) return;
    this.forget(cell, 'gone');
    cell.instance?.dispose();
  }

  // For the runner

  cellAt(path: string): Cell | undefined {
    return this.byPath.get(path);
  }

  isHere(cell: Cell): boolean {
    return this.cells.get(cell.aid) === cell;
  }

  enqueue(cell: Cell, item: MailItem): void {
    cell.mailbox ??= new HostMailbox();
    cell.mailbox.push(item);
    this.queued += 1;
    this.makeReady(cell);
    if (!this.isStepping) this.options.wake();
  }

  unqueue(cell: Cell, item: MailItem): void {
    if (cell.mailbox?.take(item)) this.queued -= 1;
  }

  dequeue(cell: Cell): MailItem | undefined {
    const item = cell.mailbox?.shift();
    if (item !== undefined) this.queued -= 1;
    return item;
  }

  forget(cell: Cell, stage: 'failed' | 'gone'): void {
    cell.stage = stage;
    this.queued -= cell.mailbox?.clear() ?? 0;
    if (!this.isHere(cell)) return;
    this.cells.delete(cell.aid);
    if (this.byPath.get(cell.self.path) === cell) this.byPath.delete(cell.self.path);
  }

  renew(cell: Cell): void {
    if (cell.definition === undefined) return;
    cell.stage = 'loading';
    this.bringUp(cell, cell.definition);
  }

  nextLifeOf(cell: Cell): Cell {
    const { aid, self, input, parent, definition, life: lived } = cell as Cell & { definition: ActorDefinition };
    const { name, url, version } = definition;
    const life: Activation = {
      ...{ aid, path: self.path, durability: durabilityCodes[self.durability], input, state: undefined },
      ...{ parent: parent?.aid ?? 0, parentPath: parent?.path ?? '', parentDurability: 0, supervised: true },
      ...{ name, url, version, more: false, mail: 0, settled: [], abandoned: [], retrying: false },
      life: lived + 1,
    };
    const next = new Cell(life, this.runner, parent);
    next.barrierFrameNo = cell.barrierFrameNo;
    next.hasBegunHere = true;
    next.activeAt = cell.activeAt;
    next.mailbox = cell.mailbox;
    cell.mailbox = undefined;
    cell.stage = 'failed';
    this.cells.set(aid, next);
    this.byPath.set(self.path, next);
    this.activations += 1;
    this.bringUp(next, definition);
    return next;
  }

  unhandled(cell: Cell, error: unknown): void {
    const cause = error instanceof Error ? error : new Error(String(error));
    process.emitWarning(new TroupeError('EFFECT_FAILED', `an effect of ${cell.self.path} threw`, { cause }));
  }

  /** A message that needs no commit, to an actor of this thread. */
  private deliverHere(path: string, envelope: Envelope): boolean {
    const cell = this.byPath.get(path);
    if (cell === undefined || cell.isJournaled) return false;
    this.enqueue(cell, { seq: 0, envelope, bytes: undefined });
    return true;
  }

  // Bringing cells up

  /** Children of one parent share the ref of it. */
  private parentOf({ parent, parentPath, parentDurability }: Activation): ActorRef | undefined {
    if (parent === 0) return undefined;
    const durability = durabilityNames[parentDurability] as Durability;
    const last = this.lastParent;
    if (last?.aid === parent && last.path === parentPath && last.durability === durability) return last;
    this.lastParent = new ActorRef(parentPath, parent, durability);
    return this.lastParent;
  }

  /** H5: one import for all cells that wait for it. */
  private load(cell: Cell, name: string, url: string): void {
    const key = `${name} ${url}`;
    const waiting = this.loading.get(key);
    if (waiting !== undefined) {
      waiting.push(cell);
      return;
    }
    const cells = [cell];
    this.loading.set(key, cells);
    const settle = (act: (each: Cell) => void) => {
      this.loading.delete(key);
      for (const each of cells) act(each);
    };
    loadDefinition(name, url).then(
      (definition) => settle((each) => this.bringUp(each, definition)),
      (error: unknown) => settle((each) => this.cannotRestore(each, error)),
    );
  }

  private bringUp(cell: Cell, definition: ActorDefinition): void {
    if (cell.stage !== 'loading' || !this.isHere(cell)) return;
    cell.definition = definition;
    if (cell.activation === undefined) return;
    const { state, settled, abandoned, input } = cell.activation;
    try {
      const logic = this.logicOf(definition);
      if (state === undefined) {
        cell.instance = logic.create(cell, input.length === 0 ? undefined : decode(input));
        cell.stage = 'starting';
      } else {
        cell.instance = logic.restore(cell, cell.takeStored(state, logic));
        cell.stage = 'ready';
        if (cell.instance.hasEffects) {
          cell.begin = cell.instance.resume(new Set([...settled, ...abandoned]));
          cell.mailAhead = cell.activation.mail;
          if (cell.mailAhead === 0) this.beginEffects(cell);
        }
        cell.abandoned = abandoned;
      }
    } catch (error) {
      if (state === undefined) this.startFailed(cell, error);
      else this.cannotRestore(cell, error);
      return;
    }
    if (cell.isJournaled) {
      if (cell.isSupervised && input.length > 0) cell.input = Buffer.from(input);
      cell.activation = undefined;
    }
    this.makeReady(cell);
    if (!this.isStepping) this.options.wake();
  }

  /** H6 */
  mailHandled(cell: Cell): void {
    cell.isRetrying = false;
    if (cell.begin === undefined) return;
    cell.mailAhead -= 1;
    if (cell.mailAhead <= 0 || (!cell.more && !cell.hasWork)) this.toBegin.push(cell);
  }

  private beginEffects(cell: Cell): void {
    const { begin } = cell;
    cell.begin = undefined;
    if (begin !== undefined && this.isHere(cell)) this.inNameOf(cell.self, begin);
  }

  private logicOf(definition: ActorDefinition): CellLogic {
    let logic = this.logics.get(definition);
    if (logic === undefined) {
      logic = logicFor(definition.logic, definition.options.effects);
      this.logics.set(definition, logic);
    }
    return logic;
  }

  /** Making the instance already threw: the same as a failing first turn. */
  private startFailed(cell: Cell, error: unknown): void {
    this.forget(cell, 'failed');
    const report = failureReport(cell.definition, error);
    this.client.write('flushed', (frame) => frame.fail(cell.aid, 0, FailKind.message, report));
  }

  private cannotRestore(cell: Cell, error: unknown): void {
    if (!this.isHere(cell)) return;
    this.forget(cell, 'failed');
    cell.instance?.dispose();
    const report = encode({ error: toPlain(error), attemptsMax: 1, retry: false } satisfies FailureReport, 'failure');
    this.client.write('flushed', (frame) => frame.fail(cell.aid, 0, FailKind.unrestorable, report));
  }

  // Turns

  private isStepping = false;

  private get mayRun(): boolean {
    return !this.outbox.isBlocked && this.outbox.unsettled < limits.turnsAheadMax;
  }

  private get hasReady(): boolean {
    return this.ready.committed.length > 0 || this.ready.flushed.length > 0;
  }

  private mayPassivate(cell: Cell): boolean {
    if (cell.stage !== 'ready' || cell.isReady || cell.more || cell.hasWork) return false;
    return cell.isJournaled && cell.viaJournal === 0 && !cell.instance?.isBusy();
  }

  private passivate(cell: Cell): void {
    this.client.write(cell.level, (frame) => frame.passivate(cell.aid));
    this.forget(cell, 'gone');
    cell.instance?.dispose();
    this.passivations += 1;
  }

  private makeReady(cell: Cell): void {
    if (cell.isReady || (cell.stage !== 'ready' && cell.stage !== 'starting')) return;
    if (cell.stage === 'ready' && !cell.hasWork) {
      // An idle cell has no mailbox.
      cell.mailbox = undefined;
      return;
    }
    cell.isReady = true;
    this.ready[cell.level].push(cell);
  }

  private takeDirect(): boolean {
    let took = false;
    for (const reader of this.directReaders.values()) if (this.takeSignals(reader)) took = true;
    return took;
  }

  private takeSignals(reader: LinkReader): boolean {
    let bytes = 0;
    const endAt = this.clock.now() + limits.signalsMsMax;
    this.isStepping = true;
    for (let frame = reader.read(); frame !== undefined; frame = reader.read()) {
      readSignals(new ByteReader(frame), this);
      bytes += frame.length;
      if (bytes > limits.signalBytesPerStep || this.clock.now() >= endAt) break;
    }
    this.isStepping = false;
    return bytes > 0;
  }

  private runTurn(): void {
    const { turn } = this.runner;
    const level = this.nextLevel();
    const queue = this.ready[level];
    const now = this.clock.now();
    const isFirst = this.outbox.unsettled === 0 && queue.length >= limits.turnFirstCellsMin;
    const endAt = now + (isFirst ? limits.turnMsFirst : limits.turnMsMax);
    this.isStepping = true;
    turn.begin(level, now);
    let at = 0;
    for (let cell = queue[at]; cell !== undefined && turn.messages < limits.turnMessagesMax; cell = queue[at]) {
      at += 1;
      cell.isReady = false;
      this.runner.run(cell);
      this.makeReady(cell);
      // Looking costs something too: messages of microseconds should not pay it each.
      if ((at & 3) === 0 && this.clock.now() >= endAt) break;
    }
    queue.splice(0, at);
    this.runner.close();
    this.isStepping = false;
  }

  /** The levels take turns while both have work. */
  private nextLevel(): CommitLevel {
    const other = this.lastLevel === 'flushed' ? 'committed' : 'flushed';
    if (this.ready[other].length > 0) this.lastLevel = other;
    return this.lastLevel;
  }

  private dropAll(): void {
    for (const cell of this.cells.values()) {
      cell.stage = 'gone';
      cell.mailbox = undefined;
      cell.instance?.dispose();
    }
    this.cells.clear();
    this.byPath.clear();
    this.ready.committed.length = 0;
    this.ready.flushed.length = 0;
    this.queued = 0;
  }
}
