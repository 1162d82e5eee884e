/**
 * A system on threads: the journal thread, N hosts, the job pool, and the rings between them. Hosts may die and
 * are replaced; the journal thread may not.
 *
 * What I own: threads, rings, control ports, the pool. What the journal owns: which actors a dead host ran, and
 * what becomes of them.
 *
 * M1  A host's rings belong to one thread and one session; its replacement gets new ones.
 * M2  When a host dies, the journal first applies what it still wrote, then charges the actor it was running, then
 *     lets all its actors run elsewhere.
 */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { MessageChannel, type ResourceLimits } from 'node:worker_threads';
import { registeredDefinitions } from '../cell/define.js';
import { systemClock } from '../core/clock.js';
import { encode } from '../core/codec.js';
import { type PlainError, TroupeError, toPlain } from '../core/errors.js';
import type { InjectedFailure } from '../core/injected-failure.js';
import { limits } from '../core/limits.js';
import { heartbeatBytes, readHeartbeat, readThread } from '../host/heartbeat.js';
import type { FailureReport } from '../journal/ops.js';
import type { JournalAnswers, JournalQuestion } from '../journal/questions.js';
import { Bell, createBellMemory } from '../thread/bell.js';
import { LoopTurns } from '../thread/loop-turns.js';
import { newSpinGate } from '../thread/spin-gate.js';
import { type ControlClient, exposeControl, moving, wrapControl } from '../thread/control.js';
import { ControlFlag, createControlFlagMemory } from '../thread/control-flag.js';
import type { HostApi, MainApi } from '../thread/host-api.js';
import type { HostStart, HostWork } from '../thread/host-entry.js';
import type { Job } from '../thread/job.js';
import type { JobPool } from '../thread/job-pool.js';
import type { JournalApi } from '../thread/journal-api.js';
import type { JournalThreadData } from '../thread/journal-entry.js';
import { ReaderThread } from '../thread/reader-thread.js';
import { SpareThread } from '../thread/spare-thread.js';
import { createRing, type RingEnd, RingReader, RingWriter } from '../thread/ring.js';
import { started } from '../thread/start.js';
import { describeDeath, type ThreadDeath, WorkerHost } from '../thread/worker-host.js';
import { type Accusation, describeHang, describeUse, guiltyOf } from './accusation.js';
import { HangDetector, type WatchedThread } from './hang-detector.js';
import type { MachineHealth } from './health.js';
import { LoopWatch } from './loop-watch.js';
import type { Machine, MachineEvents } from './machine.js';
import { MainNode } from './main-node.js';
import { MemoryWatch, type WatchedMemory } from './memory-watch.js';

/** How to set the threads up. */
export interface ThreadOptions {
  folder: string;
  hosts: number;
  jobThreads: number;
  checkpointBytes: number;
  retentionBytes: number;
  /** Idle actors each host keeps in memory. */
  residentActorsMax: number;
  /** How long a host may handle one message, in milliseconds; 0: for ever. */
  hangAfterMs: number;
  /** What the process may use, in bytes; 0: anything. */
  memoryBytesMax: number;
  /** Heap limits of each host thread. */
  resourceLimits: ResourceLimits | undefined;
}

interface HostThread {
  index: number;
  session: number;
  thread: WorkerHost;
  control: ControlClient<HostApi>;
  heartbeat: SharedArrayBuffer;
  bell: Bell;
  /** Jobs it has asked for and that run: ended with it, because its actors ask again when they are restored. */
  jobs: Set<AbortController>;
  unexpose: () => void;
  watched: WatchedThread & WatchedMemory;
  accused: Accusation | undefined;
  /** It has loaded, and runs. */
  isUp: boolean;
}

/**
 * Journals that this process could not open or close to the end, because of a full disk for instance, by folder: they
 * may still name us as their owner. Whoever has the token may open them again.
 */
const ownerTokens = new Map<string, string>();

const ringNames = { main: 'main', host: 'host' } as const;

/** Start a system's threads. @throws what the journal cannot be opened for, or THREAD_START */
export async function startThreads(options: ThreadOptions, events: MachineEvents): Promise<ThreadMachine> {
  const machine = new ThreadMachine(options, events);
  try {
    await machine.start();
  } catch (error) {
    await machine.destroy();
    throw error;
  }
  return machine;
}

