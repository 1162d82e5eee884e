/** Where a run has failed, and why: what its error and its view say. */
import { expect } from 'chai';
import { startRun, type WorkflowDefinition, type WorkflowRun } from '../../../actors/index.js';
import type { TroupeError } from '../../../src/index.js';
import type { TestSystem } from '../../../src/testing/index.js';
import { rejection, useSystems } from '../../helpers/with-system.js';
import { badItems, inside, spoilt, spoiltJob, tries, twice } from './fixtures/failures.js';

describe('workflow, failed', () => {
  const systems = useSystems();
  let system: TestSystem;
  beforeEach(async () => {
    tries.length = 0;
    system = await systems.oneThread();
  });

  async function failed<I, O>(
    workflow: WorkflowDefinition<I, O>,
    input: I,
  ): Promise<[Omit<TroupeError, 'cause'> & { cause: TroupeError }, WorkflowRun<O>]> {
    const run = await startRun(system, workflow, { id: 'run', input });
    const result = run.result();
    result.catch(() => {});
    await system.advance(60_000);
    return [(await rejection(result)) as TroupeError & { cause: TroupeError }, run];
  }

  it('says which step it was, with the number of its item, as its view does', async () => {
    const [{ code, field, message, cause }, run] = await failed(inside, [0, 1, 2]);
    expect({ code, field }).to.deep.equal({ code: 'WORKFLOW_FAILED', field: 'order/try/items/each[2]/charge' });
    expect(message).to.equal('the run has failed at order/try/items/each[2]/charge: charge will not have 2');
    expect(cause).to.include({ message: 'charge will not have 2' });
    expect((await run.view()).failedAt).to.equal(field);
  });

  it('of an attempt whose fallback fails too, says where the fallback failed', async () => {
    const [{ field }] = await failed(twice, 2);
    expect(field).to.equal('twice/second');
  });

  it('says which part of the flow has failed that is no step', async () => {
    const [{ field, cause }] = await failed(badItems, 0);
    expect({ field, code: cause.code }).to.deep.equal({ field: 'bad/all', code: 'WORKFLOW_ITEMS' });
  });

  it('calls a result that is no plain data by its step, and does not try again', async () => {
    const [{ field, message, cause }, run] = await failed(spoilt, 0);
    expect(field).to.equal('spoilt/give');
    expect(message).to.equal('the run has failed at spoilt/give: result.deep.run of step give is a function');
    expect(cause).to.include({ code: 'PAYLOAD_NOT_CARRIABLE', field: 'result.deep.run' });
    expect(tries).to.deep.equal(['give']);
    expect((await run.view()).undone).to.deep.equal([{ at: 'spoilt/paid', ok: true, attempts: 1 }]);
  });

  it('calls the result of a job so too', async () => {
    const threads = await systems.threads({ hosts: 1 });
    const run = await startRun(threads, spoiltJob, { id: 'run', input: null });
    const error = (await rejection(run.result())) as TroupeError;
    expect(error.message).to.equal('the run has failed at spoilt/job: result of step job is a function');
    expect((await run.view()).counts['spoilt/job']).to.include({ retries: 0 });
  });
});
