/**
 * Systems of one suite: started on scratch folders (threads) or on memory stores (one thread), stopped after each
 * test whatever became of it, their news on the channels kept for the test to read.
 */
import { type ActorRef, createSystem, type SystemOptions } from '../../src/index.js';
import { type ChannelMessages, channels, type Published } from '../../src/observe/channels.js';
import type { System } from '../../src/system/system.js';
import { createTestSystem, type TestSystem, type TestSystemOptions } from '../../src/testing/index.js';
import { makeFolder, removeFolder } from './scratch-folder.js';

type Names = keyof ChannelMessages;

/** What a suite does with its systems. */
export interface Systems {
  /** A system on threads, on a folder of its own, silent. */
  threads(options?: Partial<SystemOptions>): Promise<System>;
  /** Stop a system on threads and start another on its folder. */
  restart(system: System, options?: Partial<SystemOptions>): Promise<System>;
  /** A system on this thread. */
  oneThread(options?: TestSystemOptions): Promise<TestSystem>;
  /** Stop what runs: a property begins each run with this, as the one before may have failed. */
  stopAll(): Promise<void>;
  /** What has been published on a channel since the test began. */
  heard<K extends Names>(channel: K): (ChannelMessages[K] & Published)[];
}

/** Call inside `describe`. */
export function useSystems(): Systems {
  const running = new Map<System, string>();
  const folders: string[] = [];
  const news = new Map<Names, (ChannelMessages[Names] & Published)[]>();
  const listeners = new Map<Names, (message: unknown) => void>();

  beforeEach(() => {
    for (const name of Object.keys(channels) as Names[]) {
      const kept: (ChannelMessages[Names] & Published)[] = [];
      const listen = (message: unknown) => void kept.push(message as ChannelMessages[Names] & Published);
      news.set(name, kept);
      listeners.set(name, listen);
      channels[name].subscribe(listen);
    }
  });

  const stopAll = async (): Promise<void> => {
    const systems = [...running.keys()];
    running.clear();
    await Promise.all(systems.map((system) => system.stop({ drainMs: 0 })));
  };

  afterEach(async () => {
    for (const [name, listen] of listeners) channels[name].unsubscribe(listen);
    await stopAll();
    for (const folder of folders.splice(0)) removeFolder(folder);
  });

  const startOn = async (folder: string, options: Partial<SystemOptions>): Promise<System> => {
    const system = await createSystem({ journal: folder, hosts: 2, logger: false, signals: false, ...options });
    running.set(system, folder);
    return system;
  };

  return {
    async threads(options = {}) {
      const folder = makeFolder();
      folders.push(folder);
      return startOn(folder, options);
    },
    async restart(system, options = {}) {
      const folder = running.get(system);
      if (folder === undefined) throw new Error('that system does not run on a folder of this test');
      running.delete(system);
      await system.stop({ drainMs: 0 });
      return startOn(folder, options);
    },
    async oneThread(options = {}) {
      const system = await createTestSystem(options);
      running.set(system, '');
      return system;
    },
    stopAll,
    heard: <K extends Names>(name: K) => (news.get(name) ?? []) as unknown as (ChannelMessages[K] & Published)[],
  };
}

/** What a promise rejects with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error('it was expected to reject, and resolved');
}

/** The context of an actor, as it is stored. */
export async function contextOf<C>(system: System, path: string): Promise<C> {
  const state = await system.state(path);
  if (state === undefined) throw new Error(`no actor at ${path}`);
  return state.context as C;
}

/** An untyped ref for a path. */
export function anyRef(system: System, path: string): ActorRef {
  return system.get(path);
}
