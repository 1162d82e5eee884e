/**
 * A system on one thread: the same journal loop, hosts, cells and guardian, joined by in-memory links and driven
 * by a scheduler of ours instead of by threads and bells. With a clock and a seed of the caller's it does the same
 * thing every time, which is what tests and simulations stand on.
 *
 * What I own: who takes the next step. Every part is stepped until none has anything left to do; the order is the
 * seed's. What the parts own: everything else; they cannot tell this from threads.
 *
 * O1  No part is stepped while another is.
 * O2  Time moves only when the clock says so: a due timer makes the journal runnable again.
 * O3  A part that throws dies as its thread would: a host is replaced, the journal takes the system along.
 * O4  A host that is made to hang is not stepped any more. It counts as being at its actor's, until that is killed.
 */
import type { Clock, ClockTimer } from '../core/clock.js';
import { encode } from '../core/codec.js';
import { TroupeError, toPlain } from '../core/errors.js';
import type { InjectedFailure } from '../core/injected-failure.js';
import { limits } from '../core/limits.js';
import type { LinkReader, LinkWriter } from '../core/link.js';
import type { Random } from '../core/random.js';
import { heartbeatBytes, HeartbeatWriter, readHeartbeat } from '../host/heartbeat.js';
import type { DirectPort } from '../host/direct.js';
import { Host } from '../host/host.js';
import { JournalCore } from '../journal/core.js';
import type { FailureReport } from '../journal/ops.js';
import { place } from '../journal/placement.js';
import { answerQuestion, type JournalAnswers, type JournalQuestion } from '../journal/questions.js';
import type { JournalStore } from '../journal/store.js';
import { journalService } from '../thread/journal-service.js';
import { createMemoryLink } from '../thread/memory-link.js';
import type { ControlCalls } from '../thread/control.js';
import type { JournalApi } from '../thread/journal-api.js';
import type { MachineHealth } from './health.js';
import type { Machine, MachineEvents } from './machine.js';
import { MainNode } from './main-node.js';

/** What a system on one thread is made of. */
export interface OneThreadOptions {
  store: JournalStore;
  clock: Clock;
  random: Random;
  hosts: number;
  checkpointBytes: number;
  retentionBytes: number;
  /** Idle actors each host keeps in memory. */
  residentActorsMax: number;
  /** Rounds of steps before the event loop has its turn. Default 64. */
  roundsPerTurn?: number | undefined;
}

interface LocalHost {
  index: number;
  session: number;
  host: Host;
  heartbeat: SharedArrayBuffer;
  /** O4: the number of the actor it hangs at. */
  hangsAt?: number;
}

/** Turns of the event loop without any work after which a system counts as settled. */
const quietTurnsWanted = 3;

/** See the file's header. */
export class OneThreadMachine implements Machine {
  readonly main: MainNode;
  readonly journal: Machine['journal'];
  private readonly core: JournalCore;
  private hosts: LocalHost[] = [];
  private readonly mainSession: number;
  private scheduled = false;
  private stepping = false;
  private isClosed = false;
  /** Rounds of steps since the start. */
  private rounds = 0;
  private timer: ClockTimer | undefined;

  constructor(
    private readonly options: OneThreadOptions,
    private readonly events: MachineEvents,
  ) {
    const { store, clock, checkpointBytes, retentionBytes } = options;
    const { groupBytesMax, mailboxWindowMax: windowItems } = limits;
    this.core = new JournalCore({ store, clock, place, groupBytesMax, checkpointBytes, retentionBytes, windowItems });
    const { session, reader, writer } = this.attach('main');
    this.mainSession = session;
    this.main = new MainNode(session, reader, writer, clock, this.directPort(session));
    for (let index = 0; index < options.hosts; index += 1) this.startHost(index);
    this.journal = promised(
      { ...journalService(this.core, store, () => this.wake()), close: () => this.core.close() },
      () => this.isClosed,
    );
  }

  async ask<Q extends JournalQuestion>(question: Q): Promise<JournalAnswers[Q['kind']]> {
    return answerQuestion(this.options.store, question);
  }

  get hostCount(): number {
    return this.hosts.length;
  }

  /** A host is replaced at once; and who would look whether this thread is held up? */
  get health(): MachineHealth {
    return { hostsAlive: this.hosts.length, loopLateMs: 0 };
  }

