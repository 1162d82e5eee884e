/** The fault: a call that blocks the thread for ten seconds, as synchronous I/O or a lock would. It would come back. */
import { expect } from 'chai';
import { everything, useScenes } from './scene.js';

describe('fault: a synchronous block', function () {
  this.timeout(60_000);
  const scenes = useScenes();

  it('longer than hangAfterMs is ended and charged to the actor that blocks, alone', async () => {
    // Before: four actors on one thread, each with ten messages handled.
    const scene = await scenes.before({ hangAfterMs: 1_000 });

    // Fault: amid messages to all, one of them blocks.
    await scene.fault({ type: 'block', forMs: 10_000 });

    // After: each of the two attempts cost its thread and was charged to the culprit; then the message was given up.
    const { charged, deadLetters, threadsLost, notes, hasMoved } = await scene.after();
    expect(charged).to.deep.equal(['/culprit MESSAGE_HUNG 1', '/culprit MESSAGE_HUNG 2']);
    expect(deadLetters).to.deep.equal([['/culprit', { type: 'block', forMs: 10_000 }]]);
    expect(threadsLost).to.equal(2);
    // All go on elsewhere, the culprit too: nothing is lost, nothing doubled.
    expect(hasMoved).to.equal(true);
    expect(notes).to.deep.equal([everything, everything, everything, everything]);
  });
});