/** See the file's header. */
export class ThreadMachine implements Machine {
  main!: MainNode;
  private readonly mainBell = new Bell(createBellMemory(), { gate: newSpinGate() });
  private readonly journalBell = new Bell(createBellMemory());
  private readonly journalFlag = createControlFlagMemory();
  private journalThread: WorkerHost | undefined;
  private control!: ControlClient<JournalApi>;
  private hosts: (HostThread | undefined)[] = [];
  /** Made, and piscina loaded, with the first job. */
  private pool: Promise<JobPool> | undefined;
  private readonly reader: ReaderThread;
  private readonly spare: SpareThread;
  private readonly hangs: HangDetector;
  private readonly memory: MemoryWatch;
  private readonly loop: LoopWatch;
  private isClosing = false;
  private mainSession = 0;
  private hostNames = 0;
  private readonly ownerToken: string;

  constructor(
    private readonly options: ThreadOptions,
    private readonly events: MachineEvents,
  ) {
    const folder = resolve(options.folder);
    this.ownerToken = ownerTokens.get(folder) ?? randomUUID();
    // Taken, not copied: two systems with one token would both be let in.
    ownerTokens.delete(folder);
    this.reader = new ReaderThread(options.folder, systemClock);
    this.spare = new SpareThread(() => this.newHostThread(), systemClock, limits.spareAfterMs);
    this.hangs = new HangDetector(systemClock, options.hangAfterMs);
    this.memory = new MemoryWatch(systemClock, options.memoryBytesMax, (used) => this.complain(used));
    this.loop = new LoopWatch(systemClock, () => this.events.onHealth());
  }

  get journal(): Machine['journal'] {
    return this.control.call;
  }

  ask<Q extends JournalQuestion>(question: Q): Promise<JournalAnswers[Q['kind']]> {
    return this.reader.ask(question);
  }

  get hostCount(): number {
    return this.options.hosts;
  }

  get health(): MachineHealth {
    return { hostsAlive: this.living.filter(({ isUp }) => isUp).length, loopLateMs: this.loop.lateMs };
  }

  async start(): Promise<void> {
    await this.startJournal();
    const ends = await this.attach(ringNames.main, this.mainBell);
    this.mainSession = ends.session;
    // Hosts bring their links to main along, so main opens none itself.
    const direct = { locate: (path: string) => this.control.call.locate(path), open: async () => undefined };
    this.main = new MainNode(
      ends.session,
      new RingReader(ends.reader),
      new RingWriter(ends.writer),
      systemClock,
      direct,
    );
    await Promise.all(Array.from({ length: this.options.hosts }, (_, index) => this.startHost(index)));
    this.spare.prepare();
    this.loop.start();
    void this.pump();
  }

