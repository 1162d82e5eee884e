import { expect } from 'chai';
import { MemoryStore } from '../../../src/journal/memory-store.js';
import { describeJournalStore, failureOf } from '../../contract/journal-store.js';

describeJournalStore(
  'memory',
  async () => {
    const store = new MemoryStore();
    return { store, dispose: async () => store.close() };
  },
  false,
);

describe('memory store', () => {
  const number = (key: number) => ({ table: 'mail' as const, key, value: Buffer.from([key]) });
  const keys = (store: MemoryStore) => [...store.scan('mail')].map(({ key }) => key);
  let store: MemoryStore;
  beforeEach(() => {
    store = new MemoryStore();
  });

  it('leaves every committed batch to a kill, the flushed ones to a power cut', () => {
    store.commit([number(1)], 'flushed');
    store.commit([number(2)], 'committed');
    store.commit([number(3)], 'committed');
    expect(keys(store.fork('kill'))).to.deep.equal([1, 2, 3]);
    expect(keys(store.fork('powerCut'))).to.deep.equal([1]);
    expect(keys(store.fork('powerCut', 1))).to.deep.equal([1, 2]);
    expect(store.unflushedBatches).to.equal(2);
    store.flush();
    expect(keys(store.fork('powerCut'))).to.deep.equal([1, 2, 3]);
  });

  it('does not flush by being killed: a power cut after a kill still takes the unflushed', () => {
    store.commit([number(1)], 'committed');
    const restarted = store.fork('kill');
    expect(keys(restarted.fork('powerCut'))).to.deep.equal([]);
    restarted.flush();
    expect(keys(restarted.fork('powerCut'))).to.deep.equal([1]);
  });

  it('a fork and its original do not see each other', () => {
    store.commit([number(1)], 'committed');
    const twin = store.fork('kill');
    twin.commit([number(2)], 'flushed');
    store.commit([{ table: 'mail', key: 1, value: undefined }], 'flushed');
    expect(keys(twin)).to.deep.equal([1, 2]);
    expect(keys(store)).to.deep.equal([]);
  });

  it('fails as asked, once or until told otherwise, and leaves nothing of the batch', async () => {
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    store.failNextCommit(full);
    expect(await failureOf(() => store.commit([number(1)], 'flushed'))).to.have.property('code', 'JOURNAL_FULL');
    store.commit([number(2)], 'committed');
    store.failCommits(new Error('broken'));
    expect(await failureOf(() => store.commit([number(3)], 'committed'))).to.have.property('code', 'JOURNAL_WRITE');
    expect(await failureOf(() => store.flush())).to.have.property('code', 'JOURNAL_WRITE');
    store.failCommits(undefined);
    store.commit([number(4)], 'committed');
    expect(keys(store)).to.deep.equal([2, 4]);
  });
});
