/**
 * Running an actor's turns again, apart from any system: a cell of its own, the runner every host has, and nobody to
 * send to. What the cell asks for is written into a record that is only looked at; no effect ever starts, because
 * effects wait for a commit and none comes.
 *
 * What I own: the cell. What the caller owns: the history, what to compare with.
 *
 * P1  User code runs as in a turn of a host: same contexts, hooks, failures. Its clock stands at the turn's time.
 * P2  Sends, spawns, replies and timers go nowhere; a message the actor sent itself comes only as the history has it.
 */
import { InjectedFailures } from '../core/injected-failure.js';
import type { ActorDefinition } from '../cell/define.js';
import type { CellLogic } from '../cell/logic.js';
import { logicFor } from '../cell/logic-for.js';
import { ByteReader, ByteWriter } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { decode } from '../core/codec.js';
import { parseEnvelope } from '../core/envelope.js';
import { fromPlain, TroupeError } from '../core/errors.js';
import { ActorRef } from '../core/ref.js';
import type { HistoryMessage, HistorySubject } from '../journal/history-entry.js';
import { type EndKindValue, type FailureReport, frameHeaderBytes, type OpVisitor, readOps } from '../journal/ops.js';
import type { Activation } from '../journal/signals.js';
import { Cell, type CellStage } from './cell.js';
import { Client } from './client.js';
import { heartbeatBytes, HeartbeatWriter } from './heartbeat.js';
import type { MailItem } from './mailbox.js';
import { Outbox } from './outbox.js';
import { Runner, type RunnerHost } from './runner.js';

/** One turn to be run again. */
export interface ReplayedTurn {
  messages: readonly HistoryMessage[];
  /** Milliseconds since the epoch. */
  time: number;
  /** The actor is told to stop at its end. */
  isStopped: boolean;
}

/** What a turn left. */
export interface TurnOutcome {
  state: Buffer | undefined;
  end: { how: EndKindValue; value: Buffer } | undefined;
  /** What a message, or the start, threw. */
  error: Error | undefined;
}

const nothing = Buffer.alloc(0);

/** See the file's header. */
export class Replay implements RunnerHost {
  readonly session = 0;
  readonly outbox: Outbox;
  readonly client: Client;
  readonly injected = new InjectedFailures();
  /** What is run again is no news. */
  readonly announce = (): void => {};
  readonly heartbeat = new HeartbeatWriter(new SharedArrayBuffer(heartbeatBytes));
  readonly clock: Clock;
  private readonly runner: Runner;
  private readonly logic: CellLogic;
  private cell: Cell | undefined;
  private item: MailItem | undefined;
  private written: Buffer | undefined;
  private time = 0;
  private epoch = 0;

  /** @param parentPath where its parent lives; undefined at the root */
  constructor(
    private readonly definition: ActorDefinition,
    private readonly subject: HistorySubject,
    private readonly parentPath: string | undefined,
  ) {
    this.clock = { now: () => this.time, after: () => ({ cancel() {} }) };
    const write = (frame: Uint8Array): boolean => {
      this.written = Buffer.from(frame);
      return true;
    };
    this.outbox = new Outbox({ write, room: Number.MAX_SAFE_INTEGER, wantRoom() {} });
    this.client = new Client(this.session, this.outbox, this.clock);
    this.runner = new Runner(this);
    this.logic = logicFor(definition.logic, definition.options.effects);
  }

  /** There is an actor that can go on. */
  get isUp(): boolean {
    return this.cell?.stage === 'ready';
  }

  /**
   * A new actor: the next turn begins with its start.
   * @param life how many it had before
   * @throws what making the logic throws
   */
  create(life: number): void {
    const cell = this.newCell(life);
    const { input } = this.subject;
    cell.instance = this.logic.create(cell, input.length === 0 ? undefined : decode(input));
    cell.stage = 'starting';
  }

  /**
   * The actor as it was stored, brought to the definition's version.
   * @param abandoned effects whose report became a dead letter since
   * @throws TroupeError STATE_UNKNOWN, STATE_VERSION; what `migrate` throws
   */
  restore(state: Uint8Array, abandoned: readonly string[]): void {
    const cell = this.newCell();
    cell.instance = this.logic.restore(cell, cell.takeStored(Buffer.from(state), this.logic));
    cell.stage = 'ready';
    cell.abandoned = abandoned;
  }

