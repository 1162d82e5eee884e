/** `node first-entry.js NAME FOLDER`: the first message of a process, which then ends. Says `handled 1`. */
import { writeSync } from 'node:fs';

/** Each answers how many it has handled. What it needs it imports itself: that is what is measured. */
const programs: Record<string, (folder: string) => Promise<number>> = {
  node: async () => 1,
  post: async () => {
    const { Thread } = await import('../kernel/post-message.js');
    return new Thread().ask('next');
  },
  xstate: async () => {
    const { createActor, fromTransition } = await import('xstate');
    const actor = createActor(fromTransition((count: number, _event: { type: 'next' }) => count + 1, 0)).start();
    actor.send({ type: 'next' });
    return actor.getSnapshot().context;
  },
  nact: async () => {
    const { counting } = await import('../messages/nact.js');
    return (await counting()).ask('next');
  },
  comedy: async () => {
    const { counting } = await import('../messages/comedy.js');
    return (await counting('threaded')).actor.sendAndReceive<number>('next');
  },
  comlink: async () => {
    const { counting } = await import('../messages/comlink.js');
    return (await counting()).tally.next();
  },
  piscina: async () => {
    const { counting } = await import('../messages/piscina.js');
    return (await counting()).run({});
  },
  effect: async () => {
    const { counting } = await import('../messages/effect.js');
    return (await counting()).ask('next');
  },
  none: (folder) => troupe(folder, 'none'),
  flushed: (folder) => troupe(folder, 'flushed'),
};

async function troupe(folder: string, durability: 'none' | 'flushed'): Promise<number> {
  const { createSystem } = await import('../../src/index.js');
  const { talliesOf } = await import('../kernel/actors.js');
  const system = await createSystem({ journal: folder, hosts: 1, signals: false });
  const ref = await system.spawn(talliesOf.function[durability], { id: 'tally' });
  return ref.ask({ type: 'next' });
}

const [name = '', folder = ''] = process.argv.slice(2);
const program = programs[name];
if (program === undefined) throw new Error(`there is no program ${name}`);
writeSync(1, `handled ${await program(folder)}\n`);
process.exit(0);