  async hostStats(): Promise<Record<string, number>[]> {
    return this.hosts.map(({ host }) => host.stats());
  }

  async passivate(): Promise<void> {
    for (const { host } of this.hosts) host.passivateIdle(0);
    this.wake();
  }

  /** O4: whoever is at a message has handled it before anything else happens, but for a host that was made to hang. */
  dislodge(aid: number): void {
    const hanging = this.hosts.find(({ hangsAt }) => hangsAt === aid);
    if (hanging === undefined) return;
    const error = new TroupeError('THREAD_LOST', `host ${hanging.index} was hanging at #${aid}`);
    this.replaceHost(hanging, error).catch((lost: unknown) => this.loseJournal(lost));
  }

  async injectFailure(failure: InjectedFailure): Promise<void> {
    if (failure.kind === 'hang') return this.hang(failure.path);
    if (failure.kind !== 'throw') {
      const message = `on one thread \`${failure.kind}\` would end the test; \`throw\` and \`hang\` can be injected`;
      throw new TroupeError('OPTION_RANGE', message, { field: 'kind', value: failure.kind });
    }
    for (const { host } of this.hosts) host.injected.arm(failure);
  }

  /** O4 */
  private hang(path: string): void {
    for (const local of this.hosts) {
      const cell = local.host.cellAt(path);
      if (cell === undefined) continue;
      local.hangsAt = cell.aid;
      // At no message of its: what waits for it is not to blame.
      new HeartbeatWriter(local.heartbeat).begin(cell.aid, 0);
      return;
    }
    throw new TroupeError('ACTOR_UNKNOWN', `no host has ${path}, so none can hang at it`);
  }

  async killHost(index: number): Promise<void> {
    const dead = this.hosts[index];
    if (dead === undefined)
      throw new TroupeError('OPTION_RANGE', `there is no host ${index}`, { field: 'index', value: index });
    await this.replaceHost(dead, new TroupeError('THREAD_LOST', 'the host was killed'));
  }

  /** As `ThreadMachine` does when a host's thread has ended. */
  private async replaceHost(dead: LocalHost, error: TroupeError): Promise<void> {
    const { aid, seq } = readHeartbeat(dead.heartbeat);
    dead.host.close(error);
    this.main.detachDirect(dead.session);
    for (const { host } of this.hosts) host.detachDirect(dead.session);
    this.restartHost(dead.index);
    const report: FailureReport = { error: toPlain(error), attemptsMax: 0, retry: true };
    await this.journal.retire(dead.session, aid, seq, encode(report, 'failure'));
    this.events.onHostLost(`host ${dead.index}`, error.message, aid === 0 ? undefined : `#${aid}`);
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    for (const { host } of this.hosts) host.close(new TroupeError('SYSTEM_STOPPED', 'the system has stopped'));
    while (this.stepAll()) {
      // What was still under way is committed first.
    }
    await this.core.close();
    this.abandon();
  }