  async hostStats(): Promise<Record<string, number>[]> {
    const asked = await Promise.allSettled(this.living.map((host) => host.control.call.stats()));
    // One that has died meanwhile has no totals any more.
    return asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  async passivate(): Promise<void> {
    // One that has died meanwhile has nobody in memory any more.
    await Promise.allSettled(this.living.map((host) => host.control.call.passivate()));
  }

  async injectFailure(failure: InjectedFailure): Promise<void> {
    this.injected.push(failure);
    await Promise.all(this.living.map((host) => host.control.call.injectFailure(failure)));
  }

  async killHost(index: number): Promise<void> {
    if (!Number.isInteger(index) || index < 0 || index >= this.hostCount) {
      const message = `there is no host ${index}; there are ${this.hostCount}`;
      throw new TroupeError('OPTION_RANGE', message, { field: 'index', value: index });
    }
    // One that is being replaced is dead already.
    await this.hosts[index]?.thread.terminate();
  }

  async close(): Promise<void> {
    this.isClosing = true;
    this.loop.stop();
    const hosts = this.living.map((host) => this.closeHost(host));
    await Promise.all([...hosts, this.reader.close(), this.spare.close()]);
    await (await this.pool)?.close();
    await this.closeJournal().finally(() => this.stopPump());
  }

  /** After a failed start: end whatever runs. */
  async destroy(): Promise<void> {
    this.isClosing = true;
    this.loop.stop();
    const hosts = this.living.map((host) => host.thread.terminate());
    await Promise.all([...hosts, this.reader.close(), this.spare.close()]);
    await (await this.pool)?.close();
    if (this.journalThread !== undefined && this.journalThread.death === undefined) {
      // What went wrong first is what the caller is told.
      await this.closeJournal().catch(() => {});
    }
    this.stopPump();
  }

  abandon(): void {
    this.isClosing = true;
    this.loop.stop();
    this.stopPump();
  }

  private get living(): HostThread[] {
    return this.hosts.filter((host) => host !== undefined);
  }

  // The journal thread

  private async startJournal(): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const data: JournalThreadData = {
      folder: this.options.folder,
      ownerToken: this.ownerToken,
      bell: this.journalBell.memory,
      flag: this.journalFlag,
      control: port2,
      groupBytesMax: limits.groupBytesMax,
      checkpointBytes: this.options.checkpointBytes,
      retentionBytes: this.options.retentionBytes,
      windowItems: limits.mailboxWindowMax,
      failpoint: process.env.TROUPE_FAILPOINT,
    };
    const entry = new URL('../thread/journal-entry.js', import.meta.url);
    const thread = new WorkerHost({
      entry,
      name: 'troupe journal',
      workerData: data,
      transferList: [port2],
      // What it makes either dies at once or stays long: a large nursery would only be more memory.
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    });
    this.control = wrapControl<JournalApi>(port1, new ControlFlag(this.journalFlag, this.journalBell));
    void thread.ended.then((death) => this.journalEnded(death));
    try {
      await started(thread);
    } catch (error) {
      // It may have become the owner before it failed.
      ownerTokens.set(resolve(this.options.folder), this.ownerToken);
      throw error;
    }
    this.journalThread = thread;
  }

  /** The thread lives until its answer is heard. */
  private async closeJournal(): Promise<void> {
    try {
      await this.control.call.close();
    } catch (error) {
      ownerTokens.set(resolve(this.options.folder), this.ownerToken);
      throw error;
    } finally {
      this.control.abandon(new TroupeError('THREAD_LOST', 'the journal is closed'));
      await this.journalThread?.ended;
    }
  }

  private journalEnded(death: ThreadDeath): void {
    const message = `the journal thread ended: ${describeDeath(death)}`;
    const error = new TroupeError('THREAD_LOST', message, { cause: death.error });
    this.control.abandon(error);
    // It could not sign off, and nobody else has become the owner.
    if (death.kind !== 'exit' || death.code !== 0) ownerTokens.set(resolve(this.options.folder), this.ownerToken);
    if (!this.isClosing && this.journalThread !== undefined) this.events.onJournalLost(error);
  }

  /** A ring each way between the journal and another thread. */
  private async attach(kind: 'main' | 'host', bell: Bell) {
    const up = createRing({ readerBell: this.journalBell.memory, writerBell: bell.memory });
    const down = createRing({ readerBell: bell.memory, writerBell: this.journalBell.memory });
    const ends = moving({ reader: up.reader, writer: down.writer }, [up.reader.port, down.writer.port]);
    const session = await this.control.call.attach(kind, ends);
    return { session, reader: down.reader, writer: up.writer };
  }

  // Hosts

