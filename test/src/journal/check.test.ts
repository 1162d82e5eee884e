import { expect } from 'chai';
import { decode, encode } from '../../../src/core/codec.js';
import { seededRandom } from '../../../src/core/random.js';
import { checkJournal, type JournalReport } from '../../../src/journal/check.js';
import { markChange, readMark } from '../../../src/journal/checkpoint.js';
import type { MemoryStore } from '../../../src/journal/memory-store.js';
import { decodeRow, encodeRow, RowStatus } from '../../../src/journal/row.js';
import { seal, unseal } from '../../../src/journal/sealed.js';
import { allValues, type Damage, DamagedReader } from '../../helpers/damaged-reader.js';
import { useSystems } from '../../helpers/with-system.js';
import { clockwork, diarist } from './fixtures/diary.js';

/** What the check calls a place. */
function recordAt(place: string): string {
  const [table, key] = place.split(' ') as [string, string];
  const names: Record<string, string> = { rows: 'row', dead: 'dead letter', paths: 'path' };
  if (table === 'meta') return 'mark';
  return `${names[table] ?? table} ${key.replace(',', '/')}`;
}

function linesOf({ problems }: JournalReport): string[] {
  return problems.map(({ record, actor, what }) => `${record} ${actor ?? '-'}: ${what}`);
}

