/**
 * What every link must do (`core/link.ts`, L1 to L3), for whichever implementation is given. Reader and writer are
 * used in turn on one thread; what two threads add is in the ring's own tests.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { LinkReader, LinkWriter } from '../../src/core/link.js';

/** A link to be tested, with its two bells. */
export interface LinkUnderTest {
  writer: LinkWriter;
  reader: LinkReader;
  /** Was the reader's bell rung since the last question? */
  wasReaderRung(): boolean;
  /** Was the writer's bell rung since the last question? */
  wasWriterRung(): boolean;
  close(): void;
}

/** A frame whose bytes tell its number and its length, so that a mixed-up frame cannot pass for the right one. */
export function numberedFrame(number: number, length: number): Uint8Array {
  const frame = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) frame[index] = (number * 31 + length * 7 + index * 13) & 0xff;
  return frame;
}

/** Run the suite. `make` builds a link that holds about `bytes`. */
export function describeLink(name: string, make: (bytes: number) => LinkUnderTest): void {
  describe(`link contract: ${name}`, () => {
    let link: LinkUnderTest;
    const open = (bytes: number) => {
      link = make(bytes);
      return link;
    };
    afterEach(() => link.close());

    it('is empty at first', () => {
      const { reader } = open(1024);
      expect(reader.nextLength()).to.equal(-1);
      expect(reader.read()).to.equal(undefined);
    });

    it('gives frames back in order, byte for byte, empty ones too', () => {
      const { writer, reader } = open(1024);
      for (const [index, length] of [0, 1, 7, 8, 9, 100].entries()) {
        expect(writer.write(numberedFrame(index, length))).to.equal(true);
      }
      for (const [index, length] of [0, 1, 7, 8, 9, 100].entries()) {
        expect(reader.nextLength()).to.equal(length);
        expect([...reader.read()!]).to.deep.equal([...numberedFrame(index, length)]);
      }
      expect(reader.nextLength()).to.equal(-1);
    });

    it('copies: the writer may reuse its buffer, the reader may keep what it got', () => {
      const { writer, reader } = open(1024);
      const buffer = numberedFrame(1, 50);
      writer.write(buffer);
      buffer.fill(0);
      const got = reader.read()!;
      for (let number = 2; number < 60; number += 1) {
        writer.write(numberedFrame(number, 50));
        reader.read();
      }
      expect([...got]).to.deep.equal([...numberedFrame(1, 50)]);
    });

    it('writes a view, not the memory behind it', () => {
      const { writer, reader } = open(1024);
      writer.write(numberedFrame(3, 64).subarray(10, 20));
      expect([...reader.read()!]).to.deep.equal([...numberedFrame(3, 64).subarray(10, 20)]);
    });

    it('reads into a target at an offset and leaves the rest alone', () => {
      const { writer, reader } = open(1024);
      writer.write(numberedFrame(5, 10));
      const target = new Uint8Array(20).fill(255);
      expect(reader.nextLength()).to.equal(10);
      reader.readInto(target, 4);
      expect([...target.subarray(4, 14)]).to.deep.equal([...numberedFrame(5, 10)]);
      expect([...target.subarray(0, 4), ...target.subarray(14)]).to.deep.equal(new Array(10).fill(255));
      expect(reader.nextLength()).to.equal(-1);
    });

    it('keeps a frame that does not fit into the target', () => {
      const { writer, reader } = open(1024);
      writer.write(numberedFrame(5, 10));
      expect(() => reader.readInto(new Uint8Array(9), 0)).to.throw(RangeError);
      expect(reader.read()).to.have.length(10);
    });

    it('accepts a frame if and only if its length is at most the room', () => {
      fc.assert(
        fc.property(fc.array(fc.oneof(fc.nat(40), fc.nat(3000), fc.constant(-1)), { maxLength: 80 }), (steps) => {
          const { writer, reader, close } = make(1024);
          for (const [index, step] of steps.entries()) {
            if (step < 0) reader.read();
            else {
              const { room } = writer;
              expect(writer.write(numberedFrame(index, step)), `${step} bytes, room ${room}`).to.equal(step <= room);
            }
          }
          close();
        }),
        { numRuns: 200 },
      );
      open(1024);
    });

    it('behaves like a queue whatever is written and read (property)', () => {
      fc.assert(
        fc.property(
          fc.array(fc.oneof(fc.nat(64), fc.nat(900), fc.nat(5000), fc.constant(-1), fc.constant(-1)), {
            maxLength: 200,
          }),
          (steps) => {
            const { writer, reader, close } = make(1024);
            const model: Uint8Array[] = [];
            for (const [index, step] of steps.entries()) {
              if (step >= 0) {
                const frame = numberedFrame(index, step);
                if (writer.write(frame)) model.push(frame);
              } else {
                const expected = model.shift();
                expect(reader.nextLength()).to.equal(expected?.length ?? -1);
                expect(Buffer.compare(reader.read() ?? Buffer.alloc(0), expected ?? Buffer.alloc(0))).to.equal(0);
              }
            }
            for (const expected of model) expect(Buffer.compare(reader.read()!, expected)).to.equal(0);
            expect(reader.nextLength()).to.equal(-1);
            close();
          },
        ),
        { numRuns: 300 },
      );
      open(1024);
    });

    it('carries a frame much larger than itself', () => {
      const { writer, reader } = open(1024);
      const large = numberedFrame(9, 100_000);
      writer.write(numberedFrame(1, 3));
      expect(writer.write(large) || (reader.read() !== undefined && writer.write(large))).to.equal(true);
      let last: Buffer | undefined;
      for (let frame = reader.read(); frame !== undefined; frame = reader.read()) last = frame;
      expect(Buffer.compare(last!, large)).to.equal(0);
    });

    it('rings the reader for every write, and not for a refused one', () => {
      const { writer, reader, wasReaderRung } = open(256);
      expect(wasReaderRung()).to.equal(false);
      writer.write(numberedFrame(1, 10));
      expect(wasReaderRung()).to.equal(true);
      while (writer.write(numberedFrame(2, 40)));
      wasReaderRung();
      expect(writer.write(numberedFrame(2, 40))).to.equal(false);
      expect(wasReaderRung()).to.equal(false);
      expect(reader.nextLength()).to.equal(10);
    });

    it('rings a writer that wants room once a read has made it', () => {
      const { writer, reader, wasWriterRung } = open(256);
      while (writer.write(numberedFrame(2, 40)));
      writer.wantRoom();
      expect(wasWriterRung()).to.equal(false);
      reader.read();
      expect(wasWriterRung()).to.equal(true);
      expect(writer.write(numberedFrame(2, 40))).to.equal(true);
      reader.read();
      expect(wasWriterRung(), 'it did not ask again').to.equal(false);
    });

    it('rings a writer that asks only after the room has come', () => {
      const { writer, reader, wasWriterRung } = open(256);
      while (writer.write(numberedFrame(2, 40)));
      while (reader.read() !== undefined);
      expect(wasWriterRung()).to.equal(false);
      writer.wantRoom();
      expect(wasWriterRung()).to.equal(true);
    });

    it('rings only when there is room for the frame that was refused', () => {
      const { writer, reader, wasWriterRung } = open(256);
      while (writer.write(numberedFrame(1, 8)));
      expect(writer.write(numberedFrame(2, 100))).to.equal(false);
      writer.wantRoom();
      let readCount = 0;
      while (!wasWriterRung()) {
        expect(reader.read()).to.not.equal(undefined);
        readCount += 1;
      }
      expect(readCount).to.be.greaterThan(1);
      expect(writer.write(numberedFrame(2, 100))).to.equal(true);
    });
  });
}
