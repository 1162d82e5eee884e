import { existsSync, readdirSync, writeFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { createSystem } from '../../../src/index.js';
import { checkJournal } from '../../../src/journal/check.js';
import { exportLines } from '../../../src/journal/export.js';
import { historyOf, readHistory } from '../../../src/journal/history.js';
import { importFolder } from '../../../src/journal/import-folder.js';
import { openJournalReader } from '../../../src/journal/lmdb-reader.js';
import { Standing } from '../../../src/journal/standing.js';
import type { System } from '../../../src/system/system.js';
import { eventually } from '../../../src/testing/index.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { rejection } from '../../helpers/with-system.js';
import { clockwork, diarist } from './fixtures/diary.js';

describe('journal export and import', () => {
  let folder: string;
  let systems: System[];
  const at = (name: string): string => path.join(folder, name);

  beforeEach(() => {
    folder = makeFolder();
    systems = [];
  });

  afterEach(async () => {
    await Promise.all(systems.map((system) => system.stop({ drainMs: 0 })));
    removeFolder(folder);
  });

  async function start(journal: string, options: { retentionBytes?: number; checkpointBytes?: number } = {}) {
    const system = await createSystem({ journal: at(journal), hosts: 2, logger: false, signals: false, ...options });
    systems.push(system);
    return system;
  }

  /** A journal with something of everything, stopped in the middle of its work. */
  async function fill(journal: string, options: { retentionBytes?: number; checkpointBytes?: number } = {}) {
    const system = await start(journal, options);
    const [a, b] = [await system.spawn(diarist, { id: 'a' }), await system.spawn(diarist, { id: 'b' })];
    const clock = await system.spawn(clockwork, { id: 'clock' });
    await a.tell({ type: 'spawn', id: '1', child: 'kid' });
    await a.tell({ type: 'watch', id: '2', whom: b });
    await a.tell({ type: 'poison', id: '3' });
    for (let round = 0; round < 200; round += 1) {
      const told = a.tell({ type: 'say', id: String(round), rest: [b], pad: 'x'.repeat(400) });
      if (round % 20 === 0) await told;
    }
    await eventually(async () => (await said(system)) === 200, 'the first ones went through');
    await clock.tell({ type: 'start', ms: 1_000 });
    await Promise.all(Array.from({ length: 50 }, (_, id) => a.tell({ type: 'say', id: `more${id}`, rest: [b] })));
    return system;
  }

  /** How much /b was told by /a. */
  async function said(system: System): Promise<number> {
    const notes = ((await system.state('/b'))?.context ?? []) as string[];
    return notes.filter((note) => note.startsWith('say')).length;
  }

  function linesOf(journal: string): string[] {
    const reader = openJournalReader(at(journal));
    try {
      return [...exportLines(reader)].map((line) => line.slice(0, -1));
    } finally {
      reader.close();
    }
  }

  function histories(journal: string): unknown {
    const reader = openJournalReader(at(journal));
    try {
      const standing = new Standing(reader);
      return [...standing.actors()].map(({ path: of }) => readHistory(historyOf(standing, of), { limit: Infinity }));
    } finally {
      reader.close();
    }
  }

  function problems(journal: string): unknown[] {
    const reader = openJournalReader(at(journal));
    try {
      return checkJournal(reader).problems;
    } finally {
      reader.close();
    }
  }

  it('gives the same journal back: bytes, histories, and a system that goes on', async () => {
    const first = await fill('one');
    await first.stop({ drainMs: 0 });
    const lines = linesOf('one');
    const counts = await importFolder(lines, 'export', at('two'));
    expect(counts.records).to.equal(lines.length - 2);
    expect(linesOf('two')).to.deep.equal(lines);
    expect(histories('two')).to.deep.equal(histories('one'));
    expect(problems('two')).to.deep.equal([]);
    const second = await start('two');
    expect((await second.actors()).map((actor) => actor.path).sort()).to.deep.equal(['/a', '/a/kid', '/b', '/clock']);
    await eventually(async () => (await said(second)) === 250, 'what waited went through, once');
    await eventually(async () => (await second.get('/clock').ask({ type: 'laps' })) === 2, 'the timers went on');
  }).timeout(20_000);

  it('exports one instant of a system that runs', async () => {
    const system = await fill('one');
    const [a, b] = [system.get('/a'), system.get('/b')];
    const busy = Array.from({ length: 300 }, (_, id) => a.tell({ type: 'say', id: `m${id}`, rest: [b] }));
    const lines = linesOf('one');
    await Promise.all(busy);
    await importFolder(lines, 'export', at('two'));
    expect(problems('two')).to.deep.equal([]);
    expect(linesOf('two')).to.deep.equal(lines);
  }).timeout(20_000);

  it('keeps what retention has left, and its positions', async () => {
    const options = { retentionBytes: 0, checkpointBytes: 65_536 };
    const system = await fill('one', options);
    for (let round = 0; round < 300; round += 1)
      await system.get('/a').tell({ type: 'say', id: `late${round}`, pad: 'x'.repeat(1_000) });
    await system.stop({ drainMs: 0 });
    const lines = linesOf('one');
    const firstKept = (JSON.parse(lines[1]!) as [string, number])[1];
    await importFolder(lines, 'export', at('two'));
    expect(linesOf('two')).to.deep.equal(lines);
    const again = await start('two', options);
    await again.get('/a').ask({ type: 'read', id: 'on' });
    await again.stop();
    expect(problems('two')).to.deep.equal([]);
    expect(firstKept).to.be.greaterThan(0);
  }).timeout(20_000);

  it('refuses what is no whole export of its own, says why, and leaves nothing behind', async () => {
    const system = await fill('one');
    await system.stop({ drainMs: 0 });
    const good = linesOf('one');
    const [header, ...rest] = good as [string, ...string[]];
    const middle = Math.floor(good.length / 2);
    const without = (index: number): string[] => good.filter((_, each) => each !== index);
    const replaced = (index: number, line: string): string[] =>
      good.map((each, place) => (place === index ? line : each));
    const [table, key, value, sum] = JSON.parse(good[middle]!) as [string, unknown, string, number];
    const changed = JSON.stringify([table, key, `${value[0] === 'A' ? 'B' : 'A'}${value.slice(1)}`, sum]);
    const cases: [string, string[], string, RegExp][] = [
      ['nothing', [], 'NOT_AN_EXPORT', /it is empty/],
      ['text', ['once upon a time'], 'NOT_AN_EXPORT', /no JSON/],
      ['other JSON', ['{"name":"troupe"}'], 'NOT_AN_EXPORT', /not that of an export/],
      ['a newer one', [header.replace('"version":1', '"version":9'), ...rest], 'EXPORT_NEWER', /with a newer one/],
      ['cut between lines', good.slice(0, middle), 'EXPORT_DAMAGED', /cut short/],
      ['cut within a line', [...good.slice(0, middle), good[middle]!.slice(0, 20)], 'EXPORT_DAMAGED', /was cut/],
      ['only its end missing', good.slice(0, -1), 'EXPORT_DAMAGED', /cut short/],
      ['a line missing', without(middle), 'EXPORT_DAMAGED', /are announced/],
      ['a line twice', [...good.slice(0, middle), ...good.slice(middle - 1)], 'EXPORT_DAMAGED', /are doubled/],
      ['two exports', [...good, ...good], 'EXPORT_DAMAGED', /put together of parts/],
      ['two bodies', [...good.slice(0, -1), ...good.slice(1)], 'EXPORT_DAMAGED', /are doubled/],
      ['a changed value', replaced(middle, changed), 'EXPORT_DAMAGED', new RegExp(`line ${middle + 1}: its checksum`)],
      [
        'another position in the header',
        [header.replace(/"position":\d+/, '"position":1'), ...rest],
        'EXPORT_DAMAGED',
        /whole/,
      ],
      ['an unknown table', replaced(middle, '["cellar",1,"",0]'), 'EXPORT_DAMAGED', /no table cellar/],
      ['a bad key', replaced(middle, JSON.stringify(['rows', -1, '', 0])), 'EXPORT_DAMAGED', /no key/],
    ];
    for (const [what, lines, code, message] of cases) {
      const error = await rejection(importFolder(lines, 'backup.troupe', at('two')));
      expect(error.code, what).to.equal(code);
      expect(error.message, what).to.match(message).and.include('backup.troupe');
      expect(readdirSync(folder), what).to.deep.equal(['one']);
    }
  }).timeout(20_000);

  it('makes new journals only', async () => {
    const system = await fill('one');
    await system.stop({ drainMs: 0 });
    const lines = linesOf('one');
    expect((await rejection(importFolder(lines, 'export', at('one')))).code).to.equal('IMPORT_TARGET');
    writeFileSync(at('file'), '');
    expect((await rejection(importFolder(lines, 'export', at('file')))).code).to.equal('IMPORT_TARGET');
    mkdirSync(at('empty'));
    await importFolder(lines, 'export', at('empty'));
    expect(existsSync(at('empty/data.mdb'))).to.equal(true);
  }).timeout(20_000);
});
