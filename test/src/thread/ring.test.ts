import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import fc from 'fast-check';
import { Bell, createBellMemory } from '../../../src/thread/bell.js';
import { createRing, type RingOptions, RingReader, RingWriter } from '../../../src/thread/ring.js';
import { describeLink, numberedFrame } from '../../contract/link.js';
import { numberOfFrame } from './entries/checked-frame.js';
import type { RingWriterTask } from './entries/ring-writer-entry.js';

function openRing(options: Partial<RingOptions> = {}) {
  const readerBell = new Bell(createBellMemory());
  const writerBell = new Bell(createBellMemory());
  const ends = createRing({ ...options, readerBell: readerBell.memory, writerBell: writerBell.memory });
  const writer = new RingWriter(ends.writer);
  const reader = new RingReader(ends.reader);
  return {
    writer,
    reader,
    wasReaderRung: () => readerBell.waitSync(0),
    wasWriterRung: () => writerBell.waitSync(0),
    close: () => {
      writer.close();
      reader.close();
    },
  };
}

describeLink('ring', (bytes) => openRing({ bytes }));
describeLink('ring whose counters pass 2^31', (bytes) => openRing({ bytes, firstPosition: 2 ** 31 - 512 }));
describeLink('ring whose counters pass 2^32', (bytes) => openRing({ bytes, firstPosition: 2 ** 32 - 512 }));

describe('ring', () => {
  it('refuses a size that is no power of two in range', () => {
    for (const bytes of [0, 32, 100, 2 ** 31]) expect(() => openRing({ bytes }), String(bytes)).to.throw(RangeError);
  });

  it('can be filled to its last byte', () => {
    const { writer, reader, close } = openRing({ bytes: 256 });
    for (let number = 0; number < 8; number += 1) expect(writer.write(numberedFrame(number, 24))).to.equal(true);
    expect(writer.room).to.be.lessThan(0);
    expect(writer.write(new Uint8Array(0))).to.equal(false);
    for (let number = 0; number < 8; number += 1) {
      expect([...reader.read()!]).to.deep.equal([...numberedFrame(number, 24)]);
    }
    close();
  });

  it('wraps at every place, with every length, across both counter edges (property)', () => {
    const edges = fc.constantFrom(0, 2 ** 31 - 64, 2 ** 32 - 64);
    fc.assert(
      fc.property(edges, fc.array(fc.nat(120), { minLength: 50, maxLength: 300 }), (edge, lengths) => {
        const { writer, reader, close } = openRing({ bytes: 256, firstPosition: edge });
        for (const [number, length] of lengths.entries()) {
          expect(writer.write(numberedFrame(number, length))).to.equal(true);
          expect(Buffer.compare(reader.read()!, numberedFrame(number, length))).to.equal(0);
        }
        close();
      }),
      { numRuns: 100 },
    );
  });

  it('limits the bytes under way by ticket, and says when there is room again', () => {
    const { writer, reader, wasWriterRung, close } = openRing({ bytes: 1024, ticketBytesMax: 10_000 });
    expect(writer.write(numberedFrame(1, 50_000)), 'a single one always passes').to.equal(true);
    expect(writer.write(numberedFrame(2, 1_000)), 'the limit is reached').to.equal(false);
    writer.wantRoom();
    expect(wasWriterRung()).to.equal(false);
    expect(reader.read()).to.have.length(50_000);
    expect(wasWriterRung()).to.equal(true);
    expect(writer.write(numberedFrame(2, 1_000))).to.equal(true);
    expect(writer.write(numberedFrame(3, 9_000))).to.equal(true);
    expect(writer.write(numberedFrame(4, 1_000))).to.equal(false);
    writer.wantRoom();
    reader.read();
    expect(wasWriterRung(), 'the small ticket was enough').to.equal(true);
    expect(writer.write(numberedFrame(4, 1_000))).to.equal(true);
    expect(reader.read()).to.have.length(9_000);
    expect(reader.read()).to.have.length(1_000);
    close();
  });
});

const writers: Worker[] = [];

/** Start a thread that writes as told; read in this thread, blocking as the journal thread does. */
function startWriter(task: Omit<RingWriterTask, 'end'>, options: Partial<RingOptions>) {
  const readerBell = new Bell(createBellMemory());
  const ends = createRing({ ...options, readerBell: readerBell.memory, writerBell: createBellMemory() });
  const worker = new Worker(new URL('./entries/ring-writer-entry.js', import.meta.url), {
    workerData: { end: ends.writer, ...task },
    transferList: [ends.writer.port],
  });
  writers.push(worker);
  return { worker, readerBell, reader: new RingReader(ends.reader), exited: once(worker, 'exit') };
}

/** Read `count` frames, checking each; gives up when nothing comes for ten seconds. */
function readChecked(reader: RingReader, bell: Bell, first: number, count: number): void {
  for (let number = first; number < first + count; ) {
    const frame = reader.read();
    if (frame === undefined) {
      if (!bell.waitSync(10_000)) throw new Error(`frame ${number} never came`);
    } else {
      if (numberOfFrame(frame) !== number) throw new Error(`expected frame ${number}, got ${numberOfFrame(frame)}`);
      number += 1;
    }
  }
}

describe('ring between two threads', function () {
  // With one core each time the ring is full or empty is a change of threads.
  this.timeout(120_000);
  afterEach(() => Promise.all(writers.splice(0).map((worker) => worker.terminate())));

  it('carries 200,000 frames in order, undamaged, through a ring that is always full', async () => {
    const count = 200_000;
    const task = { count, lengthMax: 300, largeEvery: 0, largeLength: 0 };
    const { readerBell, reader, exited } = startWriter(task, { bytes: 4096, firstPosition: 2 ** 32 - 2 ** 20 });
    readChecked(reader, readerBell, 0, count);
    await exited;
    expect(reader.nextLength()).to.equal(-1);
    reader.close();
  });

  it('keeps large frames, which go by ticket, in line with the others', async () => {
    const task = { count: 2_000, lengthMax: 300, largeEvery: 10, largeLength: 100_000 };
    const { readerBell, reader, exited } = startWriter(task, { bytes: 4096, ticketBytesMax: 1_000_000 });
    readChecked(reader, readerBell, 0, task.count);
    await exited;
    reader.close();
  });

  for (const megabytes of [50, 200]) {
    it(`carries a frame of ${megabytes} MB to a thread that gives its event loop no turn`, async () => {
      const task = { count: 3, lengthMax: 300, largeEvery: 2, largeLength: megabytes * 1_000_000 };
      const { readerBell, reader, exited } = startWriter(task, {});
      readChecked(reader, readerBell, 0, task.count);
      await exited;
      reader.close();
    });
  }

  it('loses no complete frame and shows no half one when the writer is terminated (L3)', async () => {
    for (let round = 0; round < 10; round += 1) {
      const task = { count: 0, lengthMax: 4_000, largeEvery: 7, largeLength: 200_000 };
      const { worker, readerBell, reader, exited } = startWriter(task, { bytes: 2 ** 16, ticketBytesMax: 2 ** 22 });
      readChecked(reader, readerBell, 0, 100 + round * 13);
      while (reader.nextLength() < 0) readerBell.waitSync();
      await worker.terminate();
      await exited;
      let next = 100 + round * 13;
      for (let frame = reader.read(); frame !== undefined; frame = reader.read()) {
        expect(numberOfFrame(frame)).to.equal(next);
        next += 1;
      }
      expect(next, 'the ring held frames when the writer died').to.be.greaterThan(100 + round * 13);
      reader.close();
    }
  });
});
