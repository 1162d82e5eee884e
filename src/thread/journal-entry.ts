/**
 * The journal thread: the only writer of the store. It runs no user code, so it never has to be terminated;
 * it sleeps on its bell and is woken by whoever writes to one of its links, and by the next timer.
 */
import { type MessagePort, workerData } from 'node:worker_threads';
import { systemClock } from '../core/clock.js';
import { armFromEnvironment } from '../core/failpoint.js';
import { JournalCore } from '../journal/core.js';
import { limits } from '../core/limits.js';
import { warningsAbout } from '../journal/file-system.js';
import { openLmdbStore } from '../journal/lmdb-store.js';
import { place } from '../journal/placement.js';
import { Bell } from './bell.js';
import { exposeControl } from './control.js';
import { ControlFlag } from './control-flag.js';
import type { JournalApi } from './journal-api.js';
import { journalService, sleepMs } from './journal-service.js';
import { RingReader, RingWriter } from './ring.js';
import { announceStart, announceStartFailure } from './start.js';

/** What the main thread gives the journal thread. */
export interface JournalThreadData {
  folder: string;
  ownerToken: string;
  bell: Int32Array;
  flag: Int32Array;
  control: MessagePort;
  groupBytesMax: number;
  checkpointBytes: number;
  retentionBytes: number;
  windowItems: number;
  failpoint: string | undefined;
}

async function run(): Promise<void> {
  const data = workerData as JournalThreadData;
  armFromEnvironment(data.failpoint);
  const bell = new Bell(data.bell);
  const flag = new ControlFlag(data.flag, bell);
  const store = openLmdbStore(data.folder, { ownerToken: data.ownerToken });
  const { groupBytesMax, checkpointBytes, retentionBytes, windowItems } = data;
  const core = new JournalCore({
    store,
    clock: systemClock,
    place,
    groupBytesMax,
    checkpointBytes,
    retentionBytes,
    windowItems,
    quietMs: limits.journalQuietMs,
    warnings: warningsAbout(data.folder),
  });
  let closing: { resolve(): void; reject(error: unknown): void } | undefined;
  const api: JournalApi = {
    ...journalService(core, store, () => bell.ring()),
    attach: (kind, ends) => {
      const { session } = core.attach(kind, new RingReader(ends.reader), new RingWriter(ends.writer), kind === 'main');
      return session;
    },
    close: () =>
      new Promise((resolve, reject) => {
        closing = { resolve, reject };
        bell.ring();
      }),
  };
  exposeControl(data.control, api, { flag });
  announceStart();
  while (closing === undefined) {
    const step = core.step();
    const result = step instanceof Promise ? await step : step;
    if (flag.isUp) await flag.turn(sleepMs(result));
    else if (!result.worked) bell.waitSync(sleepMs(result));
  }
  const { resolve, reject } = closing as { resolve(): void; reject(error: unknown): void };
  // Whoever closes is told what went wrong, and lets go of the port when it has heard it: the end of this thread
  // could overtake the answer.
  const isHeard = new Promise((heard) => data.control.once('close', heard));
  await core.close().then(resolve, reject);
  await isHeard;
}

run().catch(announceStartFailure);
