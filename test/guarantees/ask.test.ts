import { expect } from 'chai';
import { anyRef, rejection, useSystems } from '../helpers/with-system.js';
import { responder } from './fixtures/asked.js';
import { book, slate } from './fixtures/book.js';

describe('ask: every question has one outcome', () => {
  const systems = useSystems();

  it('a reply, at once or by a later message, also after a restart of the actor', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(responder, { id: 'r' });
    expect(await ref.ask({ type: 'now' })).to.equal('now');
    const later = ref.ask({ type: 'later' });
    await system.settle();
    await system.killHost(0);
    await system.killHost(1);
    await ref.tell({ type: 'answer', text: 'here it is' });
    expect(await later).to.equal('here it is');
  });

  it('no reply in time: ASK_TIMEOUT; the late reply is counted', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(responder, { id: 'r' });
    const asked = rejection(ref.ask({ type: 'later' }, { timeoutMs: 1_000 }));
    await system.advance(1_000);
    expect(await asked).to.have.property('code', 'ASK_TIMEOUT');
    expect((await system.stats()).lateReplies).to.equal(0);
    await ref.tell({ type: 'answer', text: 'late' });
    await system.settle();
    expect((await system.stats()).lateReplies).to.equal(1);
  });

  it('a reply to a program that is gone is counted', async () => {
    let system = await systems.oneThread();
    const ref = await system.spawn(responder, { id: 'r' });
    void ref.ask({ type: 'later' }).catch(() => {});
    await system.settle();
    system = await systems.oneThread({ store: system.crash('kill'), clock: system.clock });
    await anyRef(system, '/r').tell({ type: 'answer', text: 'to a former life' });
    await system.settle();
    expect((await system.stats()).lateReplies).to.equal(1);
    expect(await system.deadLetters()).to.deep.equal([]);
  });

  it('the caller gives up: ASK_ABORTED, before and while asking', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(responder, { id: 'r' });
    const early = AbortSignal.abort(new Error('never mind'));
    expect(await rejection(ref.ask({ type: 'never' }, { signal: early }))).to.have.property('code', 'ASK_ABORTED');
    const controller = new AbortController();
    const asked = rejection(ref.ask({ type: 'never' }, { signal: controller.signal }));
    await system.settle();
    controller.abort(new Error('enough'));
    const error = await asked;
    expect(error).to.have.property('code', 'ASK_ABORTED');
    expect((error.cause as Error).message).to.equal('enough');
  });

  it('nobody lives there: ACTOR_UNKNOWN; it has stopped: ACTOR_STOPPED', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(responder, { id: 'r' });
    expect(await rejection(anyRef(system, '/nobody').ask({ type: 'now' }))).to.have.property('code', 'ACTOR_UNKNOWN');
    await ref.stop();
    await system.settle();
    expect(await rejection(ref.ask({ type: 'now' }))).to.have.property('code', 'ACTOR_STOPPED');
  });

  it('it stops with the question in its mailbox: ACTOR_STOPPED', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(responder, { id: 'r' });
    await system.settle();
    const stopped = ref.stop();
    const asked = rejection(ref.ask({ type: 'now' }));
    await stopped;
    expect(await asked).to.have.property('code', 'ACTOR_STOPPED');
  });

  it('handling it fails for good: MESSAGE_REFUSED with what was thrown as its cause', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(responder, { id: 'r' });
    const error = await rejection(ref.ask({ type: 'broken' }));
    expect(error).to.have.property('code', 'MESSAGE_REFUSED');
    expect(error.cause).to.include({ name: 'RangeError', message: 'no good', code: 'E_NO_GOOD' });
    expect(await system.deadLetters()).to.have.length(1);
    expect(await ref.ask({ type: 'now' })).to.equal('now');
  });

  it('the reply cannot be carried: MESSAGE_REFUSED, and the message is not tried again', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(responder, { id: 'r' });
    const error = await rejection(ref.ask({ type: 'badReply' }));
    expect(error).to.have.property('code', 'MESSAGE_REFUSED');
    expect(error.cause).to.have.property('code', 'PAYLOAD_NOT_CARRIABLE');
    expect(systems.heard('actorFailed')).to.have.length(1);
  });

  it('a reply to what was not asked fails the message: REPLY_OUTSIDE_REQUEST', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(responder, { id: 'r' });
    await ref.tell({ type: 'notAsked' });
    await system.settle();
    const codes = (await system.deadLetters()).map(({ error }) => (error as { code?: string }).code);
    expect(codes).to.deep.equal(['REPLY_OUTSIDE_REQUEST']);
  });

  it('the system stops: SYSTEM_STOPPED', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(responder, { id: 'r' });
    const asked = rejection(ref.ask({ type: 'never' }));
    await system.settle();
    await system.stop();
    expect(await asked).to.have.property('code', 'SYSTEM_STOPPED');
    expect((await rejection(ref.ask({ type: 'now' }))).code).to.be.oneOf(['SYSTEM_STOPPED', 'NO_SYSTEM']);
  });

  it('a time limit out of range is refused', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(responder, { id: 'r' });
    for (const timeoutMs of [0, -1, Number.NaN, 86_400_001]) {
      expect(await rejection(ref.ask({ type: 'now' }, { timeoutMs }))).to.have.property('code', 'OPTION_RANGE');
    }
  });

  it('actors that are not journaled answer too, and their failures are told', async () => {
    const system = await systems.oneThread();
    const ref = await system.spawn(slate, { id: 'slate' });
    await ref.tell({ type: 'note', text: 'a' });
    expect(await ref.ask({ type: 'read' })).to.deep.equal(['a']);
    const error = await rejection(ref.ask({ type: 'failingAsk' }));
    expect(error).to.have.property('code', 'MESSAGE_REFUSED');
    expect((error.cause as Error).message).to.equal('cannot take failingAsk');
  });

  it('refs in contexts and messages work across hosts and after restarts', async () => {
    let system = await systems.threads({ hosts: 2 });
    const to = await system.spawn(book, { id: 'book' });
    const ref = await system.spawn(responder, { id: 'r' });
    await ref.tell({ type: 'keep', ref: to });
    await ref.tell({ type: 'useKept', text: 'one' });
    await ref.ask({ type: 'now' });
    await system.killHost(0);
    await system.killHost(1);
    await ref.tell({ type: 'useKept', text: 'two' });
    await ref.ask({ type: 'now' }, { timeoutMs: 15_000 });
    system = await systems.restart(system, { hosts: 3 });
    await anyRef(system, '/r').tell({ type: 'useKept', text: 'three' });
    await anyRef(system, '/r').ask({ type: 'now' });
    const entries = ['one', 'one, deep', 'two', 'two, deep', 'three', 'three, deep'];
    expect(await anyRef(system, '/book').ask({ type: 'read' })).to.deep.equal(entries);
  });
});