  abandon(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  /** Ask for steps soon: after the code that is running now. */
  wake(): void {
    if (this.scheduled || this.isClosed) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.run();
    });
  }

  /**
   * Wait until no part has anything left to do and none will have before time moves or something outside happens.
   * @throws Error when that does not come about in `roundsMax` rounds
   */
  async settle(roundsMax = 1_000_000): Promise<void> {
    const last = this.rounds + roundsMax;
    // A promise of a cell's effect, or an import of a definition, may take a few turns to make work again.
    for (let quietTurns = 0; quietTurns < quietTurnsWanted && !this.isClosed; ) {
      const before = this.rounds;
      await new Promise((resolve) => setImmediate(resolve));
      quietTurns = this.scheduled || this.rounds !== before ? 0 : quietTurns + 1;
      if (this.rounds > last) throw new Error(`the system does not settle: it still works after ${roundsMax} rounds`);
    }
  }

  /** Step until nobody has anything to do, a bounded number of times, then let the event loop turn. */
  private run(): void {
    if (this.isClosed || this.stepping) return;
    const { roundsPerTurn = 64 } = this.options;
    for (let rounds = 0; rounds < roundsPerTurn; rounds += 1) if (!this.stepAll()) return this.armTimer();
    this.wake();
  }

  private stepAll(): boolean {
    this.stepping = true;
    this.rounds += 1;
    const parts: (() => boolean)[] = [
      () => this.stepJournal(),
      () => this.main.step(),
      ...this.hosts.map((host) => () => this.stepHost(host)),
    ];
    let worked = false;
    while (parts.length > 0) {
      const at = Math.floor(this.options.random() * parts.length);
      const [part] = parts.splice(at, 1);
      if (part?.()) worked = true;
    }
    this.stepping = false;
    return worked;
  }

  private waitMs = Number.POSITIVE_INFINITY;

  private stepHost(local: LocalHost): boolean {
    if (local.hangsAt !== undefined) return false;
    try {
      return local.host.step();
    } catch (cause) {
      // O3
      const error = new TroupeError('THREAD_LOST', `the host threw: ${String(cause)}`, { cause });
      this.replaceHost(local, error).catch((lost: unknown) => this.loseJournal(lost));
      return true;
    }
  }

  private stepJournal(): boolean {
    if (this.isClosed) return false;
    try {
      return this.takeJournalStep();
    } catch (error) {
      this.loseJournal(error);
      return false;
    }
  }

  /** O3 */
  private loseJournal(error: unknown): void {
    this.abandon();
    this.events.onJournalLost(error instanceof Error ? error : new Error(String(error)));
  }

  private takeJournalStep(): boolean {
    const step = this.core.step();
    if (step instanceof Promise)
      throw new TroupeError('JOURNAL_WRITE', 'a system on one thread needs a store that commits at once');
    this.waitMs = step.waitMs;
    return step.worked;
  }

  private armTimer(): void {
    this.timer?.cancel();
    this.timer = Number.isFinite(this.waitMs) ? this.options.clock.after(this.waitMs, () => this.wake()) : undefined;
  }

  private attach(kind: 'main' | 'host'): { session: number; reader: LinkReader; writer: LinkWriter } {
    const wake = () => this.wake();
    const up = createMemoryLink({ bytesMax: limits.ringBytes, wakeReader: wake, wakeWriter: wake });
    const down = createMemoryLink({ bytesMax: limits.ringBytes, wakeReader: wake, wakeWriter: wake });
    const { session } = this.core.attach(kind, up.reader, down.writer);
    return { session, reader: down.reader, writer: up.writer };
  }

  /** Straight links are opened on first use, also to and from the main node. */
  private directPort(from: number): DirectPort {
    return {
      locate: (path) => this.journal.locate(path),
      open: async (to) => {
        const target = to === this.mainSession ? this.main : this.hosts.find(({ session }) => session === to)?.host;
        if (target === undefined) return undefined;
        const wake = () => this.wake();
        const { reader, writer } = createMemoryLink({ bytesMax: limits.ringBytes, wakeReader: wake, wakeWriter: wake });
        target.attachDirect(from, reader);
        return writer;
      },
    };
  }

  /** A full disk refuses the new host its session number: it is tried again until there is room. */
  private restartHost(index: number): void {
    try {
      this.startHost(index);
    } catch (error) {
      if (!TroupeError.is(error, 'JOURNAL_FULL') && !TroupeError.is(error, 'JOURNAL_WRITE')) throw error;
      this.options.clock.after(limits.storeRetryMs, () => {
        if (!this.isClosed) this.restartHost(index);
      });
    }
  }

  private startHost(index: number): void {
    const { session, reader, writer } = this.attach('host');
    const heartbeat = new SharedArrayBuffer(heartbeatBytes);
    const host = new Host({
      session,
      reader,
      writer,
      clock: this.options.clock,
      heartbeat: new HeartbeatWriter(heartbeat),
      cellsMax: this.options.residentActorsMax,
      wake: () => this.wake(),
      announce: this.events.onAnnounced,
      direct: this.directPort(session),
    });
    this.hosts[index] = { index, session, host, heartbeat };
  }
}

/** An object's methods as the control plane has them: answering by promise. */
function promised(api: Omit<JournalApi, 'attach'>, isClosed: () => boolean): ControlCalls<Omit<JournalApi, 'attach'>> {
  return new Proxy(api, {
    get:
      (target, method) =>
      async (...args: unknown[]) => {
        if (isClosed()) throw new TroupeError('SYSTEM_STOPPED', 'the system has stopped');
        return (Reflect.get(target, method) as (...given: unknown[]) => unknown)(...args);
      },
  }) as unknown as ControlCalls<Omit<JournalApi, 'attach'>>;
}
