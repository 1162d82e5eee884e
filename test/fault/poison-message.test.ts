/** The fault: handling a message throws, each time it is tried. */
import { expect } from 'chai';
import { everything, useScenes } from './scene.js';

describe('fault: a poison message', function () {
  this.timeout(60_000);
  const scenes = useScenes();

  it('is charged to the actor that cannot handle it, and costs no thread', async () => {
    // Before: four actors on one thread, each with ten messages handled.
    const scene = await scenes.before();

    // Fault: amid messages to all, one that throws.
    await scene.fault({ type: 'throw' });

    // After: two attempts were charged to the culprit, with the error's own words; then the message was given up.
    const { charged, deadLetters, threadsLost, notes, hasMoved } = await scene.after();
    const poison = '/culprit Error: this message is poison';
    expect(charged).to.deep.equal([`${poison} 1`, `${poison} 2`]);
    expect(deadLetters).to.deep.equal([['/culprit', { type: 'throw' }]]);
    expect(threadsLost).to.equal(0);
    // All go on where they were, the culprit too: nothing is lost, nothing doubled.
    expect(hasMoved).to.equal(false);
    expect(notes).to.deep.equal([everything, everything, everything, everything]);
  });
});
