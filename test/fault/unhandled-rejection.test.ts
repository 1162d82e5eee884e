/** The fault: a promise an actor began is rejected and nobody listens. Node.js ends the thread for it. */
import { expect } from 'chai';
import { everything, useScenes } from './scene.js';

describe('fault: an unhandled rejection', function () {
  this.timeout(60_000);
  const scenes = useScenes();

  for (const [when, type, isSupervised, path] of [
    ['at once', 'reject', false, '/culprit'],
    ['later', 'rejectLater', false, '/culprit'],
    ['later, below a supervisor', 'rejectLater', true, '/troop/culprit'],
  ] as const) {
    it(`${when} is charged to the actor that began the promise, alone`, async () => {
      // Before: four actors on one thread, each with ten messages handled.
      const scene = await scenes.before({ isSupervised });

      // Fault: amid messages to all, one of them begins a promise that comes to grief.
      await scene.fault({ type });

      // After: the message is handled and is not tried again; word of the rejection is what the culprit fails at, once.
      const { charged, deadLetters, threadsLost, notes, hasMoved } = await scene.after();
      expect(charged).to.deep.equal([`${path} EFFECT_UNCAUGHT 1`]);
      expect(deadLetters.map(([whose]) => whose)).to.deep.equal([path]);
      expect(threadsLost).to.equal(1);
      // All go on elsewhere, the culprit too: nothing is lost, nothing doubled.
      expect(hasMoved).to.equal(true);
      expect(notes).to.deep.equal([everything, everything, everything, everything]);
    });
  }
});
