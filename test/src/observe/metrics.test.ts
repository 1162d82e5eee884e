import { metrics } from '@opentelemetry/api';
import { expect } from 'chai';
import { tellFrom } from '../../../src/observe/channels.js';
import { countChannels } from '../../../src/observe/metrics.js';

describe('metrics', () => {
  const records: [name: string, value: number, labels: object | undefined][] = [];
  const instrument = (name: string) => ({
    add: (value: number, labels?: object) => void records.push([name, value, labels]),
    record: (value: number, labels?: object) => void records.push([name, value, labels]),
  });
  beforeEach(() => {
    records.length = 0;
    const meter = { createCounter: instrument, createGauge: instrument };
    metrics.setGlobalMeterProvider({ getMeter: () => meter } as never);
  });
  afterEach(() => metrics.disable());

  it('follow the channels of one system, until told to stop', () => {
    const tell = tellFrom('mine');
    const stop = countChannels('mine');
    const failed = { path: '/a', definition: 'd', seq: 1, attempts: 1, error: new Error('no') };
    tell('actorFailed', { ...failed, decision: 'restore: attempt 1 of 3' });
    tellFrom('another')('actorFailed', { ...failed, decision: 'stop' });
    tell('circuitChanged', { path: '/c', definition: 'd', state: 'open', why: '' });
    tell('healthChanged', { isLive: true, isReady: false, status: 'draining', checks: [], was: 'ready' });
    tell('threadLost', { thread: 't', why: '' });
    stop();
    tell('threadLost', { thread: 't', why: '' });
    expect(records).to.deep.equal([
      ['troupe.actor.failures', 1, { definition: 'd', decision: 'restore' }],
      ['troupe.circuit.changes', 1, { path: '/c', state: 'open' }],
      ['troupe.circuit.state', 2, { path: '/c' }],
      ['troupe.health.changes', 1, { status: 'draining' }],
      ['troupe.health.ready', 0, undefined],
      ['troupe.threads.lost', 1, {}],
    ]);
  });
});
