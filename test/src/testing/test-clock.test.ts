import { expect } from 'chai';
import { TestClock, testTimeStart } from '../../../src/testing/index.js';

describe('TestClock', () => {
  it('stands still until it is moved', () => {
    const clock = new TestClock();
    expect(clock.now()).to.equal(testTimeStart);
    clock.advance(5);
    expect(clock.now()).to.equal(testTimeStart + 5);
    clock.advanceTo(testTimeStart);
    expect(clock.now(), 'never back by advancing').to.equal(testTimeStart + 5);
  });

  it('wakes in the order of time, ties in the order asked for, at the time each asked for', () => {
    const clock = new TestClock(0);
    const woken: string[] = [];
    const note = (name: string) => () => woken.push(`${name} ${clock.now()}`);
    clock.after(30, note('c'));
    clock.after(10, note('a'));
    clock.after(30, note('d'));
    clock.after(20, note('b'));
    clock.advance(29);
    expect(woken).to.deep.equal(['a 10', 'b 20']);
    expect(clock.nextWakeAt).to.equal(30);
    clock.advance(1);
    expect(woken).to.deep.equal(['a 10', 'b 20', 'c 30', 'd 30']);
    expect(clock.waitingCount).to.equal(0);
  });

  it('wakes nobody at once, not even after 0 ms, and nobody who cancelled', () => {
    const clock = new TestClock(0);
    const woken: string[] = [];
    clock.after(0, () => woken.push('zero'));
    const timer = clock.after(5, () => woken.push('cancelled'));
    expect(woken).to.deep.equal([]);
    clock.advance(0);
    expect(woken).to.deep.equal(['zero']);
    timer.cancel();
    timer.cancel();
    clock.advance(10);
    expect(woken).to.deep.equal(['zero']);
  });

  it('wakes whoever asks while time passes, if it is due', () => {
    const clock = new TestClock(0);
    const woken: number[] = [];
    const again = () => {
      woken.push(clock.now());
      clock.after(10, again);
    };
    clock.after(10, again);
    clock.advance(35);
    expect(woken).to.deep.equal([10, 20, 30]);
  });

  it('a wake-up beyond any timer of Node comes when it is due', () => {
    const clock = new TestClock(0);
    let at = 0;
    const century = 36_525 * 86_400_000;
    clock.after(century, () => {
      at = clock.now();
    });
    clock.advance(century - 1);
    expect(at).to.equal(0);
    clock.advance(1);
    expect(at).to.equal(century);
  });

  it('may be set back, which wakes nobody, and refuses to advance backwards', () => {
    const clock = new TestClock(1_000);
    let woken = 0;
    clock.after(10, () => {
      woken += 1;
    });
    clock.set(0);
    expect(clock.now()).to.equal(0);
    clock.advance(1_009);
    expect(woken).to.equal(0);
    clock.advance(1);
    expect(woken).to.equal(1);
    expect(() => clock.advance(-1)).to.throw(RangeError);
  });
});