describe('journal check', () => {
  const systems = useSystems();

  /** A journal with a record of every kind, stopped (all in the tables) or killed (much in the log only). */
  async function richStore(how: 'stopped' | 'killed'): Promise<MemoryStore> {
    const system = await systems.oneThread({ checkpointBytes: 65_536 });
    const [a, b] = [await system.spawn(diarist, { id: 'a' }), await system.spawn(diarist, { id: 'b' })];
    const clock = await system.spawn(clockwork, { id: 'clock' });
    await system.settle();
    await a.tell({ type: 'spawn', id: '1', child: 'child' });
    await a.tell({ type: 'watch', id: '2', whom: b });
    await a.tell({ type: 'poison', id: '3' });
    await system.settle();
    await clock.tell({ type: 'start', ms: 1_000_000 });
    await b.tell({ type: 'leave', id: '4' });
    const c = await system.spawn(diarist, { id: 'c' });
    for (let round = 0; round < 300; round += 1) {
      await a.tell({ type: 'say', id: String(round), rest: [c], pad: 'x'.repeat(300) });
      if (round % 20 === 0) await system.settle();
    }
    // A backlog: more than fits into a row.
    const backlog = Array.from({ length: 600 }, (_, id) =>
      c.tell({ type: 'say', id: String(id), pad: 'y'.repeat(300) }),
    );
    if (how === 'killed') {
      await Promise.all(backlog);
      return system.crash('kill');
    }
    await system.stop();
    await Promise.allSettled(backlog);
    return system.store.fork('kill');
  }

  for (const how of ['stopped', 'killed'] as const) {
    it(`finds nothing wrong with a journal that was ${how}, and counts what is in it`, async () => {
      const store = await richStore(how);
      const report = checkJournal(store);
      expect(linesOf(report)).to.deep.equal([]);
      const { counts } = report;
      expect(counts.living).to.equal(how === 'stopped' ? 4 : counts.living);
      expect(counts.deadLetters).to.equal(1);
      expect(counts.messages).to.be.greaterThan(600);
      expect(counts.logRecords).to.equal([...store.readLog()].length);
    });
  }

  it('names the record when a byte of any value is flipped, and when it is cut, zeroed or longer', async () => {
    const store = await richStore('killed');
    const random = seededRandom(11);
    const values = [...allValues(store)];
    const tablesSeen = new Set(values.map(({ place }) => place.split(' ')[0]));
    expect([...tablesSeen]).to.include.members(['rows', 'paths', 'mail', 'dead', 'meta', 'log']);
    // Each place in each way: every one of a rare table, some of a frequent one.
    const chosen = values.filter(({ place }) => !/^(rows|log|mail)/.test(place) || random() < 25 / values.length);
    for (const { place, value } of chosen) {
      const ways: [string, Buffer | undefined][] = [
        ['cut', value.subarray(0, Math.floor(random() * value.length))],
        ['zeroed', Buffer.alloc(value.length)],
        ['longer', Buffer.concat([value, Buffer.alloc(1)])],
      ];
      for (let flip = 0; flip < 3; flip += 1) {
        const copy = Buffer.from(value);
        const at = Math.floor(random() * copy.length);
        copy[at] = (copy[at] as number) ^ (1 << Math.floor(random() * 8));
        ways.push([`byte ${at} flipped`, copy]);
      }
      for (const [way, bytes] of ways) {
        const damage: Damage = (where, sound) => (where === place ? bytes : sound);
        const report = checkJournal(new DamagedReader(store, damage));
        const named = report.problems.map(({ record }) => record);
        if (!named.includes(recordAt(place))) expect.fail(`${place} ${way}: ${linesOf(report).join('; ')}`);
      }
    }
  }).timeout(60_000);

  it('names the actors a damaged row, letter, chunk or log record belongs to', async () => {
    const store = await richStore('killed');
    const flipLast: Damage = (_, value) => {
      const copy = Buffer.from(value);
      copy[copy.length - 1] = (copy[copy.length - 1] as number) ^ 1;
      return copy;
    };
    const actorAt = (pattern: RegExp): string | undefined => {
      const found = [...allValues(store)].filter(({ place }) => pattern.test(place)).at(-1)!;
      const damage: Damage = (place, value) => (place === found.place ? flipLast(place, value) : value);
      return checkJournal(new DamagedReader(store, damage)).problems[0]?.actor;
    };
    expect(actorAt(/^rows 1$/)).to.equal('/a');
    expect(actorAt(/^paths \/b$/)).to.equal('/b');
    expect(actorAt(/^mail/)).to.equal('/c');
    expect(actorAt(/^log/)).to.match(/^\/[ac]/);
  });

  it('sees records that are sound and do not agree', async () => {
    const store = await richStore('stopped');
    const edit = (place: string, change: (value: Buffer) => Buffer | undefined): string[] =>
      linesOf(checkJournal(new DamagedReader(store, (where, value) => (where === place ? change(value) : value))));
    const editRow = (aid: number, change: (row: ReturnType<typeof decodeRow>) => void): string[] =>
      edit(`rows ${aid}`, (value) => {
        const decoded = decodeRow(value, 'row');
        change(decoded);
        for (const { timerId, dueAt, envelope } of decoded.timers) {
          decoded.row.timers ??= new Map();
          decoded.row.timers.set(timerId, { dueAt, envelope, serial: 0 });
        }
        return encodeRow(decoded.row, decoded.state, decoded.inline);
      });
    const aidOf = (path: string): number =>
      [...store.scan('rows')].map(({ value }) => decodeRow(value, 'row').row).find((row) => row.path === path)!.aid;
    const mark = readMark(store)!;
    const editMark = (change: Partial<typeof mark>): string[] =>
      edit('meta checkpoint', () => Buffer.from(markChange({ ...mark, ...change }).value!));
    const child = aidOf('/a/child');
    const [lastRecord] = [...store.readLog()].slice(-1);
    const middle = lastRecord!.position - 2;
    const cases: [string, string[], RegExp][] = [
      [
        'a parent that forgot',
        editRow(1, ({ row }) => row.children?.clear()),
        /row \d+ \/a\/child: \/a does not know it/,
      ],
      ['a child that is gone', edit(`rows ${child}`, () => undefined), /row 1 \/a: its child, actor \d+, is not there/],
      ['a row at another place', edit('rows 1', () => store.get('rows', child)), /row 1 \/a\/child: it holds actor/],
      ['an unknown status', editRow(1, ({ row }) => (row.status = 9 as never)), /its status 9 is not known/],
      [
        'a state of no form',
        editRow(1, (decoded) => (decoded.state = encode(7) as Buffer)),
        /its state is of no known/,
      ],
      [
        'a state cut',
        editRow(1, (decoded) => (decoded.state = decoded.state!.subarray(0, 9))),
        /its state cannot be read/,
      ],
      [
        'an ended actor with timers',
        editRow(aidOf('/clock'), ({ row }) => (row.status = RowStatus.ended)),
        /has timers/,
      ],
      [
        'a timer without a time',
        editRow(aidOf('/clock'), ({ timers }) => (timers[0]!.dueAt = Number.NaN)),
        /due at NaN/,
      ],
      ['a gap in the log', edit(`log ${middle}`, () => undefined), /those between are missing/],
      ['a record twice', edit(`log ${middle}`, () => firstValue(store, middle - 1)), /it says that it is record/],
      ['a mark from the future', editMark({ position: mark.position + 5 }), /mark -: the log ends with record/],
      ['a mark with few actors', editMark({ aid: 1 }), /the mark knows only 1 actors/],
      [
        'an actor a start would miss',
        edit(`awake ${aidOf('/clock')}`, () => undefined),
        /\/clock: it has work and is not/,
      ],
      ['a mark with more actors', editMark({ living: 9 }), /counts 9 living actors; there are 4/],
      ['a mark with more letters', editMark({ deadLetters: 7 }), /counts 7 dead letters; there are 1/],
      [
        'a path to somebody else',
        edit('paths /b', () => {
          const value = Buffer.alloc(8);
          value.writeDoubleLE(1, 0);
          return seal(value);
        }),
        /path \/b \/b: it names actor 1, whose path is \/a/,
      ],
      [
        'a letter without a message',
        edit([...allValues(store)].find(({ place }) => place.startsWith('dead'))!.place, (value) =>
          seal(encode([...(withoutEnvelope(unseal(value, 'x')) as unknown[]), Buffer.alloc(3)])),
        ),
        /dead letter \d+ \/a: an envelope of 3 bytes/,
      ],
    ];
    for (const [what, lines, expected] of cases) expect(lines.join('\n'), what).to.match(expected);
  });

  it('sees mail on disk that a start would not find', async () => {
    const store = await richStore('killed');
    const { place } = [...allValues(store)].find((each) => each.place.startsWith('mail'))!;
    const aid = /\d+/.exec(place)![0];
    const damage: Damage = (where, value) => (where === `awake ${aid}` ? undefined : value);
    expect(linesOf(checkJournal(new DamagedReader(store, damage))).join()).to.match(
      /\/c: its actor is not marked as awake/,
    );
  });

  it('says that the store itself cannot read the log, and checks the rest', async () => {
    const store = await richStore('killed');
    const reader = new DamagedReader(store, (_, value) => value);
    reader.readLog = () => {
      throw new Error('the file cannot be read here');
    };
    const report = checkJournal(reader);
    expect(linesOf(report)[0]).to.equal('log -: the file cannot be read here');
    expect(report.counts.actors).to.be.greaterThan(3);
  });
});

function firstValue(store: MemoryStore, position: number): Buffer | undefined {
  for (const { bytes } of store.readLog(position, position + 1)) return bytes;
  return undefined;
}

/** The fields of an encoded dead letter before its envelope. */
function withoutEnvelope(body: Buffer): unknown {
  return (decode(body) as unknown[]).slice(0, 4);
}