  private async startHost(index: number): Promise<void> {
    const bell = new Bell(createBellMemory());
    const { session, reader, writer } = await this.attach(ringNames.host, bell);
    // Whoever closes has looked for living hosts already and would not find this one.
    if (this.isClosing) throw new TroupeError('SYSTEM_STOPPING', 'the system is stopping and starts no host');
    const toHost = new MessageChannel();
    const toMain = new MessageChannel();
    const heartbeat = new SharedArrayBuffer(heartbeatBytes);
    const down = createRing({ readerBell: bell.memory, writerBell: this.mainBell.memory });
    const up = createRing({ readerBell: this.mainBell.memory, writerBell: bell.memory });
    const work: HostWork = {
      session,
      bell: bell.memory,
      reader,
      writer,
      heartbeat,
      mainSession: this.mainSession,
      fromMain: down.reader,
      toMain: up.writer,
      cellsMax: this.options.residentActorsMax,
      control: toHost.port2,
      main: toMain.port2,
      definitions: Object.fromEntries(registeredDefinitions().map(({ name, url }) => [name, url])),
    };
    const thread = this.spare.take() ?? this.newHostThread();
    const ports = [toHost.port2, toMain.port2, reader.port, writer.port, down.reader.port, up.writer.port];
    thread.post(work, ports);
    const control = wrapControl<HostApi>(toHost.port1);
    const jobs = new Set<AbortController>();
    const unexpose = exposeControl(toMain.port1, this.mainApi(session, bell, jobs));
    toMain.port1.unref();
    const accuse = (accusation: Accusation): void => {
      host.accused = accusation;
      void thread.terminate();
    };
    const watched: HostThread['watched'] = {
      read: () => readHeartbeat(heartbeat),
      osThread: () => readThread(heartbeat).osThread,
      outsideBytes: () => readThread(heartbeat).outsideBytes,
      nudge: () => bell.ring(),
      hung: (at, forMs) => accuse({ at, code: 'MESSAGE_HUNG', why: describeHang(at, forMs) }),
      overfull: (at, used) => accuse({ at, code: 'MEMORY_LIMIT', why: describeUse(used, this.options.memoryBytesMax) }),
    };
    const parts = { index, session, thread, control, heartbeat, bell, jobs, unexpose, watched };
    const host: HostThread = { ...parts, accused: undefined, isUp: false };
    this.hosts[index] = host;
    this.main.attachDirect(session, new RingReader(up.reader));
    this.main.client.direct?.addLane(session, new RingWriter(down.writer));
    void thread.leaving.then((death) => this.hostEnded(host, death));
    await started(thread);
    if (thread.death !== undefined) return;
    host.isUp = true;
    // One that cannot be told has ended, and the system with it.
    this.control.call.hostUp(session).catch(() => {});
    this.events.onHealth();
    await Promise.all(this.stillInjected.map((failure) => control.call.injectFailure(failure).catch(() => {})));
    this.hangs.watch(watched);
    this.memory.watch(watched);
  }

  /** It has no work yet. */
  private newHostThread(): WorkerHost {
    this.hostNames += 1;
    return new WorkerHost({
      entry: new URL('../thread/host-entry.js', import.meta.url),
      name: `troupe host ${this.hostNames}`,
      workerData: { failpoint: process.env.TROUPE_FAILPOINT } satisfies HostStart,
      resourceLimits: this.options.resourceLimits,
    });
  }

  /** Failures that are to happen, also on hosts that are yet to come. */
  private injected: InjectedFailure[] = [];

  private get stillInjected(): InjectedFailure[] {
    this.injected = this.injected.filter(({ left }) => Atomics.load(left, 0) > 0);
    return this.injected;
  }

  /** Nothing that could be ended is the reason: the program itself may be. */
  private complain(usedBytes: number): void {
    const message = describeUse(usedBytes, this.options.memoryBytesMax);
    process.emitWarning(new TroupeError('MEMORY_LIMIT', `${message}, and no host thread is the reason`));
  }

  private async closeHost(host: HostThread): Promise<void> {
    const timer = systemClock.after(limits.shutdownMsDefault, () => void host.thread.terminate());
    await Promise.race([host.control.call.close().catch(() => {}), host.thread.ended]);
    await host.thread.ended;
    timer.cancel();
  }

  dislodge(aid: number): void {
    for (const { watched } of this.living) {
      const at = watched.read();
      if (at.aid === aid) watched.hung(at, 0);
    }
  }

  /** A full disk refuses the new host its session number: it is tried again until there is room. */
  private async replaceHost(index: number): Promise<void> {
    while (!this.isClosing) {
      try {
        await this.startHost(index);
        return;
      } catch (error) {
        // It has ended before it was ready: its own end sees to the next one.
        if (TroupeError.is(error, 'THREAD_START')) return;
        const isStore = TroupeError.is(error, 'JOURNAL_FULL') || TroupeError.is(error, 'JOURNAL_WRITE');
        if (!isStore) throw error;
      }
      await new Promise<void>((resolve) => systemClock.after(limits.storeRetryMs, resolve));
    }
  }

