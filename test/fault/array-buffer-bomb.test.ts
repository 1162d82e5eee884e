/** The fault: a message takes memory outside its heap, which no heap limit sees, until the process has too much. */
import { expect } from 'chai';
import { systemGauge } from '../../src/system/memory-watch.js';
import { everything, useScenes } from './scene.js';

describe('fault: an ArrayBuffer bomb', function () {
  this.timeout(60_000);
  const scenes = useScenes();

  it('is charged to the actor during whose message the process grew, alone', async () => {
    // Before: four actors on one thread, each with ten messages handled; the process may take half a gigabyte more.
    // However long that takes, nobody is taken to hang.
    const scene = await scenes.before({ memoryBytesMax: systemGauge.used() + 512 * 2 ** 20, hangAfterMs: 0 });

    // Fault: amid messages to all, one of them fills buffers without end.
    await scene.fault({ type: 'buffers' });

    // After: each of the two attempts cost its thread and was charged to the culprit; then the message was given up.
    const { charged, deadLetters, threadsLost, notes, hasMoved } = await scene.after();
    expect(charged).to.deep.equal(['/culprit MEMORY_LIMIT 1', '/culprit MEMORY_LIMIT 2']);
    expect(deadLetters).to.deep.equal([['/culprit', { type: 'buffers' }]]);
    expect(threadsLost).to.equal(2);
    // All go on elsewhere, the culprit too: nothing is lost, nothing doubled.
    expect(hasMoved).to.equal(true);
    expect(notes).to.deep.equal([everything, everything, everything, everything]);
  });
});
