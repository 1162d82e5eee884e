/**
 * The scene of a fault: a culprit and three others on the same thread. Each test of a fault kind says what is before,
 * what happens, and reads what is found after; here is what they have in common.
 *
 * Everybody is told the numbers 1 to 30: ten before the fault, ten around it without waiting for anything (the others'
 * on both sides of the fatal message, the culprit's behind it), ten after. So whoever has noted `everything` has lost
 * nothing and heard nothing twice.
 */
import type { ActorRef, System, SystemOptions } from '../../src/index.js';
import { eventually } from '../../src/testing/index.js';
import type { SupervisorEvents } from '../../supervisors/index.js';
import { useSystems } from '../helpers/with-system.js';
import { type Fault, type PersonEvents, person, troop } from './fixtures/person.js';

type Person = ActorRef<PersonEvents>;

const ids = ['culprit', 'anna', 'ben', 'carl'];
const askMs = { timeoutMs: 40_000 };

/** What everybody has noted in the end. */
export const everything: readonly number[] = Array.from({ length: 30 }, (_, index) => index + 1);

/** What is found after a fault. */
export interface Aftermath {
  /** Whom the journal has a failure of, with the code (or the error's name) and which attempt it was. */
  charged: string[];
  /** Messages that were given up: whose, and what. */
  deadLetters: [path: string, event: unknown][];
  /** Host threads that died. */
  threadsLost: number;
  /** The numbers of each, the culprit first. */
  notes: (readonly number[])[];
  /** Everybody lives on another thread than before. */
  hasMoved: boolean;
}

/** Four actors on one thread. */
export interface Scene {
  /** In the midst of messages to everybody, the culprit does this. Resolves when it has been given up. */
  fault(event: Fault): Promise<void>;
  after(): Promise<Aftermath>;
}

/** What a scene is played on. */
export interface SceneOptions extends Partial<SystemOptions> {
  /** The four are children of a supervisor. */
  isSupervised?: boolean;
}

/** Call inside `describe`. @returns what sets the scene: everybody is on one thread, and has ten numbers */
export function useScenes(): { before(options?: SceneOptions): Promise<Scene> } {
  const systems = useSystems();
  return {
    async before({ isSupervised = false, ...options } = {}) {
      const system = await systems.threads({ hosts: 2, ...options });
      const people = isSupervised ? await supervised(system) : await unsupervised(system);
      const [culprit, ...others] = people as [Person, ...Person[]];
      const tell = (whom: Person[], from: number, to: number): Promise<void>[] =>
        everything.slice(from, to).flatMap((n) => whom.map((each) => each.tell({ type: 'note', n })));
      const look = () => Promise.all(people.map((each) => each.ask({ type: 'read' }, askMs)));
      await Promise.all(tell(people, 0, 10));
      const threads = new Set((await look()).map(({ thread }) => thread));
      if (threads.size !== 1) throw new Error(`they live on ${threads.size} threads`);
      return {
        async fault(event) {
          const around = [...tell(others, 10, 15), culprit.tell(event), ...tell([culprit], 10, 15)];
          await Promise.all([...around, ...tell(people, 15, 20)]);
          await eventually(async () => (await system.deadLetters()).length > 0, 'it is given up', 40_000);
          await Promise.all(tell(people, 20, 30));
        },
        async after() {
          const found = await look();
          const decisions = await system.decisions();
          const letters = await system.deadLetters();
          return {
            charged: decisions.map(({ path, error, attempts }) => `${path} ${nameOf(error)} ${attempts}`),
            deadLetters: letters.map(({ path, event }) => [path, event]),
            threadsLost: systems.heard('threadLost').length,
            notes: found.map(({ numbers }) => numbers),
            hasMoved: found.every(({ thread }) => !threads.has(thread)),
          };
        },
      };
    },
  };
}

function nameOf(error: Error | undefined): string {
  return (error as { code?: string } | undefined)?.code ?? String(error);
}

function unsupervised(system: System): Promise<Person[]> {
  return Promise.all(ids.map((id) => system.spawn(person, { id })));
}

async function supervised(system: System): Promise<Person[]> {
  const ref: ActorRef<SupervisorEvents> = await system.spawn(troop, { id: 'troop' });
  const isUp = async () => (await ref.ask({ type: 'count' })).active === ids.length;
  await eventually(isUp, 'all children are up');
  return ids.map((id) => system.get(`/troop/${id}`) as Person);
}
