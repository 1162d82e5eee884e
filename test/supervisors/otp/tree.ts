/** Trees of supervisors and workers for the cases of the OTP suite, written as short as a case is. */
import { expect } from 'chai';
import type { ActorRef } from '../../../src/index.js';
import type { TestSystem, TestSystemOptions } from '../../../src/testing/index.js';
import {
  childOf,
  type ChildSpec,
  type ManagementAnswer,
  type RestartType,
  supervisor,
  type SupervisorEvents,
  type SupervisorSpec,
} from '../../../supervisors/index.js';
import { type Systems, useSystems } from '../../helpers/with-system.js';
import { diary, stumbled, weak, type WorkerEvents, worker } from '../fixtures/workers.js';

/** Children as text: `a b:transient c:temporary! ...`; `!` is significant. Or as specs. */
export type Children = string | readonly ChildSpec[];

let declared = 0;

/** One child, from its text. OTP's restart is our reset. */
function childSpec(text: string): ChildSpec {
  const [id = '', type = 'permanent'] = text.replace('!', '').split(':');
  return {
    id,
    actor: worker,
    restart: type as RestartType,
    onFailure: 'reset',
    ...(text.endsWith('!') ? { significant: true } : {}),
  };
}

/** Declare a supervisor. Only for systems on one thread: a host could not import it. */
export function declare(spec: Omit<SupervisorSpec, 'children'> & { children?: Children }) {
  declared += 1;
  const { children = '', ...rest } = spec;
  const specs = typeof children === 'string' ? children.split(' ').filter(Boolean).map(childSpec) : children;
  return supervisor(import.meta, `otp.supervisor-${declared}`, { ...rest, children: specs });
}

/** A tree that runs. */
export class Tree {
  constructor(
    readonly system: TestSystem,
    readonly ref: ActorRef<SupervisorEvents>,
    /** What came of its spawn. */
    readonly spawned?: Promise<unknown>,
  ) {}

  /** A worker of it. */
  at(id: string): ActorRef<WorkerEvents> {
    return this.system.get(`${this.ref.path}/${id}`) as ActorRef<WorkerEvents>;
  }

  /** Tell a worker something, and let the tree come to rest. */
  async tell(id: string, type: 'crash' | 'leave' | 'giveUp' | 'stumble'): Promise<void> {
    await this.at(id).tell({ type });
    await this.system.settle();
  }

  /** One after the other, as by a faulty program. */
  async crash(...ids: string[]): Promise<void> {
    for (const id of ids) await this.tell(id, 'crash');
  }

  /** What happened since the last call: `start a, stop b`. */
  log(): string {
    return diary.splice(0).join(', ');
  }

  /** A management request; the tree comes to rest. */
  async ask(request: 'startChild', child: string | ChildSpec): Promise<ManagementAnswer>;
  async ask(request: 'stopChild' | 'restartChild' | 'deleteChild', id: string): Promise<ManagementAnswer>;
  async ask(type: string, what: string | ChildSpec): Promise<ManagementAnswer> {
    const child = typeof what === 'string' ? childSpec(what) : what;
    const request = type === 'startChild' ? { type, child: childOf(child) } : { type, id: what };
    const answer = await this.ref.ask(request as never);
    await this.system.settle();
    return answer as ManagementAnswer;
  }

  /** Who stands how: `a running, b stopped`. */
  async children(): Promise<string> {
    const views = await this.ref.ask({ type: 'children' });
    return views.map(({ id, standing }) => `${id} ${standing}`).join(', ');
  }

  /** How an actor ended, or where it stands. */
  async status(path: string = this.ref.path): Promise<string> {
    const state = await this.system.state(path);
    return state === undefined ? 'unknown' : state.status;
  }

  /** The error the tree ended with. */
  async failure(): Promise<string> {
    const state = await this.system.state(this.ref);
    return String((state?.error as { code?: string } | undefined)?.code ?? state?.error?.message);
  }

  /** It has ended. */
  async expectOver(code?: string): Promise<void> {
    expect(await this.status()).to.equal('ended');
    if (code !== undefined) expect(await this.failure()).to.equal(code);
  }
}

/** Call inside `describe`. */
export function useTrees(): {
  systems: Systems;
  tree: (spec: Parameters<typeof declare>[0], options?: TestSystemOptions) => Promise<Tree>;
} {
  const systems = useSystems();
  beforeEach(() => {
    diary.length = 0;
    weak.clear();
    stumbled.clear();
  });
  return {
    systems,
    async tree(spec, options = {}) {
      const system = await systems.oneThread({ hosts: 2, seed: 1, ...options });
      const spawned = system.spawn(declare(spec), { id: 'top' });
      // Whether it came up is for the case to say.
      spawned.catch(() => {});
      await system.settle();
      return new Tree(system, system.get('/top') as ActorRef<SupervisorEvents>, spawned);
    },
  };
}
