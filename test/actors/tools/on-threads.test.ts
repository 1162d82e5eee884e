import { expect } from 'chai';
import type { ToolBusEvents, ToolError, ToolOutcome } from '../../../actors/tools/index.js';
import type { ActorRef } from '../../../src/index.js';
import { eventually } from '../../../src/testing/index.js';
import { useSystems } from '../../helpers/with-system.js';
import { bus, wary } from './fixtures/tools.js';

const errorOf = (outcome: ToolOutcome): ToolError => {
  if (outcome.ok) throw new Error('it went well');
  return outcome.error;
};

describe('tools on threads', function () {
  this.timeout(60_000);
  const systems = useSystems();

  it('a job works on a thread of its own, and is ended when it takes too long', async () => {
    const system = await systems.threads({ hosts: 2 });
    const ref = await system.spawn(bus, { id: 'tools' });
    const double = (n: unknown, tool = 'doubled') =>
      ref.ask({ type: 'call', from: 'agent', tool, args: { n } }, { timeoutMs: 50_000 });
    expect(await double(21)).to.deep.equal({ ok: true, value: 42 });
    const unlucky = errorOf(await double(13));
    expect(unlucky).to.include({ code: 'TOOL_FAILED' });
    expect([unlucky.cause?.code, unlucky.cause?.cause?.message]).to.deep.equal(['JOB_FAILED', 'unlucky']);
    expect(errorOf(await double('x')).code).to.equal('TOOL_ARGS');
    expect(errorOf(await double(14, 'doubledSoon')).code).to.equal('TOOL_TIMEOUT');
    expect(await double(2)).to.deep.equal({ ok: true, value: 4 });
  });

  it('runJob runs the job that is named, and hands on what it throws', async () => {
    const system = await systems.threads({ hosts: 1 });
    const ref = await system.spawn(wary, { id: 'tools' });
    const run = (n: number) =>
      ref.ask(
        { type: 'call', from: 'agent', tool: 'runJob', args: { job: 'double', input: { n } } },
        { timeoutMs: 50_000 },
      );
    expect(await run(4)).to.deep.equal({ ok: true, value: 8 });
    const { code, cause } = errorOf(await run(13));
    expect([code, cause?.code, cause?.cause?.message]).to.deep.equal(['TOOL_FAILED', 'JOB_FAILED', 'unlucky']);
  });

  it('a tool that ends its thread is tried a few times, and then TOOL_FAILED; the bus goes on', async () => {
    const system = await systems.threads({ hosts: 2 });
    const ref: ActorRef<ToolBusEvents> = await system.spawn(wary, { id: 'tools' });
    const call = (tool: string, args: object) =>
      ref.ask({ type: 'call', from: 'agent', tool, args }, { timeoutMs: 50_000 });
    const error = errorOf(await call('deadly', {}));
    expect([error.code, error.cause?.code]).to.deep.equal(['TOOL_FAILED', 'THREAD_LOST']);
    await eventually(() => systems.heard('threadLost').length >= 3, 'the losses of the threads are known');
    expect(systems.heard('threadLost')).to.have.length(3);
    expect(await call('echo', { text: 'alive' })).to.deep.equal({ ok: true, value: 'alive' });
  });
});
