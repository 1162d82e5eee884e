/**
 * A system: the one thing a program creates. It wires the parts together, hands out refs, and takes everything
 * down again in order.
 *
 * What I own: the order of start and stop, the guardian, who waits for whose end. What the machine owns: threads,
 * links, the journal. Actors are the journal's; stopping a system stops no actor.
 *
 * Y1  Start: options, log, journal (recovery), main node, hosts, guardian, then actors run. A failing step undoes
 *     the ones before it, in reverse.
 * Y2  Stop: no new work, drain, callers settled, hosts, journal, log. It can be asked for any number of times.
 */
import type { ActorPath } from '../core/ids.js';
import type { ActorDefinition, SpawnOptions } from '../cell/define.js';
import { viewStored } from '../cell/stored.js';
import { type Clock, systemClock } from '../core/clock.js';
import { decode } from '../core/codec.js';
import { fromPlain, TroupeError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import { type FailureKind, failureKinds, injectedFailure } from '../core/injected-failure.js';
import type { EventObject } from '../core/message.js';
import { checkOptions } from '../core/options.js';
import { parsePath } from '../core/path.js';
import { ActorRef, installRefClient, uninstallRefClient } from '../core/ref.js';
import { endOf, type Terminated } from '../host/failure.js';
import { spawnSpec } from '../host/spawn.js';
import type { FailureReport } from '../journal/ops.js';
import type { DecisionQuery } from '../journal/decisions.js';
import type { HistoryQuery } from '../journal/history.js';
import type { ActorSummary } from '../journal/queries.js';
import { type SystemHealth, type Tell, tellFrom } from '../observe/channels.js';
import { defaultLogger, logChannels } from '../observe/log.js';
import { countChannels } from '../observe/metrics.js';
import { type DeadLetterView, viewDeadLetter } from './dead-letters.js';
import { type DecisionView, viewDecisions } from './decisions.js';
import { checkDefinition } from './definition-check.js';
import { Guardian } from './guardian.js';
import { type ActorHistoryView, viewHistory, viewState } from './history.js';
import { Health, type Stage } from './health.js';
import type { Machine, MachineEvents } from './machine.js';
import type { ResolvedOptions } from './options.js';
import { onSignals } from './signals.js';
import { restorePolicy } from './supervision.js';

/** What `system.state` shows of an actor. */
export interface ActorState {
  path: ActorPath;
  /** The definition's name. */
  definition: string;
  /** `failed`: a decision is pending; `quarantined`: its state cannot be used, its mail is kept. */
  status: ActorSummary['status'];
  /** A statechart's state value. */
  value?: unknown;
  /** Its context, or a transition function's state. */
  context?: unknown;
  /** What it ended with. */
  output?: unknown;
  /** Why it failed, is quarantined, gave up, or was killed. */
  error?: Error | undefined;
  /** Messages accepted and not handled. */
  mail: number;
}

/** What `system.state` shows of an actor's past. */
export interface TurnState {
  path: ActorPath;
  /** The definition's name. */
  definition: string;
  /** The last turn at or before the one asked for that left a state. */
  turn: number;
  /** As in `ActorState`; absent when there was none: before the first turn, or after the end. */
  value?: unknown;
  context?: unknown;
  /** The definition's version that wrote the state. */
  version?: number;
}

/** Which stretch of an actor's history. */
export interface HistoryOptions {
  from?: number;
  limit?: number;
  last?: number;
}

/** Which decisions of supervision. */
export interface DecisionsOptions {
  path?: ActorPath;
  under?: ActorPath;
  last?: number;
}

/** Totals of a running system. */
export interface SystemStats {
  /** The journal's totals. */
  journal: Record<string, number>;
  /** Each host's. */
  hosts: Record<string, number>[];
  /** Replies that came after their question was given up. */
  lateReplies: number;
}

/** Builds the machine a system runs on. */
export type MachineFactory = (options: ResolvedOptions, events: MachineEvents) => Promise<Machine>;

type End = Omit<Terminated, 'type' | 'path'>;

/** Somebody who waits for an actor's end. */
interface EndWaiter {
  resolve(end: End): void;
  reject(error: TroupeError): void;
}

/** A running system. Made by `createSystem`. */
export class System {
  private machine!: Machine;
  private currentStage: Stage = 'starting';
  private readonly condition: Health;
  private isJournalLost = false;
  private stopped: Promise<void> | undefined;
  private readonly tell: Tell;
  private readonly watchers = new Map<string, Set<EndWaiter>>();
  private unlog: () => void = () => {};
  private uncount: () => void = () => {};
  private unlisten: () => void = () => {};
  private guardian!: Guardian;

  /** @internal */
  constructor(
    private readonly options: ResolvedOptions,
    protected readonly clock: Clock = systemClock,
  ) {
    this.tell = tellFrom(options.journal);
    const { hosts } = options;
    this.condition = new Health(
      hosts,
      () => this.stage,
      () => (this.machine as Machine | undefined)?.health,
      this.tell,
    );
  }

  private get stage(): Stage {
    return this.currentStage;
  }

  private enter(stage: Stage): void {
    this.currentStage = stage;
    this.condition.look();
  }

  /** @internal Y1 */
  async start(factory: MachineFactory): Promise<this> {
    const { options, tell } = this;
    this.uncount = countChannels(options.journal);
    if (options.logger !== false) this.unlog = logChannels(options.logger ?? (await defaultLogger()), options.journal);
    try {
      this.machine = await factory(options, {
        onHostLost: (thread, why, blamed) => tell('threadLost', { thread, why, blamed }),
        onHealth: () => this.condition.look(),
        onAnnounced: tell,
        onJournalLost: (error) => this.journalLost(error),
      });
    } catch (error) {
      this.enter('stopped');
      this.unlog();
      this.uncount();
      throw error;
    }
    const { client } = this.machine.main;
    const policy = options.supervision ?? restorePolicy;
    this.guardian = new Guardian({
      client,
      clock: this.clock,
      policy,
      tell,
      dislodge: (aid) => this.machine.dislodge(aid),
      onEnd: (path, end) => this.ended(path, end),
    });
    this.machine.main.onReset = (error) => this.condition.journalFailed(error);
    this.machine.main.onNotice = (notice) => {
      this.condition.hear(notice);
      this.guardian.hear(notice);
    };
    installRefClient(client);
    try {
      await this.machine.journal.open(options.actorsMax ?? Number.POSITIVE_INFINITY);
    } catch (error) {
      await this.undoStart();
      throw error;
    }
    if (options.signals) this.unlisten = onSignals(this);
    this.enter('running');
    tell('systemState', { state: 'started', journal: options.journal, hosts: this.machine.hostCount });
    return this;
  }

  /** Y1: the journal could not begin. What went wrong is told by the caller; the rest ends as far as it can. */
  private async undoStart(): Promise<void> {
    await this.machine.close().catch(() => {});
    this.machine.main.client.close(new TroupeError('SYSTEM_STOPPED', 'the system did not start'));
    uninstallRefClient(this.machine.main.client);
    this.enter('stopped');
    this.unlog();
    this.uncount();
  }

  /**
   * Start an actor, or find the one that lives at this path already (also from before a restart).
   *
   * Resolves when the actor is committed; its first turn may still be to come. A supervisor is waited for until its
   * children have started; when one cannot, this rejects with why.
   * @param definition what `defineActor` returned
   * @param options.id the path's last part, `[A-Za-z0-9_...]`; default: the definition's name and a number
   * @param options.input what the logic starts with; must be carriable
   * @throws SPAWN_CONFLICT when another definition or input lives there; PATH_ILLEGAL; PAYLOAD_NOT_CARRIABLE;
   *   SUPERVISOR_START; JOURNAL_FULL, SYSTEM_STOPPING, SYSTEM_STOPPED
   */
  async spawn<Input, Events extends EventObject>(
    definition: ActorDefinition<Input, Events>,
    ...[options]: undefined extends Input ? [options?: SpawnOptions<Input>] : [options: SpawnOptions<Input>]
  ): Promise<ActorRef<Events>> {
    checkDefinition(definition, 'definition');
    this.requireRunning();
    const given = checkOptions<SpawnOptions<unknown>>(options, spawnRules, `spawn("${definition.name}")`);
    const { client } = this.machine.main;
    const { path, aid, isNew } = await client.spawn(spawnSpec(definition, given, undefined));
    // What was deployed since may declare other children.
    if (!isNew && definition.options.supervises !== undefined) client.write('flushed', (frame) => frame.declared(aid));
    return new ActorRef<Events>(path, aid, definition.options.durability).boundTo(this.machine.main.client);
  }

  /**
   * The ref for a path. Does not look whether anybody lives there: that shows when it is used.
   * @typeParam E the events it understands; without it the ref may be told anything
   * @throws PATH_ILLEGAL
   */
  // biome-ignore lint/suspicious/noExplicitAny: an untyped ref must accept every event, as `ActorRef` alone does
  get<E extends EventObject = any>(path: ActorPath): ActorRef<E> {
    return new ActorRef<E>(pathOf(path)).boundTo(this.machine.main.client);
  }

  /**
   * An actor as it stands in the journal, or undefined if none ever lived at the path.
   * @param options.turn instead: the state it had after this turn of its history (see `history`)
   * @throws for a turn: ACTOR_UNKNOWN; HISTORY_GONE, naming the oldest turn there is, when it is older than the
   *   retention; OPTION_RANGE when there has been no such turn yet; JOURNAL_CORRUPT
   */
  async state(target: ActorRef | ActorPath): Promise<ActorState | undefined>;
  async state(target: ActorRef | ActorPath, options: { turn: number }): Promise<TurnState>;
  async state(target: ActorRef | ActorPath, options?: { turn: number }): Promise<ActorState | TurnState | undefined> {
    if (options !== undefined) return this.stateAt(pathOf(target), options);
    const info = await this.journal.actorInfo(pathOf(target));
    if (info === undefined) return undefined;
    const { path, name, status, mail } = info;
    const state: ActorState = { path, definition: name, status, mail };
    if (info.state !== undefined) Object.assign(state, viewStored(Buffer.from(info.state)));
    if (info.failure !== undefined) state.error = fromPlain((decode(Buffer.from(info.failure)) as FailureReport).error);
    if (info.end !== undefined) {
      const { output, error } = endOf(info.end.how, Buffer.from(info.end.value));
      Object.assign(state, { output, error });
    }
    return state;
  }

  /**
   * What an actor was told, what it did, and which state led to which, as far back as the journal's retention goes.
   * Reads beside the journal's work: a long history takes its time, and holds nobody up.
   *
   * An entry of kind `turn` is what committed together. When the actor handled several messages in it, they share the
   * state after it. Messages that were taken back by a failure are entries of their own.
   * @param options.from the turn to begin with; default: the oldest there is
   * @param options.limit at most so many entries (and what belongs to the last one's turn), 1 to 10,000; default 100
   * @param options.last instead: the last so many entries
   * @throws ACTOR_UNKNOWN; HISTORY_GONE, naming the oldest turn there is, when `from` is older than the retention;
   *   OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE; JOURNAL_CORRUPT
   */
  async history(target: ActorRef | ActorPath, options?: HistoryOptions): Promise<ActorHistoryView> {
    const path = pathOf(target);
    const query = checkOptions<HistoryQuery>(options, historyRules, `history of ${path}`);
    this.requireJournal();
    return viewHistory(await this.machine.ask({ kind: 'history', target: path, query }));
  }

  /**
   * What supervision decided, in the whole system, as far back as the journal's retention goes: what failed or exited,
   * who decided (a supervisor, or the guardian with the system's policy), by which rule, and what was done. The newest
   * is the last one. Reads beside the journal's work, as `history` does, and the whole log that is kept.
   *
   * A supervisor that gives up is told of like any child that exits; one that nobody supervises has ended with it.
   * @param options.path only of the actor, or those one after the other, at this path
   * @param options.under only of those at this path and below it
   * @param options.last at most so many, the newest; 1 to 10,000; default 1,000
   * @throws PATH_ILLEGAL; OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE; JOURNAL_CORRUPT
   */
  async decisions(options?: DecisionsOptions): Promise<DecisionView[]> {
    const query = checkOptions<DecisionQuery>(options, decisionRules, 'decisions');
    for (const path of [query.path, query.under]) if (path !== undefined) parsePath(path);
    this.requireJournal();
    return viewDecisions(await this.machine.ask({ kind: 'decisions', query }));
  }

  private async stateAt(path: string, options: { turn: number }): Promise<TurnState> {
    const { turn } = checkOptions<{ turn: number }>(options, turnRules, `state of ${path}`);
    this.requireJournal();
    const found = await this.machine.ask({ kind: 'state', target: path, turn });
    const state = found.state === undefined ? {} : viewState(found.state);
    return { path, definition: found.subject.name, turn: found.turn, ...state };
  }

  /**
   * Wait for an actor's end: done, failed or stopped. Told exactly once, also when it ended long ago.
   * @throws ACTOR_UNKNOWN when none ever lived there
   */
  async watch(target: ActorRef | ActorPath): Promise<Terminated> {
    const path = pathOf(target);
    const { journal } = this;
    let waiter!: EndWaiter;
    const told = new Promise<End>((resolve, reject) => {
      waiter = { resolve, reject };
    });
    // Whoever is refused below never comes to await it.
    told.catch(() => {});
    const waiting = this.watchers.get(path) ?? new Set();
    this.watchers.set(path, waiting.add(waiter));
    // Asked only after listening: an end in between is heard, not missed.
    const info = await journal.actorInfo(path);
    if (info === undefined || info.end !== undefined) {
      waiting.delete(waiter);
      if (info?.end === undefined)
        throw new TroupeError('ACTOR_UNKNOWN', `no actor at ${path}`, { field: 'path', value: path });
      if (info.status === 'ended')
        return { type: 'troupe.terminated', path, ...endOf(info.end.how, Buffer.from(info.end.value)) };
      waiting.add(waiter);
    }
    return { type: 'troupe.terminated', path, ...(await told) };
  }

  /** Dead letters, oldest first. @param from sequence number to begin with; @param limit at most so many */
  async deadLetters({ from = 0, limit = 1_000 }: { from?: number; limit?: number } = {}): Promise<DeadLetterView[]> {
    return (await this.journal.deadLetters(from, limit)).map(viewDeadLetter);
  }

  /** Living actors, children of one or all; at most `limit`. */
  async actors({ parent, limit = 1_000 }: { parent?: string; limit?: number } = {}): Promise<ActorSummary[]> {
    return this.journal.listActors(parent, limit);
  }

  /** Totals of all threads. */
  async stats(): Promise<SystemStats> {
    const [journal, hosts] = await Promise.all([this.journal.stats(), this.machine.hostStats()]);
    const { lateReplies } = this.machine.main.client;
    return { journal: { ...journal }, hosts, lateReplies: lateReplies + journal.lateReplies };
  }

  /**
   * How the system is, now and without asking anybody: for the probes of whoever runs the process. Changes are told on
   * the channel `troupe:health:changed`.
   */
  health(): SystemHealth {
    return this.condition.view();
  }

  /**
   * Stop: nothing new is accepted, actors work off their mail for at most `drainMs` (the rest waits in the
   * journal), effects end, everything is flushed. Actors are not stopped: they go on with the next start.
   * @param options.drainMs milliseconds; default 5,000; 0 stops after the turns under way
   * @throws JOURNAL_FULL, JOURNAL_WRITE when the journal could not be closed in order. The system has stopped all the
   *   same, and the next start finds everything that was acknowledged
   */
  stop({ drainMs = limits.drainMsDefault }: { drainMs?: number } = {}): Promise<void> {
    this.stopped ??= this.shutDown(drainMs);
    return this.stopped;
  }

  /** Kill a host thread as a fault would: for tests and demonstrations. Nothing is lost. */
  async killHost(index: number): Promise<void> {
    this.requireRunning();
    return this.machine.killHost(index);
  }

  /**
   * Let an actor's next messages fail, as a fault of its own would: for tests and drills. On one thread `hang` does not
   * wait for a message: the host that has the actor stands still at once, until the actor is killed.
   * @param target need not live yet
   * @param kind `throw`; `exit`: its thread ends; `hang`: until `hangAfterMs`; `hoard`: its heap fills up to its limit
   * @param options.times how many messages, attempts included; default 1
   * @throws OPTION_RANGE, OPTION_TYPE, PATH_ILLEGAL; on one thread also for `exit` and `hoard`, and ACTOR_UNKNOWN when
   *   an actor that is to hang is not awake
   */
  async injectFailure(
    target: ActorRef | ActorPath,
    kind: FailureKind,
    options: { times?: number } = {},
  ): Promise<void> {
    this.requireRunning();
    const rules = { times: { type: 'integer', min: 1, max: 1_000_000, default: 1 } } as const;
    const { times } = checkOptions<{ times: number }>(options, rules, 'injectFailure');
    if (!failureKinds.includes(kind)) {
      const message = `a failure is one of ${failureKinds.join(', ')}, not ${String(kind)}`;
      throw new TroupeError('OPTION_RANGE', message, { field: 'kind', value: kind });
    }
    return this.machine.injectFailure(injectedFailure(pathOf(target), kind, times));
  }

  /** Let idle actors leave memory now; the next message or timer brings them back. */
  async passivate(): Promise<void> {
    this.requireRunning();
    return this.machine.passivate();
  }

  /** @internal Leave without a word: what a second signal does. */
  abandon(): void {
    uninstallRefClient(this.machine.main.client);
    this.machine.abandon();
  }

  private async shutDown(drainMs: number): Promise<void> {
    if (this.stage === 'stopped') return;
    this.enter('stopping');
    const { journal } = this.options;
    this.tell('systemState', { state: 'stopping', journal, hosts: this.machine.hostCount });
    const { client } = this.machine.main;
    client.refuse(new TroupeError('SYSTEM_STOPPING', 'the system is stopping and accepts nothing new'));
    try {
      // A journal that is gone has nothing to drain, and nobody to ask.
      if (!this.isJournalLost) await this.drain(drainMs);
      this.unlisten();
      await this.machine.close();
    } finally {
      const stopped = new TroupeError('SYSTEM_STOPPED', 'the system has stopped');
      client.close(stopped);
      this.giveUpWatching(stopped);
      uninstallRefClient(client);
      this.enter('stopped');
      this.tell('systemState', { state: 'stopped', journal, hosts: 0 });
      this.unlog();
      this.uncount();
    }
  }

  /** Until no mail waits and every caller has its answer, or the time is up. */
  private async drain(drainMs: number): Promise<void> {
    let isUp = drainMs <= 0;
    // Not by comparing times: a clock that is set back meanwhile would make it very long.
    const timer = this.clock.after(drainMs, () => {
      isUp = true;
    });
    for (;;) {
      const { waiting } = await this.machine.journal.stats();
      const isIdle = waiting === 0 && this.machine.main.client.pending === 0;
      if (isIdle || isUp) return timer.cancel();
      await new Promise<void>((resolve) => this.clock.after(5, resolve));
    }
  }

  /** Nobody will hear of an end any more. */
  private giveUpWatching(error: TroupeError): void {
    for (const waiting of this.watchers.values()) for (const { reject } of waiting) reject(error);
    this.watchers.clear();
  }

  private ended(path: string, end: End): void {
    this.machine.main.client.direct?.forget(path);
    const waiting = this.watchers.get(path);
    if (waiting === undefined) return;
    this.watchers.delete(path);
    for (const { resolve } of waiting) resolve(end);
  }

  private journalLost(error: Error): void {
    this.isJournalLost = true;
    const lost = new TroupeError('THREAD_LOST', error.message, { cause: error });
    this.machine?.main.client.close(lost);
    this.giveUpWatching(lost);
    this.condition.journalLost(lost);
    this.tell('threadLost', { thread: 'troupe journal', why: error.message });
  }

  /** The journal's control plane, while there is one. */
  private get journal(): Machine['journal'] {
    this.requireJournal();
    return this.machine.journal;
  }

  private requireJournal(): void {
    if (this.stage === 'stopped') throw new TroupeError('SYSTEM_STOPPED', 'the system has stopped');
  }

  private requireRunning(): void {
    if (this.stage === 'stopping')
      throw new TroupeError('SYSTEM_STOPPING', 'the system is stopping and accepts nothing new');
    if (this.stage === 'stopped') throw new TroupeError('SYSTEM_STOPPED', 'the system has stopped');
  }
}

const historyRules = {
  from: { type: 'integer', min: 0 },
  limit: { type: 'integer', min: 1, max: limits.historyEntriesMax, default: limits.historyEntriesDefault },
  last: { type: 'integer', min: 1, max: limits.historyEntriesMax },
} as const;

const decisionRules = {
  path: { type: 'string' },
  under: { type: 'string' },
  last: { type: 'integer', min: 1, max: limits.decisionsMax, default: limits.decisionsDefault },
} as const;

const turnRules = { turn: { type: 'integer', min: 0, required: true } } as const;

const spawnRules = { id: { type: 'string' }, input: { type: 'any' } } as const;

function pathOf(target: ActorRef | ActorPath): string {
  if (typeof target !== 'string') return target.path;
  parsePath(target);
  return target;
}
