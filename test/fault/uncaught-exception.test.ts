/** The fault: a callback an actor has set (a timer, a listener) throws. Node.js ends the thread for it. */
import { expect } from 'chai';
import { everything, useScenes } from './scene.js';

describe('fault: an uncaught exception', function () {
  this.timeout(60_000);
  const scenes = useScenes();

  it('in a timer is charged to the actor that set the timer, alone', async () => {
    // Before: four actors on one thread, each with ten messages handled.
    const scene = await scenes.before();

    // Fault: amid messages to all, one of them sets a timer whose callback throws.
    await scene.fault({ type: 'throwLater' });

    // After: the message is handled and is not tried again; word of the exception is what the culprit fails at, once.
    const { charged, deadLetters, threadsLost, notes, hasMoved } = await scene.after();
    expect(charged).to.deep.equal(['/culprit EFFECT_UNCAUGHT 1']);
    expect(deadLetters.map(([path]) => path)).to.deep.equal(['/culprit']);
    expect(threadsLost).to.equal(1);
    // All go on elsewhere, the culprit too: nothing is lost, nothing doubled.
    expect(hasMoved).to.equal(true);
    expect(notes).to.deep.equal([everything, everything, everything, everything]);
  });
});
