/**
 * Any order of calls, cancels, approvals, rejections, answers of tools, time and crashes: every call is answered
 * exactly once, no tool is begun for a call that was answered, and an approval counts once. The real runtime runs
 * what fast-check makes up; what must hold is said without a look at how the bus does it.
 */
import fc from 'fast-check';
import { expect } from 'chai';
import type { ToolBusEvents, ToolOutcome } from '../../../actors/tools/index.js';
import { type ActorRef, ActorRef as Ref, type TroupeError } from '../../../src/index.js';
import type { TestSystem } from '../../../src/testing/index.js';
import { contextOf, useSystems } from '../../helpers/with-system.js';
import { bus, gates, listener, narrow, seen } from './fixtures/tools.js';

const runs = 120;
const tools = ['echo', 'held', 'flaky', 'measure', 'send', 'nonsense', 'hung'] as const;

type Step =
  | { do: 'call'; from: string; tool: (typeof tools)[number]; n: number }
  | { do: 'cancel' | 'open'; n: number }
  | { do: 'approve' | 'reject'; by: string; n: number }
  | { do: 'grant' | 'revoke'; tool: (typeof tools)[number] }
  | { do: 'wait'; ms: number }
  | { do: 'crash'; how: 'kill' | 'powerCut' };

const name = fc.integer({ min: 0, max: 6 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('call' as const),
        from: fc.constantFrom('agent', 'clerk', 'ada'),
        tool: fc.constantFrom(...tools),
        n: name,
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cancel' as const, 'open' as const), n: name }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('approve' as const, 'reject' as const),
        by: fc.constantFrom('ada', 'bob', 'clerk'),
        n: fc.integer({ min: 0, max: 2 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constantFrom('grant' as const, 'revoke' as const),
        tool: fc.constantFrom(...tools),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 1_000, 5_000) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('crash' as const), how: fc.constantFrom('kill', 'powerCut') }),
    },
  ) as fc.Arbitrary<Step>,
  { minLength: 1, maxLength: 25 },
);

const argsOf = { flaky: { fails: 1 }, hung: {} } as Record<string, object>;

describe('calls of tools, in any order', function () {
  this.timeout(120_000);
  const systems = useSystems();

  it('are each answered exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 1_000 }), async (plan, seed) => {
        seen.length = 0;
        gates.clear();
        // With one round for each turn of the event loop, crashes fall between any two commits.
        const options = { seed, roundsPerTurn: seed % 2 === 0 ? 1 : 64 };
        const start = (more: object): Promise<TestSystem> => systems.oneThread({ ...options, ...more });
        const run = new Run(await start({}), start);
        await run.begin(seed % 3 === 0 ? narrow : bus);
        for (const step of plan) await run.take(step);
        await run.finish();
        await run.end();
      }),
      { numRuns: runs },
    );
  });
});

/** One made-up story. */
class Run {
  /** Calls that were sent, by their name: each name once per caller, so that each stands for one call. */
  private readonly sent = new Map<string, { from: string; callId: string }>();
  private readonly approved = new Map<string, number>();
  private bus!: ActorRef<ToolBusEvents>;
  private caller!: ActorRef;

  constructor(
    private system: TestSystem,
    private readonly again: (options: object) => Promise<TestSystem>,
  ) {}

  async begin(definition: typeof bus): Promise<void> {
    this.bus = await this.system.spawn(definition, { id: 'tools' });
    this.caller = await this.system.spawn(listener, { id: 'caller' });
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'call': {
        const callId = `${step.tool}-${step.n}`;
        const args = argsOf[step.tool] ?? { text: `${step.from} ${step.n}` };
        // The same call may be told again: it is joined while it is open, and the second telling then expects nothing.
        if (this.sent.has(`${step.from} ${callId}`)) return;
        this.sent.set(`${step.from} ${callId}`, { from: step.from, callId });
        const call = { from: step.from, tool: step.tool, args, callId };
        await this.caller.tell({ type: 'forward', to: new Ref('/tools'), call });
        return;
      }
      case 'cancel': {
        const one = [...this.sent.values()][step.n];
        if (one !== undefined) await this.bus.tell({ type: 'cancel', ...one });
        return;
      }
      case 'open':
        [...gates.values()][step.n]?.open('fine');
        return;
      case 'approve':
      case 'reject': {
        await this.system.settle();
        const waiting = await this.bus.ask({ type: 'pending' });
        const one = waiting[step.n];
        if (one === undefined) return;
        const answer = await this.bus.ask({ type: step.do, by: step.by, id: one.id }).then(
          () => 'ok',
          (error: TroupeError) => error.code,
        );
        const mayAnswer = step.by !== one.from && one.approvers.includes(step.by);
        expect(answer, `${step.by} for ${one.from}`).to.equal(mayAnswer ? 'ok' : 'APPROVAL_FORBIDDEN');
        if (mayAnswer) this.approved.set(one.id, (this.approved.get(one.id) ?? 0) + 1);
        return;
      }
      case 'grant':
      case 'revoke':
        await this.bus.tell({ type: step.do, by: 'root', principal: 'agent', tool: step.tool });
        return;
      case 'wait':
        await this.system.advance(step.ms);
        return;
      case 'crash': {
        // What the story has sent and nobody has accepted yet is not to be lost: `tell` was awaited.
        this.system = await this.again({ store: this.system.crash(step.how), clock: this.system.clock });
        this.bus = this.system.get('/tools') as ActorRef<ToolBusEvents>;
        this.caller = this.system.get('/caller');
      }
    }
  }

  /** Let everything end: gates open, time passes, whoever waits is rejected. */
  async finish(): Promise<void> {
    for (let round = 0; round < 100; round += 1) {
      await this.system.settle();
      for (const { open } of gates.values()) open('fine');
      for (const { id, from, approvers } of await this.bus.ask({ type: 'pending' })) {
        const by = approvers.find((each) => each !== from) ?? '';
        expect(await this.bus.ask({ type: 'reject', by, id })).to.deep.equal({ ok: true });
      }
      await this.system.advance(5_000);
      if ((await this.bus.ask({ type: 'metrics' })).open === 0) break;
    }
    await this.system.settle();
  }

  /** What must hold of every story. */
  async end(): Promise<void> {
    const { heard } = await contextOf<{ heard: { type: string; callId: string; outcome: ToolOutcome }[] }>(
      this.system,
      '/caller',
    );
    const answers = heard.filter(({ type }) => type === 'toolAnswered');
    expect(answers.map(({ callId }) => callId).sort()).to.deep.equal(
      [...this.sent.values()].map(({ callId }) => callId).sort(),
    );
    for (const times of this.approved.values()) expect(times).to.equal(1);
    expect(await this.bus.ask({ type: 'metrics' })).to.include({ open: 0, waiting: 0 });
    expect((await this.system.actors()).map(({ path }) => path).sort()).to.deep.equal(['/caller', '/tools']);
    expect(await this.system.deadLetters()).to.deep.equal([]);
    await this.system.stop();
  }
}
