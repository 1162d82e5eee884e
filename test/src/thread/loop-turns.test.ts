import { expect } from 'chai';
import { LoopTurns } from '../../../src/thread/loop-turns.js';

describe('turns of the event loop', () => {
  it('lets those run who wait for promises, and those they wake', async () => {
    const turns = new LoopTurns();
    let woken = 0;
    const wake = async (depth: number): Promise<void> => {
      await undefined;
      woken += 1;
      if (depth > 1) await wake(depth - 1);
    };
    // As a thread that has waited: its work runs among the promises.
    await undefined;
    void wake(100);
    await turns.letRun();
    expect(woken).to.equal(100);
  });

  it('come again and again, however much there is to do without them', async () => {
    const turns = new LoopTurns();
    const tooLateMs = performance.now() + 10_000;
    for (let count = 0; count < 3; count += 1) {
      let isTurned = false;
      setImmediate(() => {
        isTurned = true;
      });
      while (!isTurned && performance.now() < tooLateMs) await turns.letRun();
      expect(isTurned, `turn ${count}`).to.equal(true);
    }
  });
});
