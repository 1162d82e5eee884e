/** The fault: handling a message never comes to its end. Nothing on that thread can run any more. */
import { expect } from 'chai';
import { everything, useScenes } from './scene.js';

describe('fault: a busy loop', function () {
  this.timeout(60_000);
  const scenes = useScenes();

  for (const [isSupervised, path] of [
    [false, '/culprit'],
    [true, '/troop/culprit'],
  ] as const) {
    it(`is ended after hangAfterMs and charged to ${path} alone`, async () => {
      // Before: four actors on one thread, each with ten messages handled.
      const scene = await scenes.before({ isSupervised, hangAfterMs: 1_000 });

      // Fault: amid messages to all, one of them loops for ever.
      await scene.fault({ type: 'loop' });

      // After: each of the two attempts cost its thread and was charged to the culprit; then the message was given up.
      const { charged, deadLetters, threadsLost, notes, hasMoved } = await scene.after();
      expect(charged).to.deep.equal([`${path} MESSAGE_HUNG 1`, `${path} MESSAGE_HUNG 2`]);
      expect(deadLetters).to.deep.equal([[path, { type: 'loop' }]]);
      expect(threadsLost).to.equal(2);
      // All go on elsewhere, the culprit too: nothing is lost, nothing doubled.
      expect(hasMoved).to.equal(true);
      expect(notes).to.deep.equal([everything, everything, everything, everything]);
    });
  }
});
