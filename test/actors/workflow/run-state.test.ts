import { expect } from 'chai';
import { countedOn, countOf, liveOf, newRun, type RunState, storedOf } from '../../../actors/workflow/run-state.js';

describe("a run's state", () => {
  it('is stored without what is empty, and has it again when it goes on', () => {
    const run = newRun(7);
    expect(Object.keys(storedOf(liveOf(run)))).to.deep.equal(['phase', 'startedAt', 'frames', 'counts']);
    const empty = { saga: [], undone: [], signals: {}, suspended: false, held: [], serial: 0 };
    expect(liveOf(run)).to.deep.include(empty);
  });

  it('keeps whatever is there', () => {
    const run: RunState = {
      phase: 'failed',
      startedAt: 1,
      endedAt: 2,
      frames: { a: { is: 'conditional' } },
      saga: [{ at: 'a', input: 1, output: 2 }],
      undone: [{ at: 'a', ok: true, attempts: 1 }],
      signals: { go: [1] },
      suspended: true,
      held: ['a'],
      counts: { a: [1] },
      serial: 3,
      error: { name: 'Error', message: 'no' },
      failedAt: 'a',
      cancelled: 'why',
      output: 0,
    };
    expect(storedOf(liveOf(run))).to.deep.equal(run);
  });

  it('can be changed in place without a change to the one it was made of', () => {
    const run: RunState = { ...newRun(1), saga: [], signals: { go: [1] }, held: ['a'], undone: [] };
    const before = structuredClone(run);
    const live = liveOf(run);
    live.frames.b = { is: 'conditional' };
    live.counts.b = [1];
    live.saga.push({ at: 'b', input: 1, output: 2 });
    live.undone.push({ at: 'b', ok: true, attempts: 1 });
    live.held.push('b');
    delete live.signals.go;
    expect(run).to.deep.equal(before);
  });

  it('counts on, without zeros at the end, also what a former version has counted', () => {
    expect(countedOn(undefined, 'started')).to.deep.equal([1]);
    expect(countedOn([1], 'done', 12)).to.deep.equal([1, 1, 12]);
    expect(countedOn([2, 1, 12], 'retries')).to.deep.equal([2, 1, 12, 0, 1]);
    const former = { started: 3, done: 1, failed: 1, retries: 2, tookMs: 40 };
    expect(countedOn(former, 'failed', 2)).to.deep.equal([3, 1, 42, 2, 2]);
    expect(countOf(former)).to.deep.equal(former);
    expect(countOf([3, 1, 42, 2])).to.deep.equal({ started: 3, done: 1, tookMs: 42, failed: 2, retries: 0 });
  });
});
