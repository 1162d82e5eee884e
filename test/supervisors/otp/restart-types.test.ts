import { expect } from 'chai';
import { useTrees } from './tree.js';

const intensity = { restarts: 10, periodMs: 1_000 };

describe("OTP's supervisor: restart types", () => {
  const { tree } = useTrees();
  const cases: [type: string, how: 'crash' | 'giveUp' | 'leave', restarted: boolean, why: string][] = [
    ['permanent', 'crash', true, 'always restarted'],
    ['permanent', 'giveUp', true, 'always restarted'],
    ['permanent', 'leave', true, 'always restarted'],
    ['transient', 'crash', true, 'restarted only if it terminates abnormally'],
    ['transient', 'giveUp', true, 'restarted only if it terminates abnormally'],
    ['transient', 'leave', false, 'restarted only if it terminates abnormally'],
    ['temporary', 'crash', false, 'never restarted'],
    ['temporary', 'giveUp', false, 'never restarted'],
    ['temporary', 'leave', false, 'never restarted'],
  ];
  for (const [type, how, restarted, why] of cases) {
    it(`${type}, ${how}: ${restarted ? 'restarted' : 'not restarted'} (${why})`, async () => {
      const t = await tree({ children: `a b:${type} c`, intensity });
      t.log();
      await t.tell('b', how);
      expect(t.log().replace('stop b, ', '').replace('stop b', '')).to.equal(restarted ? 'start b' : '');
      const rest = { permanent: 'b running, ', transient: 'b stopped, ', temporary: '' }[type];
      expect(await t.children()).to.equal(`a running, ${restarted ? 'b running, ' : rest}c running`);
      expect(await t.status('/top/b')).to.equal(restarted ? 'running' : 'ended');
    });
  }

  it('somebody else stops a permanent child: it is restarted', async () => {
    const t = await tree({ children: 'a b', intensity });
    t.log();
    await t.at('a').stop();
    await t.system.settle();
    expect(t.log()).to.equal('stop a, start a');
  });

  it('somebody else stops a transient child: it is not (the reason is shutdown)', async () => {
    const t = await tree({ children: 'a:transient b', intensity });
    t.log();
    await t.at('a').stop();
    await t.system.settle();
    expect(t.log()).to.equal('stop a');
    expect(await t.children()).to.equal('a stopped, b running');
  });

  it('a child that is not restarted costs nothing of the budget', async () => {
    const t = await tree({
      children: 'a:temporary b:temporary c:temporary d',
      intensity: { restarts: 0, periodMs: 10 },
    });
    await t.crash('a', 'b', 'c');
    expect(await t.children()).to.equal('d running');
  });

  describe('what it begins with', () => {
    const withState = async (
      onFailure: 'restore' | 'resume' | 'reset',
      how: 'crash' | 'stumble' | 'leave' | 'giveUp',
    ) => {
      const { worker } = await import('../fixtures/workers.js');
      const t = await tree({ children: [{ id: 'a', actor: worker, onFailure }], intensity });
      await t.at('a').tell({ type: 'note', text: 'before' });
      await t.tell('a', how);
      await t.at('a').tell({ type: 'note', text: 'after' });
      return { notes: await t.at('a').ask({ type: 'read' }), dead: await t.system.deadLetters() };
    };

    it('restore: its last state, and the message is tried again', async () => {
      const { notes, dead } = await withState('restore', 'stumble');
      expect(notes).to.deep.equal(['before', 'stumbled', 'after']);
      expect(dead).to.have.length(0);
    });

    it('restore: a message that fails as often as it may becomes a dead letter', async () => {
      const { notes, dead } = await withState('restore', 'crash');
      expect(notes).to.deep.equal(['before', 'after']);
      expect(dead.map(({ code }) => code)).to.deep.equal(['MESSAGE_FAILED']);
    });

    it('resume: its last state, and the message becomes a dead letter at once', async () => {
      const { notes, dead } = await withState('resume', 'stumble');
      expect(notes).to.deep.equal(['before', 'after']);
      expect(dead).to.have.length(1);
    });

    it('reset: its initial state, and the message becomes a dead letter', async () => {
      const { notes, dead } = await withState('reset', 'stumble');
      expect(notes).to.deep.equal(['after']);
      expect(dead).to.have.length(1);
    });

    it('restore, of one that ended as failed: its last state', async () => {
      expect((await withState('restore', 'giveUp')).notes).to.deep.equal(['before', 'after']);
    });

    it('restore, of one that stopped by itself: its last state', async () => {
      expect((await withState('restore', 'leave')).notes).to.deep.equal(['before', 'after']);
    });

    it('its mail waits for it', async () => {
      const t = await tree({ children: 'a', intensity });
      const told = ['1', '2', '3'].map((text) => t.at('a').tell({ type: 'note', text }));
      const crashed = t.at('a').tell({ type: 'crash' });
      const later = ['4', '5'].map((text) => t.at('a').tell({ type: 'note', text }));
      await Promise.all([...told, crashed, ...later]);
      expect(await t.at('a').ask({ type: 'read' })).to.deep.equal(['4', '5']);
    });
  });
});
