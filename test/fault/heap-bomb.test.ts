/** The fault: a message takes more memory than its thread may have (`hostLimits`). Node.js ends that thread. */
import { expect } from 'chai';
import { everything, useScenes } from './scene.js';

describe('fault: a heap bomb', function () {
  this.timeout(60_000);
  const scenes = useScenes();

  it('is charged to the actor that took the memory, alone', async () => {
    // Before: four actors on one thread, each with ten messages handled.
    // How long V8 collects in vain is its own affair: nobody is taken to hang.
    const hostLimits = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 8 };
    const scene = await scenes.before({ hostLimits, hangAfterMs: 0 });

    // Fault: amid messages to all, one of them allocates without end.
    await scene.fault({ type: 'hoard' });

    // After: each of the two attempts cost its thread and was charged to the culprit; then the message was given up.
    const { charged, deadLetters, threadsLost, notes, hasMoved } = await scene.after();
    expect(charged).to.deep.equal(['/culprit THREAD_LOST 1', '/culprit THREAD_LOST 2']);
    expect(deadLetters).to.deep.equal([['/culprit', { type: 'hoard' }]]);
    expect(threadsLost).to.equal(2);
    // All go on elsewhere, the culprit too: nothing is lost, nothing doubled.
    expect(hasMoved).to.equal(true);
    expect(notes).to.deep.equal([everything, everything, everything, everything]);
  });
});
