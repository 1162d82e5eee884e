/** A thread that serves an api: with its event loop free, or asleep on a bell as the journal thread is. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { TroupeError } from '../../../../src/core/errors.js';
import { Bell } from '../../../../src/thread/bell.js';
import { exposeControl } from '../../../../src/thread/control.js';
import { ControlFlag } from '../../../../src/thread/control-flag.js';
import { announceReady } from '../../../../src/thread/worker-host.js';

/** What the thread is given. `bell` and `flag` make it sleep in `waitSync`. */
export interface ControlTask {
  port: MessagePort;
  bell?: Int32Array;
  flag?: Int32Array;
  /** The bell has always rung when the loop comes to wait: traffic without a gap. */
  isRungAlways?: boolean;
}

/** The api that is served. */
export class SubjectApi {
  /** How often the loop woke from `waitSync`, to prove that it sleeps there. */
  sleeps = 0;
  #stopped = false;

  get isStopped(): boolean {
    return this.#stopped;
  }

  add(a: number, b: number): number {
    return a + b;
  }

  /** Answers after several turns of the event loop. */
  async slow(turns: number): Promise<string> {
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return 'done';
  }

  sleepCount(): number {
    return this.sleeps;
  }

  fail(): never {
    const cause = Object.assign(new RangeError('underneath'), { code: 'E_UNDER' });
    throw new TroupeError('JOURNAL_WRITE', 'it failed', { field: 'a.b', value: 7, cause });
  }

  async failLater(): Promise<never> {
    await Promise.resolve();
    throw Object.assign(new Error('no such thing'), { code: 'ENOENT' });
  }

  unclonable(): () => void {
    return () => {};
  }

  bytes(buffer: ArrayBuffer): number {
    return buffer.byteLength;
  }

  never(): Promise<void> {
    return new Promise(() => {});
  }

  exit(): void {
    process.exit(9);
  }

  stop(): void {
    this.#stopped = true;
  }
}

const task = workerData as ControlTask;
const api = new SubjectApi();
if (task.bell === undefined || task.flag === undefined) {
  exposeControl(task.port, api);
  announceReady();
} else {
  const bell = new Bell(task.bell);
  const flag = new ControlFlag(task.flag, bell);
  const end = exposeControl(task.port, api, { flag });
  announceReady();
  while (!api.isStopped) {
    if (task.isRungAlways) bell.ring();
    if (flag.isUp) await flag.turn();
    else {
      bell.waitSync();
      api.sleeps += 1;
    }
  }
  end();
}
