import { expect } from 'chai';
import type { OpenCall } from '../../../actors/tools/books.js';
import { lineWith, packed, unpacked, waitingAs } from '../../../actors/tools/waiting-line.js';
import { ActorRef, ReplyTo } from '../../../src/index.js';

function call(id: string, from = 'agent', callId = id): OpenCall {
  return {
    id,
    from,
    callId,
    isNamed: true,
    tool: 'echo',
    args: { at: new Date(0), bytes: new Uint8Array([1, 2]) },
    print: 0.5,
    depth: 0,
    phase: 'queued',
    isCleared: true,
    attempt: 0,
    interruptions: 0,
    since: 1,
    asked: [new ReplyTo(1, 2)],
    answerTo: [new ActorRef('/a')],
  };
}

describe('the waiting line of a tool bus', () => {
  it('gives back what was put into it', () => {
    for (const from of ['agent', 'a b', '"', '\n', '["x","y"] ']) {
      expect(unpacked(packed(call('call-1', from, ' "c" ')))).to.deep.equal(call('call-1', from, ' "c" '));
    }
  });

  it('finds by both names, and confuses none', () => {
    const line = [call('1', 'a', 'b'), call('2', 'a', 'b c'), call('3', 'a b', 'c'), call('4', 'a', 'b')].map(packed);
    expect(waitingAs(line, 'a', 'b').map(({ id }) => id)).to.deep.equal(['1', '4']);
    expect(waitingAs(line, 'a b', 'c').map(({ id }) => id)).to.deep.equal(['3']);
    expect(waitingAs(line, 'b', 'a')).to.deep.equal([]);
  });

  it('changes and lets go in place', () => {
    const line = ['1', '2', '3'].map((id) => packed(call(id)));
    const changed = lineWith(line, call('2'), { ...call('2'), asked: [] });
    expect(changed.map((text) => unpacked(text).asked.length)).to.deep.equal([1, 0, 1]);
    expect(lineWith(line, call('2'), undefined).map((text) => unpacked(text).id)).to.deep.equal(['1', '3']);
    expect(lineWith(line, call('9'), undefined)).to.deep.equal(line);
  });
});
