/**
 * A host thread: turns the crank of one `Host`, sleeps on its bell, and gives the event loop its turn between
 * two turns, so that promises and streams of effects go on while cells are busy.
 */
import { readlinkSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { markHostThread } from '../cell/define.js';
import { installJobRunner } from '../cell/job.js';
import { systemClock } from '../core/clock.js';
import { TroupeError } from '../core/errors.js';
import { armFromEnvironment } from '../core/failpoint.js';
import { limits } from '../core/limits.js';
import { installRefClient } from '../core/ref.js';
import { HeartbeatWriter } from '../host/heartbeat.js';
import { Host } from '../host/host.js';
import { Aftermath } from './aftermath.js';
import { Bell } from './bell.js';
import { newSpinGate } from './spin-gate.js';
import { exposeControl, wrapControl } from './control.js';
import type { HostApi, MainApi } from './host-api.js';
import { type RingEnd, RingReader, RingWriter } from './ring.js';
import { announceStart, announceStartFailure } from './start.js';
import { announceExit } from './worker-host.js';

/** What a host thread loads with. */
export interface HostStart {
  failpoint: string | undefined;
}

/** What the main thread gives a host thread to do, in one message, once it has loaded. */
export interface HostWork {
  session: number;
  bell: Int32Array;
  reader: RingEnd;
  writer: RingEnd;
  heartbeat: SharedArrayBuffer;
  /** Straight links between this host and the main thread. */
  mainSession: number;
  fromMain: RingEnd;
  toMain: RingEnd;
  /** See `HostOptions`. */
  cellsMax: number;
  /** Main calls this host. */
  control: MessagePort;
  /** This host calls main. */
  main: MessagePort;
  /** Where the main thread has registered definitions when this host starts. */
  definitions: Record<string, string>;
}

/** Everything is loaded: say so and wait for work, which may come much later. */
function load(): void {
  markHostThread();
  armFromEnvironment((workerData as HostStart).failpoint);
  parentPort?.once('message', (work: HostWork) => void run(work));
  announceStart();
}

async function run(data: HostWork): Promise<void> {
  const bell = new Bell(data.bell, { gate: newSpinGate() });
  const main = wrapControl<MainApi>(data.main);
  const heartbeat = new HeartbeatWriter(data.heartbeat);
  heartbeat.startOn(osThread());
  const aftermath = new Aftermath();
  let isClosing = false;
  const host = new Host({
    session: data.session,
    reader: new RingReader(data.reader),
    writer: new RingWriter(data.writer),
    clock: systemClock,
    heartbeat,
    cellsMax: data.cellsMax,
    wake: () => bell.ring(),
    // A main thread that does not answer is ending.
    announce: (name, message) => void main.call.announce(name, message).catch(() => {}),
    inNameOf: aftermath.inNameOf,
    direct: {
      locate: (path) => main.call.locateActor(path),
      open: async (session) => {
        const end = await main.call.openDirect(session);
        return end && new RingWriter(end);
      },
    },
    locate: (name) => data.definitions[name],
  });
  aftermath.watch(host, (code) => {
    if (isClosing) return;
    // Later handlers of `exit` could still send, and nobody would read it.
    host.client.close(new TroupeError('THREAD_LOST', `the thread ends: process.exit(${code}) was called`));
    announceExit(code);
  });
  host.attachDirect(data.mainSession, new RingReader(data.fromMain));
  host.client.direct?.addLane(data.mainSession, new RingWriter(data.toMain));
  installRefClient(host.client);
  installJobs(main);
  const api: HostApi = {
    stats: () => host.stats(),
    passivate: () => host.passivateIdle(0),
    injectFailure: (failure) => host.injected.arm(failure),
    attachDirect: (session, reader) => host.attachDirect(session, new RingReader(reader)),
    detachDirect: (session) => host.detachDirect(session),
    close: () => {
      isClosing = true;
      bell.ring();
    },
  };
  const unexpose = exposeControl(data.control, api);
  const sweep = () => {
    host.passivateIdle();
    systemClock.after(limits.passivateSweepMs, sweep);
  };
  systemClock.after(limits.passivateSweepMs, sweep);
  bell.hold();
  let weighedAt = 0;
  while (!isClosing) {
    if (performance.now() - weighedAt >= limits.memoryLookMs) {
      heartbeat.weigh(getHeapStatistics().external_memory);
      weighedAt = performance.now();
    }
    if (host.step()) await new Promise((resolve) => setImmediate(resolve));
    else await bell.wait();
  }
  host.close(new TroupeError('SYSTEM_STOPPED', 'the system has stopped'));
  bell.release();
  unexpose();
  main.abandon(new TroupeError('SYSTEM_STOPPED', 'the system has stopped'));
  // An effect may keep a socket or a timer; the thread ends all the same.
  process.exit(0);
}

/** As Linux numbers this thread within the process; 0 elsewhere. */
function osThread(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}

/** Jobs asked for on this thread run in the main thread's pool. */
function installJobs(main: ReturnType<typeof wrapControl<MainApi>>): void {
  let count = 0;
  installJobRunner((job, signal) => {
    count += 1;
    const id = count;
    const abort = () => void main.call.abortJob(id).catch(() => {});
    signal.addEventListener('abort', abort, { once: true });
    return main.call.runJob(id, job).finally(() => signal.removeEventListener('abort', abort));
  });
}

try {
  load();
} catch (error) {
  announceStartFailure(error);
}
