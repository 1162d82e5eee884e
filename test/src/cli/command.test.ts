import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { type ActorState, createSystem, type SystemOptions } from '../../../src/index.js';
import { runProgram } from '../../../src/cli/program.js';
import type { System } from '../../../src/system/system.js';
import { eventually } from '../../../src/testing/index.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { projectRoot } from '../../tidy/source.js';
import { traveller } from '../../guarantees/fixtures/versions.js';
import { clockwork, diarist } from '../journal/fixtures/diary.js';
import { ledger, stepper } from '../journal/fixtures/ledger.js';

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
  lines: string[];
}

const command = path.join(projectRoot(), 'dist/src/cli/main.js');

/** Run a command line in this process: much faster, for commands that import no definitions. */
async function inProcess(args: readonly string[]): Promise<Ran> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const out = {
    write(text: string, done?: () => void) {
      stdout.push(text);
      done?.();
    },
  };
  const err = { write: (text: string) => void stderr.push(text) };
  const code = await runProgram(args, { out, err, version: 'x' });
  const text = stdout.join('');
  return { code, stdout: text, stderr: stderr.join(''), lines: text.split('\n').slice(0, -1) };
}

/** Run `troupe` as a user does: some of each group, what imports definitions, and what looks on from outside. */
function troupe(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const { TROUPE_JOURNAL: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [command, ...args], { env: { ...inherited, ...env } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text: Buffer) => {
      stdout += text.toString();
    });
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr, lines: stdout.split('\n').slice(0, -1) }));
  });
}

