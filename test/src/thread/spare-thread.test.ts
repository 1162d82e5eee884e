/** The thread that waits to replace one that dies. */
import { expect } from 'chai';
import { SpareThread } from '../../../src/thread/spare-thread.js';
import { WorkerHost } from '../../../src/thread/worker-host.js';
import { TestClock } from '../../../src/testing/index.js';

const entry = new URL('./entries/behaviour-entry.js', import.meta.url);

describe('a spare thread', () => {
  let clock: TestClock;
  let made: WorkerHost[];
  let spare: SpareThread;

  beforeEach(() => {
    clock = new TestClock();
    made = [];
    const make = (): WorkerHost => {
      made.push(new WorkerHost({ entry, name: 'spare', workerData: 'ready and idle' }));
      return made.at(-1) as WorkerHost;
    };
    spare = new SpareThread(make, clock, 1_000);
  });

  afterEach(async () => {
    await spare.close();
    await Promise.all(made.map((thread) => thread.terminate()));
  });

  it('is made some while after it was asked for, once', () => {
    spare.prepare();
    clock.advance(600);
    spare.prepare();
    clock.advance(999);
    expect(made).to.have.length(0);
    clock.advance(1);
    spare.prepare();
    clock.advance(5_000);
    expect(made).to.have.length(1);
  });

  it('is taken by one, also while it is loading yet, and then another is made in time', async () => {
    spare.prepare();
    expect(spare.take()).to.equal(undefined);
    clock.advance(1_000);
    expect(spare.take()).to.equal(made[0]);
    await made[0]?.ready;
    expect(spare.take()).to.equal(undefined);
    clock.advance(1_000);
    expect(spare.take()).to.equal(made[1]).and.not.equal(undefined);
  });

  it('one that has ended by itself is not given to anybody', async () => {
    spare.prepare();
    clock.advance(1_000);
    await made[0]?.terminate();
    expect(spare.take()).to.equal(undefined);
  });

  it('is ended with its owner, and none is made after that', async () => {
    spare.prepare();
    clock.advance(1_000);
    await spare.close();
    expect(made[0]?.death).to.include({ kind: 'terminated' });
    spare.prepare();
    clock.advance(5_000);
    expect(made).to.have.length(1);
  });
});
