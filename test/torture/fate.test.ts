/** The plan of a torture: from the seed alone, and every named place gets its share. */
import { expect } from 'chai';
import { failpointNames } from '../../src/core/failpoint.js';
import { type Fate, Fates, journalPlans } from './fate.js';

function deal(seed: number, hosts: number, count: number): Fate[] {
  const fates = new Fates(seed, 'flushed', hosts);
  return Array.from({ length: count }, () => fates.next());
}

describe('the fates of a torture', () => {
  it('follow from the seed', () => {
    expect(deal(7, 3, 300)).to.deep.equal(deal(7, 3, 300));
    expect(deal(7, 3, 300)).not.to.deep.equal(deal(8, 3, 300));
  });

  it('have every failpoint equally often, and as many random instants', () => {
    const deaths = deal(1, 3, 800).map(({ death }) => death);
    const counts = failpointNames.map((name) => deaths.filter((death) => 'at' in death && death.at === name).length);
    expect(Math.max(...counts) - Math.min(...counts)).to.be.at.most(1);
    const share = counts.reduce((sum, count) => sum + count, 0) / deaths.length;
    expect(share).to.be.within(0.45, 0.55);
    for (const how of ['starting', 'working']) expect(deaths.some((death) => death.how === how)).to.equal(true);
  });

  it('change the number of hosts, up to the most that was asked for', () => {
    const hosts = deal(1, 3, 300).map(({ life }) => life.hosts);
    expect([...new Set(hosts)].sort()).to.deep.equal([1, 2, 3]);
    expect(new Set(deal(1, 1, 300).map(({ life }) => life.hosts))).to.deep.equal(new Set([1]));
  });

  it('let host threads die in some lives, at failpoints too', () => {
    const fates = deal(1, 3, 300);
    expect(fates.filter(({ life }) => life.killsHosts).length).to.be.within(15, 60);
    expect(fates.some(({ failpoint }) => failpoint?.includes(':exit:'))).to.equal(true);
  });

  it('deal every kind of fault equally often, and as many deaths as were asked for', () => {
    const fates = new Fates(1, 'flushed', 3, 'faults', 2_000);
    const lives = Array.from({ length: 60 }, () => fates.next());
    const again = new Fates(1, 'flushed', 3, 'faults', 2_000);
    expect(lives).to.deep.equal(Array.from({ length: 60 }, () => again.next()));
    const cards = lives.flatMap(({ life }) => life.faults?.lanes.flat() ?? []);
    const names = cards.map((card) => (card.kind === 'failpoint' ? card.failpoint.split(':')[0] : card.kind));
    const counts = [...new Set(names)].map((name) => names.filter((each) => each === name).length);
    expect(counts).to.have.length(12);
    expect(Math.max(...counts) - Math.min(...counts)).to.be.at.most(1);
    const isKilled = lives.filter(({ life }) => life.faults?.dies !== undefined).length;
    expect(isKilled).to.be.within(15, 45);
    expect(new Set(lives.map(({ life }) => life.hosts))).to.deep.equal(new Set([1, 2, 3]));
  });

  it('number the lives, the auditor last', () => {
    const fates = new Fates(1, 'mixed', 2);
    const numbers = [fates.next().life.number, fates.next().life.number];
    const last = fates.auditor();
    expect([...numbers, last.number]).to.deep.equal([1, 2, 3]);
    expect(last).to.include({ audits: true, killsHosts: false });
  });

  it('divide the kills among journals', () => {
    const kills = (count: number) => journalPlans(count, 1).map((plan) => plan.deaths);
    expect(kills(1)).to.deep.equal([1]);
    expect(kills(101)).to.deep.equal([50, 51]);
    expect(kills(10_000)).to.deep.equal(Array.from({ length: 40 }, () => 250));
    const seeds = journalPlans(10_000, 1).map(({ seed }) => seed);
    expect(new Set(seeds).size).to.equal(40);
  });
});
