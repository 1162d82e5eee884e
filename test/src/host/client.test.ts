/** What callers ask for in one go: which frames it travels in, and in which order. */
import { expect } from 'chai';
import { decode } from '../../../src/core/codec.js';
import { parseEnvelope } from '../../../src/core/envelope.js';
import type { LinkWriter } from '../../../src/core/link.js';
import { ActorRef, type Durability } from '../../../src/core/ref.js';
import { ByteReader } from '../../../src/core/bytes.js';
import { Client } from '../../../src/host/client.js';
import { Outbox } from '../../../src/host/outbox.js';
import { frameHeaderBytes, isQuiet, type OpVisitor, readOps } from '../../../src/journal/ops.js';
import { TestClock } from '../../../src/testing/index.js';

/** A frame as the journal sees it. */
interface Seen {
  level: 'committed' | 'flushed';
  /** Nobody waits for its acknowledgement. */
  quiet: boolean;
  /** Types of its messages, and `stop`, in order. */
  what: string[];
}

const typeOf = (envelope: Buffer): string => (decode(parseEnvelope(envelope).payload) as { type: string }).type;

describe('host/client', () => {
  let client: Client;
  let frames: Seen[];

  beforeEach(() => {
    frames = [];
    const writer: LinkWriter = {
      room: 1 << 20,
      wantRoom() {},
      write(frame) {
        const bytes = Buffer.from(frame);
        const what: string[] = [];
        const visitor = {
          send: (at: number) => what.push(typeOf(bytes.subarray(at))),
          stop: () => what.push('stop'),
        } as unknown as OpVisitor;
        readOps(new ByteReader(bytes, frameHeaderBytes), bytes.length, visitor);
        frames.push({ level: bytes[0] === 1 ? 'flushed' : 'committed', quiet: isQuiet(bytes, 0), what });
        return true;
      },
    };
    client = new Client(7, new Outbox(writer), new TestClock());
  });

  const ref = (durability: Durability): ActorRef => new ActorRef(`/${durability}`, 5, durability);
  const tell = (type: string, to: Durability = 'flushed'): void => {
    client.tell(ref(to), { type }, undefined).catch(() => {});
  };
  const ask = (type: string, to: Durability = 'flushed'): void => {
    client.ask(ref(to), { type }, undefined).catch(() => {});
  };
  const stop = (): void => {
    client.stop(ref('flushed')).catch(() => {});
  };
  /** Every message to the one receiver that must survive a power cut, in the order they left in. */
  const left = (): string[] => frames.flatMap(({ what }) => what);

  it('a question does not wait for the disk by itself, nor for word that it was accepted', () => {
    ask('a?');
    client.flush();
    expect(frames).to.deep.equal([{ level: 'committed', quiet: true, what: ['a?'] }]);
  });

  it('a question to one whose answers wait for no disk hears that it was accepted at once', () => {
    ask('a?', 'committed');
    client.flush();
    expect(frames).to.deep.equal([{ level: 'committed', quiet: false, what: ['a?'] }]);
  });

  it('what was told before a question leaves before it', () => {
    tell('a');
    ask('b?');
    client.flush();
    expect(frames).to.deep.equal([{ level: 'flushed', quiet: false, what: ['a', 'b?'] }]);
  });

  it('what is told, or stopped, after a question leaves after it', () => {
    for (const after of [() => tell('b'), stop]) {
      frames.length = 0;
      ask('a?');
      after();
      client.flush();
      expect(frames.map(({ level, quiet }) => [level, quiet])).to.deep.equal([
        ['committed', true],
        ['flushed', false],
      ]);
      expect(left()[0]).to.equal('a?');
    }
  });

  it('whatever the order, it is kept', () => {
    const order = ['1?', '2', '3?', '4?', '5', '6?'];
    for (const type of order) (type.endsWith('?') ? ask : tell)(type);
    client.flush();
    expect(left()).to.deep.equal(order);
  });

  it('questions that are too long for one frame do not leave before what was told first', () => {
    const text = { text: 'x'.repeat(30_000) };
    tell('first');
    for (let at = 0; at < 8; at += 1)
      client.ask(ref('committed'), { type: 'long?', ...text }, undefined).catch(() => {});
    expect(left().slice(0, 2)).to.deep.equal(['first', 'long?']);
    client.flush();
    expect(left()).to.have.length(9);
  });

  it('a question beside what is told to another one is waited for with that', () => {
    ask('a?');
    tell('b', 'committed');
    client.flush();
    expect(frames).to.deep.equal([{ level: 'committed', quiet: false, what: ['a?', 'b'] }]);
  });

  it('an operation of the kernel that waits for the disk leaves after the questions before it', () => {
    ask('a?');
    client.write('flushed', (frame) => frame.stop(9, '/x', false));
    client.flush();
    expect(left()).to.deep.equal(['a?', 'stop']);
  });

  it("a question beside an operation of the kernel's own is waited for with that", () => {
    ask('a?');
    client.write('committed', (frame) => frame.stop(9, '/x', false));
    client.flush();
    expect(frames).to.deep.equal([{ level: 'committed', quiet: false, what: ['a?', 'stop'] }]);
  });
});
