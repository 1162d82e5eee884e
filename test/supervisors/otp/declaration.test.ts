import { expect } from 'chai';
import { fromTransition } from 'xstate';
import { defineActor, type TroupeError } from '../../../src/index.js';
import { childOf, supervisor } from '../../../supervisors/index.js';
import { worker } from '../fixtures/workers.js';

const volatile = defineActor(
  import.meta,
  's.volatile',
  fromTransition(() => 0, 0),
  { durability: 'none' },
);
const child = { id: 'a', actor: worker };

describe("a supervisor's declaration is refused", () => {
  const cases: [what: string, spec: object, field: RegExp, value: unknown][] = [
    ['an unknown strategy', { strategy: 'one-for-some' }, /\.strategy$/, 'one-for-some'],
    ['a negative intensity', { intensity: { restarts: -1, periodMs: 5 } }, /^intensity\.restarts$/, -1],
    ['a fractional intensity', { intensity: { restarts: 1.5, periodMs: 5 } }, /^intensity\.restarts$/, 1.5],
    ['a period of zero', { intensity: { restarts: 1, periodMs: 0 } }, /^intensity\.periodMs$/, 0],
    ['a backoff that shrinks', { backoff: { minMs: 5, maxMs: 1 } }, /^maxMs$/, 1],
    ['a durability of none', { durability: 'none' }, /\.durability$/, 'none'],
    ['an unknown hint', { recovery: { ECONNREFUSED: 'panic' } }, /\.recovery\.ECONNREFUSED$/, 'panic'],
    ['hints that are none', { recovery: null }, /\.recovery$/, null],
    ['an unknown autoShutdown', { autoShutdown: 'some' }, /\.autoShutdown$/, 'some'],
    ['an unknown field', { strategie: 'one-for-one' }, /\.strategie$/, 'one-for-one'],
    ['two children of one id', { children: [child, child] }, /children\[1\]\.id$/, 'a'],
    ['an illegal id', { children: [{ ...child, id: 'a/b' }] }, /children\[0\]\.id$/, 'a/b'],
    ['an unknown restart type', { children: [{ ...child, restart: 'always' }] }, /\.restart$/, 'always'],
    ['an unknown onFailure', { children: [{ ...child, onFailure: 'retry' }] }, /\.onFailure$/, 'retry'],
    ['a negative shutdown', { children: [{ ...child, shutdownMs: -1 }] }, /\.shutdownMs$/, -1],
    ['a shutdown of NaN', { children: [{ ...child, shutdownMs: Number.NaN }] }, /\.shutdownMs$/, Number.NaN],
    ['a shutdown in words', { children: [{ ...child, shutdownMs: 'brutal_kill' }] }, /\.shutdownMs$/, 'brutal_kill'],
    ['a shutdown in digits', { children: [{ ...child, shutdownMs: '5000' }] }, /\.shutdownMs$/, '5000'],
    ['no definition', { children: [{ id: 'a', actor: {} }] }, /\.actor$/, {}],
    ['an actor that is not journaled', { children: [{ id: 'a', actor: volatile }] }, /\.actor$/, 's.volatile'],
    [
      'permanent and significant',
      { autoShutdown: 'any', children: [{ ...child, significant: true }] },
      /\.significant$/,
      true,
    ],
    [
      'significant without autoShutdown',
      { children: [{ ...child, restart: 'transient', significant: true }] },
      /\.significant$/,
      true,
    ],
    ['an unknown field of a child', { children: [{ ...child, shutdown: 5 }] }, /children\[0\]\.shutdown$/, 5],
    ['more children than maxChildren', { maxChildren: 1, children: [child, { ...child, id: 'b' }] }, /\.children$/, 2],
    ['a maxChildren of 0', { maxChildren: 0 }, /\.maxChildren$/, 0],
  ];
  for (const [what, spec, field, value] of cases) {
    it(`with ${what}`, () => {
      let refused: TroupeError | undefined;
      try {
        supervisor(import.meta, 'otp.refused', spec);
      } catch (error) {
        refused = error as TroupeError;
      }
      expect(refused?.code).to.be.oneOf(['SUPERVISOR_SPEC', 'OPTION_RANGE']);
      expect(refused?.field).to.match(field);
      expect(refused?.value).to.deep.equal(value);
    });
  }

  it('and so is a child that is to be started by a message', () => {
    expect(() => childOf({ ...child, restart: 'always' as never })).to.throw(/child\.restart must be one of permanent/);
    expect(() => childOf({ ...child, shutdownMs: 'now' as never })).to.throw(
      /child\.shutdownMs must be milliseconds from 0, or 'kill', and is "now"/,
    );
  });

  it('but not one whose children are killed, or have no limit', () => {
    expect(childOf({ ...child, shutdownMs: 'kill' }).shutdownMs).to.equal('kill');
    expect(childOf({ ...child, shutdownMs: 0 }).shutdownMs).to.equal(0);
    expect(childOf({ ...child, shutdownMs: Number.POSITIVE_INFINITY }).shutdownMs).to.equal(Number.POSITIVE_INFINITY);
    expect(childOf(child).shutdownMs).to.equal(5_000);
    expect(childOf({ id: 's', actor: supervisor(import.meta, 'otp.inner', {}) }).shutdownMs).to.equal(
      Number.POSITIVE_INFINITY,
    );
  });
});
