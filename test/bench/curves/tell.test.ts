/** The load of the curves: how far ahead it tells, and that what was lost is found out. */
import { expect } from 'chai';
import { countLetter, noLetters } from '../../../bench/curves/letter-count.js';
import { curves, isLarge, sizeText } from '../../../bench/curves/lines.js';
import { tellAhead } from '../../../bench/curves/tell.js';
import { curves as suite } from '../../../bench/curves.js';

describe('telling', () => {
  it('is at most so many ahead of what is handled', async () => {
    const order: number[] = [];
    let [told, handled, most] = [0, 0, 0];
    const tell = (at: number): void => {
      order.push(at);
      told += 1;
      most = Math.max(most, told - handled);
    };
    const mark = async (at: number): Promise<void> => {
      // Some turns of the loop later, and in order.
      for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
      handled = Math.max(handled, at + 1);
    };
    expect(await tellAhead({ count: 103, ahead: 20, tell, mark })).to.equal(20);
    expect(order).to.deep.equal(Array.from({ length: 103 }, (_, at) => at));
    expect(most).to.be.within(15, 20);
  });

  it('to somebody who refuses ends there', async () => {
    let told = 0;
    const tell = (): void => {
      told += 1;
    };
    const mark = async (at: number): Promise<void> => {
      if (at === 1) throw new Error('gone');
    };
    const refused = tellAhead({ count: 100, ahead: 8, tell, mark });
    expect(await refused.catch((error: Error) => error.message)).to.equal('gone');
    expect(told).to.be.at.most(8);
  });
});

describe('letters', () => {
  it('are counted alike as text and as bytes', () => {
    const text = countLetter(noLetters, 'a--z');
    expect(text).to.deep.equal({ letters: 1, bytes: 4, ends: 97 + 122 });
    expect(countLetter(noLetters, Buffer.from('a--z'))).to.deep.equal(text);
    // One that came twice, in another one's place.
    expect(countLetter(countLetter(noLetters, 'ab'), 'ab')).not.to.deep.equal(
      countLetter(countLetter(noLetters, 'ab'), 'ac'),
    );
  });
});

describe('the points of the curves', () => {
  const lines = curves.flatMap(({ panels }) => panels.flatMap((panel) => panel.lines));

  it('go from the smallest to the largest that the suite is about', () => {
    for (const { entrant, xs } of lines)
      expect(
        [...xs].sort((a, b) => a - b),
        entrant,
      ).to.deep.equal(xs);
    const most = (name: string) => Math.max(...lines.filter(({ entrant }) => entrant === name).flatMap(({ xs }) => xs));
    expect(most('actors-function')).to.equal(1_000_000);
    expect(most('actors-machine')).to.equal(1_000_000);
    expect(most('size-text')).to.equal(2 ** 20);
    expect(most('hosts-flushed')).to.equal(4);
    expect(most('depth')).to.equal(1_000_000);
    expect(most('history')).to.equal(1_000_000);
  });

  it('are few where sizes are small, and of every kind', () => {
    const few = suite.entrants.filter(({ isLarge: large }) => !large).map(({ name }) => name);
    expect(few.length).to.be.within(7, 9);
    const kindOf = (name: string): string => name.split(/[-/]/)[0] ?? '';
    expect(new Set(few.map(kindOf))).to.deep.equal(new Set(['actors', 'size', 'hosts', 'depth', 'prepare', 'history']));
    expect(isLarge('actors-function/1000000')).to.equal(true);
  });

  it('are named as people read them', () => {
    const [actors, size] = curves;
    expect([1, 1_000_000].map((x) => sizeText(actors!.x, x))).to.deep.equal(['1', '1,000,000']);
    expect([16, 4_096, 2 ** 20].map((x) => sizeText(size!.x, x))).to.deep.equal(['16 B', '4 KiB', '1 MiB']);
  });
});