  /** M2, then a new thread in its place. */
  private async hostEnded(host: HostThread, death: ThreadDeath): Promise<void> {
    this.hangs.forget(host.watched);
    this.memory.forget(host.watched);
    const why = host.accused?.why ?? describeDeath(death);
    host.control.abandon(new TroupeError('THREAD_LOST', `thread ${host.thread.name} ended: ${why}`));
    host.unexpose();
    for (const job of host.jobs) job.abort();
    if (this.hosts[host.index] === host) this.hosts[host.index] = undefined;
    if (this.isClosing) return;
    this.events.onHealth();
    this.main.detachDirect(host.session);
    for (const other of this.living) void other.control.call.detachDirect(host.session).catch(() => {});
    const { aid, seq } = guiltyOf(readHeartbeat(host.heartbeat), host.accused);
    const error = new TroupeError(
      host.accused?.code ?? 'THREAD_LOST',
      `the thread ended while this was handled: ${why}`,
      { cause: death.error },
    );
    const report: FailureReport = {
      error: toPlain(error) as PlainError,
      attemptsMax: 0,
      retry: true,
    };
    try {
      const replaced = this.replaceHost(host.index);
      // Awaited below, unless `retire` fails before; then nobody else would hear of it.
      replaced.catch(() => {});
      await this.control.call.retire(host.session, aid, seq, encode(report, 'failure'));
      this.events.onHostLost(host.thread.name, why, aid === 0 ? undefined : `#${aid}`);
      await replaced;
    } catch (cause) {
      if (!this.isClosing)
        this.events.onHostLost(host.thread.name, `${why}; it could not be replaced: ${cause}`, undefined);
    }
  }

  /** What hosts may ask of main. */
  private mainApi(session: number, bell: Bell, jobs: Set<AbortController>): MainApi {
    const running = new Map<number, AbortController>();
    return {
      runJob: async (id: number, job: Job) => {
        const controller = new AbortController();
        running.set(id, controller);
        jobs.add(controller);
        const pool = await this.jobPool();
        return pool.run(job, controller.signal).finally(() => {
          running.delete(id);
          jobs.delete(controller);
        });
      },
      locateActor: (path) => this.control.call.locate(path),
      openDirect: (target) => this.openDirect(session, bell, target),
      abortJob: (id) => running.get(id)?.abort(),
      locate: (name) => registeredDefinitions().find((definition) => definition.name === name)?.url,
      announce: (name, message) => this.events.onAnnounced(name, message),
      warn: (error) => process.emitWarning(TroupeError.fromPlain(error)),
    };
  }

  private jobPool(): Promise<JobPool> {
    const maxThreads = this.options.jobThreads;
    this.pool ??= import('../thread/job-pool.js').then((module) => new module.JobPool({ maxThreads }));
    return this.pool;
  }

  /** A ring from one host to another, opened on first use. */
  private async openDirect(from: number, fromBell: Bell, to: number): Promise<RingEnd | undefined> {
    const target = this.living.find((host) => host.session === to);
    if (target === undefined) return undefined;
    const { reader, writer } = createRing({ readerBell: target.bell.memory, writerBell: fromBell.memory });
    await target.control.call.attachDirect(from, moving(reader, [reader.port]));
    return moving(writer, [writer.port]);
  }

  // The main thread's crank

  /**
   * What has come wakes those who wait for it, and they may ask again at once: they run before this thread looks at
   * its bell or sleeps. Neither they nor answers that come without end keep the event loop from its turns.
   */
  private async pump(): Promise<void> {
    this.mainBell.hold();
    const turns = new LoopTurns();
    while (!this.isPumpStopped) {
      if (this.main.step()) await turns.letRun();
      await this.mainBell.wait();
    }
    this.mainBell.release();
  }

  private isPumpStopped = false;

  private stopPump(): void {
    this.isPumpStopped = true;
    this.mainBell.ring();
  }
}