/** Its answer as JSON lines. */
async function jsonOf(args: readonly string[], env: Record<string, string> = {}): Promise<Record<string, unknown>[]> {
  const isAlone = Object.keys(env).length > 0 || args.includes('--verify') || args[0] === 'migrate';
  const { lines, stderr } = await (isAlone ? troupe([...args, '--json'], env) : inProcess([...args, '--json']));
  if (lines.length === 0) throw new Error(stderr);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the troupe command', function () {
  this.timeout(60_000);
  let folder: string;
  let systems: System[];
  const at = (name: string): string => path.join(folder, name);

  before(() => {
    folder = makeFolder();
    systems = [];
  });

  afterEach(async () => {
    await Promise.all(systems.splice(0).map((system) => system.stop({ drainMs: 0 })));
  });

  after(() => removeFolder(folder));

  async function start(journal: string, options: Partial<SystemOptions> = {}): Promise<System> {
    const system = await createSystem({ journal: at(journal), hosts: 2, logger: false, signals: false, ...options });
    systems.push(system);
    return system;
  }

  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  /** A journal most commands are tried on. Made once: when that fails, every test says why. */
  let sample: Promise<void> | undefined;
  function makeSample(): Promise<void> {
    sample ??= fillSample();
    return sample;
  }

  async function fillSample(): Promise<void> {
    const system = await start('sample');
    const [a, b] = [await system.spawn(diarist, { id: 'a' }), await system.spawn(diarist, { id: 'b' })];
    const clock = await system.spawn(clockwork, { id: 'clock' });
    await eventually(async () => (await system.state('/clock'))?.value === 'still', 'it has started');
    await a.tell({ type: 'say', id: '1', rest: [b] }, { traceparent });
    await a.tell({ type: 'spawn', id: '2', child: 'kid' });
    await a.tell({ type: 'poison', id: '3' });
    await a.ask({ type: 'read', id: '4' });
    await b.tell({ type: 'say', id: 'long', pad: 'x'.repeat(500) });
    await clock.tell({ type: 'start', ms: 20 });
    await eventually(async () => (await clock.ask({ type: 'laps' })) === 2, 'it ran its laps');
    await eventually(async () => (await system.state('/clock'))?.value === 'still', 'it stands still again');
    await eventually(async () => (await system.stats()).journal.waiting === 0, 'all is handled');
    await system.stop();
  }

  it('lists actors, all or below a path, 80 columns wide', async () => {
    await makeSample();
    const all = await troupe(['journal', 'ls', '-j', at('sample')]);
    expect(all.code, all.stderr).to.equal(0);
    expect(all.lines[0]).to.match(/^PATH +DEFINITION +STATUS +MAIL$/);
    expect(all.lines.slice(1, -1).map((line) => line.split(/\s+/)[0])).to.deep.equal(['/a', '/b', '/clock', '/a/kid']);
    expect(all.lines.at(-1)).to.equal('4 actors');
    const below = await jsonOf(['journal', 'ls', '/a', '-j', at('sample')]);
    expect(below.map((actor) => actor.path)).to.deep.equal(['/a', '/a/kid']);
    expect(below[0]).to.include({ kind: 'actor', definition: 't.diarist', status: 'running', children: 1, mail: 0 });
    expect((await inProcess(['journal', 'ls', '-j', at('sample'), '--limit', '2'])).stdout).to.match(
      /2 actors, and 2 more/,
    );
  });

  it('shows the journal, an actor, and a record', async () => {
    await makeSample();
    const whole = await jsonOf(['journal', 'show', '-j', at('sample')]);
    expect(whole[0]).to.deep.include({ kind: 'journal', waiting: 0, deadLetters: 1, actors: { running: 4 } });
    const clock = await troupe(['journal', 'show', '/clock'], { TROUPE_JOURNAL: at('sample') });
    expect(clock.stdout)
      .to.match(/^definition {2}t\.clockwork$/m)
      .and.match(/value: 'still'/);
    expect(await jsonOf(['journal', 'show', '#1', '-j', at('sample')])).to.have.nested.property('[0].path', '/a');
    const last = (whole[0] as { log: { last: number } }).log.last;
    let ops: Record<string, unknown>[] = [];
    for (let record = 1; record <= last; record += 1) {
      ops = [...ops, ...(await jsonOf(['journal', 'show', '-j', at('sample'), '--record', String(record)]))];
      if (ops.some(({ op }) => op === 'spawn') && ops.some(({ op }) => op === 'consume')) break;
    }
    const spawned = ops.find(({ op }) => op === 'spawn');
    expect(spawned).to.include({ kind: 'op', path: '/a', definition: 't.diarist' });
    expect(spawned!.offset).to.be.greaterThan(50);
    expect(ops.find(({ op }) => op === 'consume')).to.include({ path: '/a' });
  });

  it('replays an actor: message, sender, trace, states, at 80 columns and as JSON', async () => {
    await makeSample();
    const told = await inProcess(['replay', '/a', '-j', at('sample')]);
    expect(told.code, told.stderr).to.equal(0);
    for (const pattern of [
      /^turn 0 .* spawned by a program, as t\.diarist version 1$/m,
      /^ {2}got {4}#\d+ from a program: say \{ id: '1', rest: \[ ref \/b \] \}$/m,
      new RegExp(`^  trace  ${traceparent}$`, 'm'),
      /^ {2}sent {3}#\d+ to \/b: say \{ id: '1>', rest: \[\] \}/m,
      /failed \(attempt 1\): 3 cannot be borne$/m,
      /decided: resume \(attempt 2 of 2 was the last\)$/m,
      /^ {2}spawn {2}\/a\/kid, as t\.diarist/m,
      /^ {2}to {5}\[ 'say 1', .*'read 4' \]$/m,
    ]) {
      expect(told.stdout).to.match(pattern);
    }
    expect(Math.max(...told.lines.map((line) => line.length))).to.be.at.most(80);
    const long = await inProcess(['replay', '/b', '-j', at('sample')]);
    expect(Math.max(...long.lines.map((line) => [...line].length))).to.equal(80);
    expect(long.stdout).to.match(/xxx…$/m);

    const entries = await jsonOf(['replay', '/b', '-j', at('sample')]);
    const turn = entries.find(({ messages }) => (messages as { from?: string }[] | undefined)?.[0]?.from === '/a');
    expect(turn).to.have.nested.property('messages[0].traceparent', traceparent);
    expect(turn).to.have.nested.property('after.context').that.includes('say 1>');
  });

  it('replays to a turn and shows the state after it, and the last entries alone', async () => {
    await makeSample();
    const { stdout } = await inProcess(['replay', '/clock', '--to', '2', '-j', at('sample')]);
    expect(stdout)
      .to.match(/^turn 2 /m)
      .and.not.match(/^turn 3 /m);
    expect(stdout).to.match(/state after turn 2 \(version 1\)\n {2}\{ value: 'running', context: \{ ms: 20, laps: 0/);
    const [, ...last] = await jsonOf(['replay', '/clock', '--last', '2', '-j', at('sample')]);
    expect(last).to.have.length(2);
    const [, first] = await jsonOf(['replay', '/clock', '--from', '3', '-j', at('sample')]);
    expect(first).to.include({ turn: 3, kind: 'turn' });
    const beyond = await inProcess(['replay', '/clock', '--from', '100000', '-j', at('sample')]);
    expect(beyond.lines.at(-1)).to.equal('nothing of it lies behind turn 99999');
  });

  it('verifies a history, runs no effect, and reports the first turn that differs with exit code 1', async () => {
    const system = await start('verified');
    const [steps, book] = [await system.spawn(stepper, { id: 'steps' }), await system.spawn(ledger, { id: 'ledger' })];
    for (let step = 1; step <= 4; step += 1) {
      await steps.tell({ type: 'step' });
      await eventually(async () => ((await system.state(steps))?.context as { at?: number })?.at === step, 'a step');
    }
    await book.tell({ type: 'write', file: at('outside'), line: 'once' });
    await eventually(async () => (await book.ask({ type: 'read' })).length === 1, 'it is written');
    await system.stop();
    for (const target of ['/steps', '/ledger']) {
      const same = await troupe(['replay', target, '--verify', '-j', at('verified')]);
      expect(same.code, same.stdout + same.stderr).to.equal(0);
      expect(same.stdout).to.match(/\d+ turns?: the same states/);
    }
    expect(readFileSync(at('outside'), 'utf8')).to.equal('once\n');
    const differs = await troupe(['replay', '/steps', '--verify', '-j', at('verified')], { TROUPE_TEST_STEP: '10' });
    expect(differs.code).to.equal(1);
    expect(differs.stdout).to.match(/then turn \d+ \(record \d+\) differs: the state is another one/);
    expect(differs.stdout).to.match(/recorded {2}\{ at: 3 \}\n {2}now {7}\{ at: 12 \}\n {2}at context\.at: 3, now 12/);
    const json = await jsonOf(['replay', '/steps', '--verify', '-j', at('verified')], { TROUPE_TEST_STEP: '10' });
    expect(json.at(-1)).to.have.nested.property('difference.first.place', 'context.at');
  });

  it('checks a journal: clean, and with a byte of its files flipped', async () => {
    await makeSample();
    const clean = await inProcess(['journal', 'check', '-j', at('sample')]);
    expect(clean.code, clean.stdout).to.equal(0);
    expect(clean.lines.at(-1)).to.equal('nothing wrong');
    await inProcess(['journal', 'export', at('copy.troupe'), '-j', at('sample')]);
    await inProcess(['journal', 'import', at('copy.troupe'), '-j', at('damaged')]);
    const file = readdirSync(at('damaged')).find((name) => name.startsWith('log-'))!;
    flipByte(path.join(at('damaged'), file), 700);
    const damaged = await troupe(['journal', 'check', '-j', at('damaged')]);
    expect(damaged.code, damaged.stdout + damaged.stderr).to.equal(1);
    expect(damaged.stdout)
      .to.match(/log-\d+\.bin.*byte/)
      .and.match(/[1-9]\d* problems?$/m);
    const json = await jsonOf(['journal', 'check', '-j', at('damaged')]);
    expect(json[0]).to.include({ kind: 'problem' });
    expect(json.at(-1)).to.include({ kind: 'report', ok: false });
    // What is only history is no hindrance to what stands behind it; what needs it says what is wrong.
    expect((await inProcess(['journal', 'ls', '-j', at('damaged')])).lines.at(-1)).to.equal('4 actors');
    const gone = await inProcess(['replay', '/a', '-j', at('damaged')]);
    expect(gone.code).to.equal(3);
    expect(gone.stderr).to.match(/JOURNAL_CORRUPT: log-\d+\.bin, byte \d+: .*troupe journal check/);
  });

  it('exports and imports, also through a pipe', async () => {
    await makeSample();
    expect((await inProcess(['journal', 'export', at('one.troupe'), '-j', at('sample')])).code).to.equal(0);
    const piped = await troupe(['journal', 'export', '-', '-j', at('sample')]);
    expect(piped.stdout).to.equal(readFileSync(at('one.troupe'), 'utf8'));
    const again = await inProcess(['journal', 'export', at('one.troupe'), '-j', at('sample')]);
    expect([again.code, again.stderr]).to.deep.equal([
      3,
      again.stderr.match(/^troupe: JOURNAL_UNWRITABLE: .*exists already; remove it or name another.*\n$/)?.[0],
    ]);
    const imported = await inProcess(['journal', 'import', at('one.troupe'), '-j', at('imported')]);
    expect(imported.code, imported.stderr).to.equal(0);
    expect((await inProcess(['journal', 'check', '-j', at('imported')])).code).to.equal(0);
    const taken = await inProcess(['journal', 'import', at('one.troupe'), '-j', at('imported')]);
    expect(taken.code).to.equal(3);
    expect(taken.stderr).to.match(/IMPORT_TARGET: .* give a new or an empty folder/);
  });

  it('tries stored states against other definitions', async () => {
    const system = await start('travels');
    const ref = await system.spawn(traveller, { id: 'polo' });
    await ref.tell({ type: 'move' });
    await ref.ask({ type: 'read' });
    await system.stop();
    const args = ['migrate', '--check', '-j', at('travels')];
    const fits = await troupe(args);
    expect([fits.code, fits.lines]).to.deep.equal([
      0,
      ['g.traveller version 1: 1 fit, 0 to be migrated', 'every state fits'],
    ]);
    const second = await troupe(args, { TROUPE_TEST_EDITION: 'second' });
    expect(second.code).to.equal(1);
    expect(second.stdout)
      .to.match(/\/polo.*\n +STATE_VERSION: .*version 1/)
      .and.match(/1 state would be quarantined/);
    const migrated = await troupe(args, { TROUPE_TEST_EDITION: 'migrated' });
    expect([migrated.code, migrated.lines[0]]).to.deep.equal([0, 'g.traveller version 2: 0 fit, 1 to be migrated']);
    writeFileSync(at('empty.mjs'), '');
    const without = await jsonOf(args, { TROUPE_TEST_EDITION: 'without' });
    expect(without[0]).to.include({ kind: 'unfit', path: '/polo', code: 'STATE_UNKNOWN' });
    const other = await troupe([...args, '--definitions', at('empty.mjs')]);
    expect(other.stdout.replaceAll(/\s+/g, ' '), 'it says that the modules given do not have it').to.match(
      /not in the modules given: taken from file:/,
    );
    const state = await jsonOf(['journal', 'show', '/polo', '-j', at('travels')]);
    expect(state[0], 'nothing was changed').to.have.nested.property('state.value', 'abroad');
  });

  it('works on a system that runs, and does not disturb it', async () => {
    const system = await start('running');
    const ref = await system.spawn(diarist, { id: 'busy' });
    const telling = { isOn: true, told: 0 };
    const traffic = (async () => {
      for (; telling.isOn; telling.told += 1) await ref.tell({ type: 'say', id: String(telling.told) });
    })();
    try {
      for (const args of [
        ['journal', 'ls'],
        ['journal', 'show', '/busy'],
        ['journal', 'check'],
        ['replay', '/busy', '--last', '3'],
      ]) {
        const before = telling.told;
        const ran = await troupe([...args, '-j', at('running')]);
        expect(ran.code, `${args.join(' ')}: ${ran.stdout}${ran.stderr}`).to.equal(0);
        expect(telling.told, 'it went on').to.be.greaterThan(before);
      }
      const verified = await troupe(['replay', '/busy', '--verify', '-j', at('running')]);
      expect(verified.code, verified.stdout).to.equal(0);
    } finally {
      telling.isOn = false;
      await traffic;
    }
    await eventually(async () => notesOf(await system.state('/busy')) === telling.told, 'each was handled once');
  });

  it('refuses what it cannot do with exit code 3, what it does not understand with 2', async () => {
    await makeSample();
    cpSync(at('sample'), at('cut'), { recursive: true });
    truncateSync(path.join(at('cut'), 'data.mdb'), 20_000);
    const cases: [string[], number, RegExp][] = [
      [['journal', 'ls', '-j', at('nowhere')], 3, /^troupe: JOURNAL_MISSING: /],
      [['journal', 'show', '/nobody', '-j', at('sample')], 3, /^troupe: ACTOR_UNKNOWN: .*\/nobody/],
      [['replay', '/nobody', '-j', at('sample')], 3, /ACTOR_UNKNOWN/],
      [['journal', 'show', '--record', '99999', '-j', at('sample')], 3, /HISTORY_GONE/],
      [['journal', 'ls', '-j', at('cut')], 3, /NOT_A_JOURNAL: .*data\.mdb is cut short: it has only \d+ bytes/],
      [['journal', 'check', '-j', at('cut')], 3, /NOT_A_JOURNAL: .*cut short/],
      [['journal', 'import', at('nothing'), '-j', at('new')], 3, /NOT_AN_EXPORT: .* cannot be read/],
      [['journal', 'import', at('cut'), '-j', at('new')], 3, /NOT_AN_EXPORT: .* cannot be read \(it is a folder\)/],
      [
        ['replay', '/a', '--verify', '--last', '1', '-j', at('sample')],
        2,
        /cannot be used with option '--last <count>'/,
      ],
      [['replay', '/a', '--verify', '--definitions', at('no.js'), '-j', at('sample')], 3, /DEFINITION_IMPORT/],
      [['journal', 'ls'], 2, /required option '-j, --journal <folder>'/],
      [['journal', 'lst', '-j', at('sample')], 2, /unknown command 'lst'/],
      [['replay', '/a', '--to', 'x', '-j', at('sample')], 2, /whole number/],
      [['migrate', '-j', at('sample')], 2, /required option '--check'/],
    ];
    for (const [args, code, message] of cases) {
      const ran = await (args.includes('--definitions') ? troupe(args) : inProcess(args));
      expect(ran.code, args.join(' ')).to.equal(code);
      expect(ran.stderr, args.join(' ')).to.match(message);
      expect(ran.stdout, args.join(' ')).to.equal('');
    }
    const { stderr } = await inProcess(['journal', 'ls', '-j', at('nowhere'), '--json']);
    expect(JSON.parse(stderr)).to.include({ kind: 'error', code: 'JOURNAL_MISSING' });
  });

  it('lets no terminal obey what is in a journal, and says when its words were lost', async function () {
    const system = await start('odd');
    const ref = await system.spawn(diarist, { id: 'odd' });
    await ref.tell({ type: '\u001b[2Jclear', id: '1' } as never);
    await ref.ask({ type: 'read', id: '2' });
    await system.stop();
    const { stdout } = await inProcess(['replay', '/odd', '-j', at('odd')]);
    expect(stdout).to.contain('\\x1b[2Jclear').and.not.contain('\u001b');
    if (!existsSync('/dev/full')) return this.skip();
    const full = openSync('/dev/full', 'w');
    const args = [command, 'journal', 'ls', '-j', at('odd')];
    const ran = spawnSync(process.execPath, args, { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    expect(ran.status).to.equal(3);
    expect(String(ran.stderr)).to.match(/could not be written: ENOSPC/);
  });

  it('says history is gone, and which turn is the oldest', async () => {
    const system = await start('short', { retentionBytes: 0, checkpointBytes: 65_536 });
    const ref = await system.spawn(diarist, { id: 'a' });
    for (let round = 0; round < 600; round += 1)
      await ref.tell({ type: 'say', id: String(round), pad: 'x'.repeat(9_000) });
    await eventually(async () => notesOf(await system.state('/a')) === 600, 'all is handled');
    await system.stop();
    const gone = await inProcess(['replay', '/a', '--to', '1', '-j', at('short')]);
    expect(gone.code, gone.stdout.slice(0, 300)).to.equal(3);
    expect(gone.stderr).to.match(/HISTORY_GONE: \/a: turn 1 is older than .*the oldest turn kept is \d+/);
    const all = await inProcess(['replay', '/a', '-j', at('short')]);
    expect(all.lines[0]).to.match(/turns numbered by record/);
    expect(all.stdout).to.match(/from {3}\? \(it was accepted before/);
  });

  it('has help with an example and the exit codes for every command', async () => {
    for (const args of [
      [],
      ['journal'],
      ...['ls', 'show', 'check', 'export', 'import'].map((name) => ['journal', name]),
      ['replay'],
      ['migrate'],
    ]) {
      const { code, stdout, lines } = await inProcess([...args, '--help']);
      expect(code).to.equal(0);
      expect(stdout, args.join(' ')).to.match(/Example:\n {2}\$ troupe /);
      expect(Math.max(...lines.map((line) => line.length)), args.join(' ')).to.be.at.most(80);
    }
    const { version } = JSON.parse(readFileSync(path.join(projectRoot(), 'package.json'), 'utf8')) as {
      version: string;
    };
    expect((await troupe(['--version'])).stdout).to.equal(`${version}\n`);
  });
});

/** How much a diarist has noted. */
function notesOf(state: ActorState | undefined): number {
  return ((state?.context ?? []) as unknown[]).length;
}

/** Flip one bit of a file. */
function flipByte(file: string, at: number): void {
  expect(statSync(file).size).to.be.greaterThan(at);
  const byte = readFileSync(file)[at]!;
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.of(byte ^ 16), 0, 1, at);
  closeSync(descriptor);
}
