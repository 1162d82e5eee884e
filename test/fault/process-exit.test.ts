/** The fault: an actor, or a library it uses, calls `process.exit`. On a host thread that ends the thread. */
import { expect } from 'chai';
import { everything, useScenes } from './scene.js';

describe('fault: process.exit', function () {
  this.timeout(60_000);
  const scenes = useScenes();

  for (const [isSupervised, path] of [
    [false, '/culprit'],
    [true, '/troop/culprit'],
  ] as const) {
    it(`while a message is handled is charged to ${path} alone`, async () => {
      // Before: four actors on one thread, each with ten messages handled.
      const scene = await scenes.before({ isSupervised });

      // Fault: amid messages to all, one of them leaves.
      await scene.fault({ type: 'exit', code: 7 });

      // After: each of the two attempts cost its thread and was charged to the culprit; then the message was given up.
      const { charged, deadLetters, threadsLost, notes, hasMoved } = await scene.after();
      expect(charged).to.deep.equal([`${path} THREAD_LOST 1`, `${path} THREAD_LOST 2`]);
      expect(deadLetters).to.deep.equal([[path, { type: 'exit', code: 7 }]]);
      expect(threadsLost).to.equal(2);
      // All go on elsewhere, the culprit too: nothing is lost, nothing doubled.
      expect(hasMoved).to.equal(true);
      expect(notes).to.deep.equal([everything, everything, everything, everything]);
    });
  }

  it('in a callback, long after the message, is charged to the actor that began it, alone', async () => {
    // Before: four actors on one thread, each with ten messages handled.
    const scene = await scenes.before();

    // Fault: one of them leaves when its message is handled.
    await scene.fault({ type: 'exitLater', code: 7 });

    // After: the message is handled and is not tried again; word of the exit is what the culprit fails at, once.
    const { charged, deadLetters, threadsLost, notes, hasMoved } = await scene.after();
    expect(charged).to.deep.equal(['/culprit EFFECT_UNCAUGHT 1']);
    expect(deadLetters.map(([path]) => path)).to.deep.equal(['/culprit']);
    expect(threadsLost).to.equal(1);
    // All go on elsewhere, the culprit too: nothing is lost, nothing doubled.
    expect(hasMoved).to.equal(true);
    expect(notes).to.deep.equal([everything, everything, everything, everything]);
  });
});
