/** The load of the messages suite: it finds out whoever loses, doubles or swaps something. */
import { expect } from 'chai';
import { askAll, makeMany, pingPong, type Tally, tellTally } from '../../../bench/messages/load.js';
import { quickSizes, type Sizes } from '../../../bench/messages/sizes.js';
import { WrongResult } from '../../../bench/runner/verdict.js';

const sizes: Sizes = {
  ...quickSizes,
  tellsAhead: 40,
  asks: 20,
  idleAsks: 2,
  pauseMs: 100,
  askMany: 50,
  asksAhead: 7,
  pingPongs: 20,
  idleActors: 3,
};

/** Handles what it is told some tasks later. @param lose the number of the message it loses */
function tally(lose = -1): Tally & { waitingMost: number } {
  let total = 0;
  let told = 0;
  const waiting: (number | ((total: number) => void))[] = [];
  const found = {
    waitingMost: 0,
    tell: (by: number): void => {
      told += 1;
      if (told !== lose) waiting.push(by);
      found.waitingMost = Math.max(found.waitingMost, waiting.length);
    },
    total: () =>
      new Promise<number>((resolve) => {
        waiting.push(resolve);
        setImmediate(handle);
      }),
  };
  const handle = (): void => {
    for (;;) {
      const next = waiting.shift();
      if (typeof next === 'number') total += next;
      else {
        next?.(total);
        return;
      }
    }
  };
  return found;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    expect(error).to.be.instanceOf(WrongResult);
    return (error as Error).message;
  }
  return 'no error';
}

describe('the load of messages', () => {
  it('tells at most so many ahead, and counts the warm-up as handled', async () => {
    const counting = tally();
    const { perSecond, handled } = await tellTally(counting, 1_000, sizes);
    expect(perSecond).to.be.greaterThan(0);
    expect(handled).to.equal(1_200);
    expect(counting.waitingMost).to.be.within(10, sizes.tellsAhead + 4);
  });

  it('finds a message that is lost', async () => {
    expect(await refusal(tellTally(tally(7), 1_000, sizes))).to.match(/^sum after the warm-up: \d+, and it must be/);
    expect(await refusal(tellTally(tally(1_150), 1_000, sizes))).to.match(/^sum of the tally/);
  });

  it('asks one by one, after pauses, and many at a time', async () => {
    let asked = 0;
    let atOnce = 0;
    let most = 0;
    const ask = async (): Promise<number> => {
      asked += 1;
      const reply = asked;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return reply;
    };
    const found = await askAll(ask, sizes);
    expect(found).to.have.all.keys('p50Us', 'p99Us', 'idleP50Us', 'idleP99Us', 'manyPerSecond', 'handled');
    expect(asked)
      .to.equal(4 + 20 + 2 + 50)
      .and.to.equal(found.handled);
    expect(most).to.equal(7);
    expect(found.idleP50Us, 'the pause is not measured').to.be.lessThan(50_000);
  });

  it('finds a reply that comes twice, one by one and many at a time', async () => {
    const stuckAt = (last: number) => {
      let asked = 0;
      return async (): Promise<number> => {
        asked += 1;
        return Math.min(asked, last);
      };
    };
    expect(await refusal(askAll(stuckAt(10), sizes))).to.equal('reply: 10, and it must be 11');
    expect(await refusal(askAll(stuckAt(40), sizes))).to.match(/^sum of all replies/);
  });

  it('finds a game or a crowd that is too small', async () => {
    expect(await refusal(pingPong(async (count) => count - (count === 20 ? 1 : 0), sizes))).to.match(
      /^messages of the g/,
    );
    expect(await refusal(makeMany(async (count) => count - 1, sizes))).to.equal('actors: 2, and it must be 3');
  });
});