  /** The state it would store now. @throws TroupeError PAYLOAD_NOT_CARRIABLE */
  encodeState(): Uint8Array {
    const out = new ByteWriter();
    this.requireCell().writeState(out);
    return out.copy();
  }

  /** Let go of the actor. */
  drop(): void {
    this.cell?.instance?.dispose();
    this.cell = undefined;
  }

  /** Run a turn. The messages must all be known. */
  run({ messages, time, isStopped }: ReplayedTurn): TurnOutcome {
    const cell = this.requireCell();
    const { runner } = this;
    this.time = time;
    this.written = undefined;
    runner.turn.begin(cell.level, time);
    if (cell.stage === 'starting' || cell.abandoned.length > 0) runner.run(cell);
    for (const { seq, envelope = nothing } of messages) {
      this.item = { seq, envelope: parseEnvelope(Buffer.from(envelope)), bytes: undefined };
      runner.run(cell);
    }
    if (isStopped && this.isUp) {
      cell.stopRequested = true;
      runner.run(cell);
    }
    runner.close();
    const record = this.written as Buffer | undefined;
    this.forgetTurn();
    return outcomeIn(record, cell.aid);
  }

  // RunnerHost

  cellAt(): undefined {
    return undefined;
  }

  isHere(cell: Cell): boolean {
    return cell === this.cell;
  }

  enqueue(): void {}

  unqueue(): void {}

  dequeue(): MailItem | undefined {
    const { item } = this;
    this.item = undefined;
    return item;
  }

  forget(cell: Cell, stage: CellStage): void {
    cell.stage = stage;
    if (cell === this.cell) this.cell = undefined;
  }

  renew(): void {}

  /** Nobody supervises it here. */
  nextLifeOf(cell: Cell): Cell {
    return cell;
  }

  inNameOf<T>(_actor: ActorRef, run: () => T): T {
    return run();
  }

  mailHandled(): void {
    // Effects do not run here.
  }

  unhandled(): void {}

  /** What was asked for beside the state is never acknowledged: nothing of it starts. */
  private forgetTurn(): void {
    this.epoch += 1;
    this.outbox.reset(this.epoch, new TroupeError('SYSTEM_STOPPED', 'a replay commits nothing'));
    // An empty turn lets the runner forget what the turn has deferred.
    this.runner.turn.begin('committed', this.time);
    this.runner.close();
  }

  private requireCell(): Cell {
    if (this.cell !== undefined) return this.cell;
    throw new TroupeError('STATE_UNKNOWN', `${this.subject.path} has not been brought up`);
  }

  private newCell(life = 0): Cell {
    this.drop();
    const { aid, parent, path, name, url, version, durability, input } = this.subject;
    const { parentPath = '' } = this;
    const parents = { parent, parentPath, parentDurability: 2 };
    const spec = { aid, path, name, url, version, durability, input: Buffer.from(input), ...parents };
    const alone = { supervised: false, retrying: false, more: false, mail: 0, settled: [], abandoned: [] };
    const activation: Activation = { ...spec, ...alone, state: undefined, life };
    const above = parent === 0 ? undefined : new ActorRef(parentPath, parent);
    const cell = new Cell(activation, this.runner, above);
    cell.definition = this.definition;
    this.cell = cell;
    return cell;
  }
}

/** What a turn's record says of an actor. */
function outcomeIn(record: Buffer | undefined, aid: number): TurnOutcome {
  const outcome: TurnOutcome = { state: undefined, end: undefined, error: undefined };
  if (record === undefined) return outcome;
  const visitor: Partial<OpVisitor> = {
    state: (of, _busy, at, length) => {
      if (of === aid) outcome.state = record.subarray(at, at + length);
    },
    ended: (of, how, value) => {
      if (of === aid) outcome.end = { how, value };
    },
    fail: (of, _seq, _kind, report) => {
      if (of === aid) outcome.error = fromPlain((decode(report) as FailureReport).error);
    },
  };
  // Whatever else the turn asked for is passed over.
  const ignoring = new Proxy(visitor, { get: (known, name) => Reflect.get(known, name) ?? (() => {}) }) as OpVisitor;
  readOps(new ByteReader(record, frameHeaderBytes), record.length, ignoring);
  return outcome;
}
