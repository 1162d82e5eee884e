/** Agents, tools and workflows that former versions left behind in the middle of their work go on in this one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { AgentRun, type ToolBusEvents, WorkflowRun } from '../../actors/index.js';
import { type ActorRef, createSystem, type System, type TroupeError } from '../../src/index.js';
import { eventually } from '../../src/testing/index.js';
import { makeFolder, removeFolder } from '../helpers/scratch-folder.js';
import { rejection } from '../helpers/with-system.js';
// Its module is elsewhere than in the process that wrote the journals: definitions are found by name.
import './team.js';
import { unpack } from './packed.js';

const fixtures = join(process.cwd(), 'test', 'fixtures');
const journals = readdirSync(fixtures).filter((name) => name.startsWith('team-'));

describe('complaint: upgrades break what is under way', () => {
  let folder: string;
  let system: System | undefined;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(async () => {
    await system?.stop({ drainMs: 0 });
    system = undefined;
    removeFolder(folder);
  });

  it('there are journals on record', () => {
    expect(journals).to.include('team-1.json.gz');
  });

  for (const name of journals) {
    it(`Mastra #8452, #6043: runs and approvals of ${name}, of a former version, are lost or stuck`, async () => {
      unpack(readFileSync(join(fixtures, name)), folder);
      const alive = await createSystem({ journal: folder, hosts: 1, logger: false, signals: false });
      system = alive;
      const mail = alive.get('/mail') as ActorRef<ToolBusEvents>;
      const waits = await mail.ask({ type: 'pending' });
      expect(
        waits.map(({ id, from, callId, tool, args, approvers }) => ({ id, from, callId, tool, args, approvers })),
      ).to.deep.equal([
        {
          id: 'call-1',
          from: 'clerk',
          callId: '/letter#1.c1',
          tool: 'send',
          args: { text: 'To Bob' },
          approvers: ['ada', 'bob'],
        },
        {
          id: 'call-2',
          from: 'clerk',
          callId: '/chief/clerk.1.w#1.c1',
          tool: 'send',
          args: { text: 'To Eve' },
          approvers: ['ada', 'bob'],
        },
      ]);
      const approve = async (by: string, id: string) => {
        const asked = mail.ask({ type: 'approve', by, id });
        return asked.then(
          () => 'ok',
          (error: TroupeError) => error.code,
        );
      };
      expect(await approve('clerk', 'call-1')).to.equal('APPROVAL_FORBIDDEN');
      expect(await approve('ada', 'call-1')).to.equal('ok');
      expect(await approve('bob', 'call-1')).to.equal('APPROVAL_ANSWERED');
      expect(await approve('bob', 'call-2')).to.equal('ok');

      const { answer, steps, usage } = await new AgentRun<string>(alive.get('/letter')).result();
      // The call of its model that is on record is counted, and was not made again.
      expect({ answer, steps, inputTokens: usage.inputTokens }).to.deep.equal({
        answer: 'answer to To Bob',
        steps: 2,
        inputTokens: 200,
      });
      expect((await new AgentRun<string>(alive.get('/chief')).result()).answer).to.equal('heard: answer to To Eve');
      // What was under way is asked again.
      expect((await new AgentRun<string>(alive.get('/thinker')).result()).answer).to.equal('answer to Think.');

      for (const id of ['good', 'bad']) {
        const run = new WorkflowRun<string>(alive.get(`/${id}`));
        const [last, ...more] = (await run.view()).active;
        expect(more).to.deep.equal([]);
        await new WorkflowRun(alive.get(last?.path as string)).signal('posted', 'second');
        await eventually(
          async () => (await run.view()).active[0]?.signal === 'go',
          'the end of its child has woken it',
        );
        await run.signal('go', id === 'good' ? 'well' : 'fail');
      }
      expect(await new WorkflowRun<string>(alive.get('/good')).result()).to.equal('ended: well');
      const bad = new WorkflowRun<string>(alive.get('/bad'));
      expect(await rejection(bad.result())).to.include({ code: 'WORKFLOW_FAILED' });
      // What a former version has done is undone by this one.
      expect((await bad.view()).undone).to.deep.equal([{ at: 'order/pay', ok: true, attempts: 1 }]);
    }).timeout(20_000);
  }
});
