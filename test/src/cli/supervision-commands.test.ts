import { cpSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { createSystem, type System } from '../../../src/index.js';
import { runProgram } from '../../../src/cli/program.js';
import { hiddenText } from '../../../src/cli/tree-words.js';
import { eventually } from '../../../src/testing/index.js';
import { traveller } from '../../guarantees/fixtures/versions.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';
import { brutal, company, crew, patient } from '../../supervisors/fixtures/company.js';
import { type WorkerEvents, worker } from '../../supervisors/fixtures/workers.js';
import { diarist } from '../journal/fixtures/diary.js';

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  lines: string[];
}

/** Run a command line in this process. */
async function troupe(...args: string[]): Promise<Ran> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const out = { write: (text: string) => void stdout.push(text) };
  const err = { write: (text: string) => void stderr.push(text) };
  const code = await runProgram(args, { out, err, version: 'x' });
  const text = stdout.join('');
  return { code, stdout: text, stderr: stderr.join(''), lines: text.split('\n').slice(0, -1) };
}

/** Its answer as JSON lines. */
async function json(...args: string[]): Promise<Record<string, unknown>[]> {
  const { lines, stderr } = await troupe(...args, '--json');
  if (lines.length === 0) throw new Error(stderr);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function widest(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => [...line].length));
}

/** Without times and record numbers, which differ from run to run, as would dates after the first at midnight. */
function timeless(lines: readonly string[]): string[] {
  return lines
    .map((line) =>
      line
        .replaceAll(/\d\d:\d\d:\d\d\.\d\d\d/g, 'TIME')
        .replace(/^\d{4}-\d\d-\d\d$/, 'DATE')
        .replace(/ {2}TIME {2}record \d+|record \d+/, ' AT')
        .replace(/#\d+/, '#N'),
    )
    .filter((line, index, all) => line !== 'DATE' || all.indexOf('DATE') === index);
}

describe('the troupe command on supervision', function () {
  this.timeout(60_000);
  let folder: string;
  const systems: System[] = [];
  const at = (name: string): string => path.join(folder, name);

  before(async () => {
    folder = makeFolder();
    await makeSample();
  });

  afterEach(async () => {
    await Promise.all(systems.splice(0).map((system) => system.stop({ drainMs: 0 })));
  });

  after(() => removeFolder(folder));

  async function start(journal: string): Promise<System> {
    const system = await createSystem({ journal: at(journal), hosts: 2, logger: false, signals: false });
    systems.push(system);
    return system;
  }

  async function isRunning(system: System, ...paths: string[]): Promise<void> {
    for (const each of paths) {
      await eventually(async () => (await system.state(each))?.status === 'running', `${each} runs`);
      await eventually(async () => (await system.state(each))?.context !== undefined, `${each} has started`);
    }
  }

  /** A journal in which about everything has happened, of a system that has stopped. */
  async function makeSample(): Promise<void> {
    const system = await start('sample');
    const tell = (to: string, event: WorkerEvents): Promise<void> => system.get<WorkerEvents>(to).tell(event);
    await system.spawn(company, { id: 'co' });
    await system.spawn(patient, { id: 'slow' });
    const clerk = await system.spawn(diarist, { id: 'clerk' });
    const polo = await system.spawn(traveller, { id: 'polo' });
    await system.spawn(worker, { id: 'calm' });
    await system.spawn(worker, { id: 'gone' });
    await isRunning(system, '/co/crew/a', '/co/crew/b', '/co/temp', '/slow/fails', '/slow/leaves', '/calm', '/gone');
    await tell('/gone', { type: 'leave' });
    await tell('/co/crew/a', { type: 'crash' });
    await eventually(async () => (await system.deadLetters()).length === 1, 'the crash of a is given up');
    await tell('/co/crew/b', { type: 'crash' });
    // One more than the crew's budget grants: it gives up, and the company starts it again.
    await eventually(async () => (await system.decisions({ path: '/co/crew/b' })).length === 1, 'b is back');
    await tell('/co/temp', { type: 'giveUp' });
    await tell('/slow/fails', { type: 'crash' });
    await tell('/slow/fails', { type: 'note', text: 'waits behind it' });
    await tell('/slow/leaves', { type: 'leave' });
    await clerk.tell({ type: 'poison', id: '1' });
    await polo.tell({ type: 'move' });
    await eventually(async () => (await system.state(polo))?.value === 'abroad', 'he is abroad');
    for (const [of, status] of [
      ['/slow/fails', 'failed'],
      ['/slow/leaves', 'held'],
      ['/co/temp', 'ended'],
      ['/gone', 'ended'],
    ]) {
      await eventually(async () => (await system.state(of!))?.status === status, `${of} is ${status}`);
    }
    await eventually(async () => (await system.deadLetters()).length === 3, 'the poison is given up');
    await isRunning(system, '/co/crew/a', '/co/crew/b');
    await system.stop({ drainMs: 0 });
    systems.length = 0;
    // Another edition of the code knows no state `abroad`.
    process.env.TROUPE_TEST_EDITION = 'without';
    try {
      const next = await start('sample');
      await next.get('/polo').tell({ type: 'move' });
      await eventually(async () => (await next.state('/polo'))?.status === 'quarantined', 'his state is unknown');
      await next.stop({ drainMs: 0 });
      systems.length = 0;
    } finally {
      delete process.env.TROUPE_TEST_EDITION;
    }
  }

  describe('tree', () => {
    it('shows who lives below whom, definitions, supervisors, mail, and who is in trouble', async () => {
      const { code, lines, stderr } = await troupe('tree', '-j', at('sample'));
      expect(code, stderr).to.equal(0);
      expect(lines).to.deep.equal([
        '/co                                 s.company           supervisor',
        '└─ crew                             s.crew              supervisor',
        '   ├─ a                             s.worker',
        '   └─ b                             s.worker',
        '/slow                               s.patient           supervisor',
        '├─ fails                            s.worker            FAILED, 2 waiting',
        '└─ leaves                           s.worker            HELD',
        '/clerk                              t.diarist',
        '/polo                               g.traveller         QUARANTINED, 1 waiting',
        '/calm                               s.worker',
        '10 actors: 1 FAILED, 1 HELD, 1 QUARANTINED',
      ]);
    });

    it('shows one actor and those below it', async () => {
      const { lines } = await troupe('tree', '/co/crew', '-j', at('sample'));
      expect(lines.map((line) => line.split(/ {2,}/)[0])).to.deep.equal(['/co/crew', '├─ a', '└─ b', '3 actors']);
      const ended = await troupe('tree', '/co/temp', '-j', at('sample'));
      expect([ended.code, ended.stdout]).to.deep.equal([0, '/co/temp has ended\n']);
    });

    it('tells a program the depth, the parent and the error of everyone', async () => {
      const actors = await json('tree', '-j', at('sample'));
      expect(actors.map(({ path: of, parent, depth }) => [of, parent, depth])).to.deep.equal([
        ['/co', undefined, 0],
        ['/co/crew', '/co', 1],
        ['/co/crew/a', '/co/crew', 2],
        ['/co/crew/b', '/co/crew', 2],
        ['/slow', undefined, 0],
        ['/slow/fails', '/slow', 1],
        ['/slow/leaves', '/slow', 1],
        ['/clerk', undefined, 0],
        ['/polo', undefined, 0],
        ['/calm', undefined, 0],
      ]);
      expect(actors[1]).to.include({ kind: 'actor', definition: 's.crew', isSupervisor: true, isSupervised: true });
      expect(actors[5]).to.include({ status: 'failed', mail: 2, isSupervisor: false });
      expect(actors[5]).to.have.nested.property('error.message', 'fails crashed');
      const below = await json('tree', '/co/crew', '-j', at('sample'));
      expect(below.map(({ parent, depth }) => [parent, depth])).to.deep.equal([
        ['/co', 0],
        ['/co/crew', 1],
        ['/co/crew', 1],
      ]);
    });

    it('draws a flowchart in which nothing of an actor stands outside of a label', async () => {
      const { code, lines } = await troupe('tree', '/slow', '--mermaid', '-j', at('sample'));
      expect(code).to.equal(0);
      expect(lines.slice(0, 6)).to.deep.equal([
        'flowchart TD',
        '  n1[["/slow<br/>s.patient<br/>supervisor"]]',
        '  n2["fails<br/>s.worker<br/>FAILED, 2 waiting"]:::failed',
        '  n1 --> n2',
        '  n3["leaves<br/>s.worker<br/>HELD"]:::held',
        '  n1 --> n3',
      ]);
      const { code: both, stderr } = await troupe('tree', '--mermaid', '--json', '-j', at('sample'));
      expect(both).to.equal(2);
      expect(stderr).to.match(/cannot be used with option '--json'/);
    });

    it('of many of one definition shows the first ten and counts the rest; with --all everyone', async () => {
      const system = await start('many');
      const parent = await system.spawn(diarist, { id: 'parent' });
      for (let child = 0; child < 21; child += 1) await parent.tell({ type: 'spawn', id: 's', child: `kid-${child}` });
      for (let child = 0; child < 20; child += 1) await system.spawn(worker, { id: `$w"${child}`.replace('"', '@') });
      await eventually(async () => (await system.actors()).length === 42, 'all are there');
      await system.stop();
      const few = await troupe('tree', '-j', at('many'));
      expect(few.lines.filter((line) => line.includes('kid-'))).to.have.length(10);
      expect(few.lines[11]).to.equal('└─ ... and 11 more t.diarist');
      expect(
        few.lines.filter((line) => line.includes('$w@')),
        'twenty are not many',
      ).to.have.length(20);
      expect(few.lines.at(-1)).to.equal('31 actors, and 11 more (--all)');
      const all = await troupe('tree', '--all', '-j', at('many'));
      expect(all.lines.at(-1)).to.equal('42 actors');
      expect(all.lines[21]).to.match(/^└─ kid-20 /);
      expect(await json('tree', '-j', at('many'))).to.have.length(42);
      const chart = await troupe('tree', '--mermaid', '-j', at('many'));
      expect(chart.lines).to.include('  n12["... and 11 more t.diarist"]:::more').and.include('  n1 --> n12');
      expect(chart.stdout).to.include('["/#36;w#64;0<br/>s.worker"]');
    });

    it('hides no trouble with those it does not show', () => {
      const statuses = new Map([
        ['running', 80],
        ['failed', 2],
        ['stopping', 1],
      ]);
      const text = hiddenText({ definition: 's.worker', count: 83, mail: 1_200, statuses });
      expect(text).to.equal('... and 83 more s.worker: 2 FAILED, 1 stopping, 1,200 waiting');
    });

    it('keeps to 80 columns and keeps statuses in sight, however long the names and deep the tree', async () => {
      const system = await start('deep');
      const names = Array.from({ length: 36 }, (_, depth) => `${depth}-${'n'.repeat(depth % 5 === 0 ? 60 : 5)}`);
      let above = await system.spawn(diarist, { id: names[0]! });
      for (const child of names.slice(1)) {
        await above.tell({ type: 'spawn', id: 's', child });
        const below = `${above.path}/${child}`;
        await eventually(async () => (await system.state(below)) !== undefined, `${below} is there`);
        above = system.get(below);
      }
      await system.stop();
      const { lines } = await troupe('tree', '-j', at('deep'));
      expect(lines).to.have.length(37);
      expect(widest(lines)).to.be.at.most(80);
      for (const [depth, line] of lines.slice(1, -1).entries()) {
        expect(line)
          .to.include(`${depth + 1}-n`)
          .and.include('t.diarist');
      }
    });
  });

  describe('why', () => {
    it('tells what failed, who decided, by which rule, what was done, and how it stands now', async () => {
      const { code, lines, stderr } = await troupe('why', '/co/crew/a', '-j', at('sample'));
      expect(code, stderr).to.equal(0);
      expect(timeless(lines)).to.deep.equal([
        '/co/crew/a  s.worker',
        'supervised by /co/crew',
        '',
        'DATE',
        'TIME  /co/crew/a failed (attempt 1)',
        '  message  #N from a program: crash',
        '  error    a crashed',
        '  decided  restore, by /co/crew AT',
        '  rule     a failed; restart 1 of 2 in 600000 ms',
        '  done     back to its last committed state; the message is tried again',
        '',
        'TIME  /co/crew/a failed (attempt 2)',
        '  message  #N from a program: crash',
        '  error    a crashed',
        '  decided  resume, by /co/crew AT',
        '  rule     a failed; restart 2 of 2 in 600000 ms',
        '  done     back to its last committed state; the message is a dead letter',
        '',
        'TIME  /co/crew/a was stopped',
        '  decided  restore, by /co/crew AT',
        '  rule     started again by its supervisor',
        '  done     it is started again, with its last committed state',
        '',
        '  now      it runs',
      ]);
    });

    it("tells of a supervisor's own end, and of those it decides about", async () => {
      const { lines } = await troupe('why', '/co', '-j', at('sample'));
      expect(timeless(lines)).to.deep.equal([
        '/co  s.company, supervisor',
        "supervised by the guardian, with the system's policy",
        '',
        'DATE',
        'TIME  /co/crew gave up',
        '  error    SUPERVISOR_GAVE_UP: b failed, and more than 2 restarts in 600000 ms',
        '           are not granted',
        '  decided  reset, by /co AT',
        '  rule     crew failed; restart 1 of 100 in 600000 ms',
        '  done     it is started again, with its initial state',
        '',
        'TIME  /co/temp gave up',
        '  error    temp gave up',
        '  decided  stop, by /co AT',
        '  rule     temporary: not restarted when failed',
        '  done     it has ended for good; what waited is among the dead letters',
        '',
        '  now      it runs',
        '  children 1 running',
      ]);
    });

    it('tells what waits for a decision, and what nobody decides about', async () => {
      const tail = async (of: string): Promise<string[]> =>
        timeless((await troupe('why', of, '-j', at('sample'))).lines).slice(4);
      expect(await tail('/slow/fails')).to.deep.equal([
        'TIME  /slow/fails failed (attempt 1)',
        '  message  #N from a program: crash',
        '  error    fails crashed',
        '  done     nothing yet: /slow has not decided',
        '',
        '  now      it has failed, and waits for a decision of /slow; 2 messages waiting',
        '           fails crashed',
      ]);
      expect(await tail('/slow/leaves')).to.deep.equal([
        'TIME  /slow/leaves was stopped',
        '  done     nothing yet: /slow has not decided',
        '',
        '  now      it has exited (stopped), and waits for a decision of /slow',
      ]);
      const polo = await tail('/polo');
      expect(polo[0]).to.equal('TIME  /polo cannot be restored');
      expect(polo[1]).to.match(/^ {2}error {4}STATE_UNKNOWN: /);
      expect(polo.join('\n')).to.match(
        /done {5}quarantined: its mail is kept[\s\S]*now {6}quarantined: [\s\S]*STATE_UNKNOWN/,
      );
      const temp = await tail('/co/temp');
      expect(temp.slice(-2)).to.deep.equal(['  now      it has ended: failed', '           temp gave up']);
    });

    it('tells that an actor was killed: when it was started again, and when it has ended so', async () => {
      const system = await start('killed');
      const ref = await system.spawn(brutal, { id: 'top' });
      await system.get('/top/a').tell({ type: 'crash' });
      await eventually(async () => (await system.decisions({ path: '/top/b' })).length === 1, 'b was started again');
      await isRunning(system, '/top/a', '/top/b');
      await ref.stop();
      const { lines } = await troupe('why', '/top/b', '-j', at('killed'));
      expect(timeless(lines)).to.deep.equal([
        '/top/b  s.worker',
        'supervised by /top',
        '',
        'DATE',
        'TIME  /top/b was killed',
        '  error    SHUTDOWN_KILL: /top/b was killed at once, as was declared',
        '  decided  restore, by /top AT',
        '  rule     one-for-all: a failed; restart 1 of 100 in 600000 ms',
        '  done     it is started again, with its last committed state',
        '',
        '  now      it has ended: killed',
        '           SHUTDOWN_KILL: /top/b was killed at once, as was declared',
      ]);
      const [subject, failure] = await json('why', '/top/b', '-j', at('killed'));
      expect(subject).to.have.nested.property('error.code', 'SHUTDOWN_KILL');
      expect(failure).to.include({ kind: 'failure', cause: 'exit', how: 'stopped' });
      expect(failure).to.have.nested.property('error.code', 'SHUTDOWN_KILL');
    });

    it('says in one line that an actor has never failed', async () => {
      const calm = await troupe('why', '/calm', '-j', at('sample'));
      expect(calm).to.deep.include({ code: 0, stdout: '/calm has never failed, as far as the history goes\n' });
      const [actor, ...failures] = await json('why', '/calm', '-j', at('sample'));
      expect(actor).to.include({ kind: 'actor', path: '/calm', status: 'running', failures: 0 });
      expect(failures).to.deep.equal([]);
    });

    it('tells a program the same, and the last ones alone', async () => {
      const [actor, ...failures] = await json('why', '/co/crew', '-j', at('sample'));
      expect(actor).to.deep.include({ kind: 'actor', by: '/co', isSupervisor: true, children: { running: 2 } });
      expect(failures.map(({ kind, path: of, cause, decision }) => [kind, of, cause, decision])).to.deep.equal([
        ['failure', '/co/crew/a', 'message', 'restore'],
        ['failure', '/co/crew/a', 'message', 'resume'],
        ['failure', '/co/crew', 'exit', 'reset'],
        ['failure', '/co/crew/a', 'exit', 'restore'],
        ['failure', '/co/crew/b', 'exit', 'reset'],
      ]);
      expect(failures[0]).to.have.nested.property('message.event.type', 'crash');
      expect(failures[4]).to.have.nested.property('error.message', 'b crashed');
      const last = await json('why', '/co/crew', '--last', '2', '-j', at('sample'));
      expect(last.slice(1)).to.deep.equal(failures.slice(-2));
      const { lines } = await troupe('why', '/co/crew', '--last', '2', '-j', at('sample'));
      expect(lines[2]).to.equal('the last 2 of 5 failures (--last)');
    });

    it('tells of a child whose supervisor has given up for good that nobody decided', async () => {
      const system = await start('alone');
      await system.spawn(crew, { id: 'crew' });
      await isRunning(system, '/crew/a', '/crew/b');
      for (let crash = 1; crash <= 3; crash += 1) {
        await system.get<WorkerEvents>('/crew/b').tell({ type: 'crash' });
        await eventually(async () => (await system.deadLetters()).length === crash, 'it is given up');
        if (crash < 3) await isRunning(system, '/crew/b');
      }
      await eventually(async () => (await system.state('/crew'))?.status === 'ended', 'it has given up');
      await system.stop();
      const { lines } = await troupe('why', '/crew/b', '-j', at('alone'));
      expect(timeless(lines).slice(-6)).to.deep.equal([
        'TIME  /crew/b failed (attempt 1)',
        '  message  #N from a program: crash',
        '  error    b crashed',
        '  done     nothing: it ended before anybody had decided',
        '',
        '  now      it has ended: stopped',
      ]);
      const [supervisor] = (await json('why', '/crew', '--last', '1', '-j', at('alone'))).slice(1);
      expect(supervisor).to.deep.include({ path: '/crew', cause: 'exit', decision: 'stop' });
      expect(supervisor).to.have.nested.property('error.code', 'SUPERVISOR_GAVE_UP');
    });

    it('keeps to 80 columns, whatever the error says', async () => {
      const system = await start('wordy');
      const ref = await system.spawn(diarist, { id: `w-${'o'.repeat(120)}` });
      await ref.tell({ type: 'poison', id: 'many words '.repeat(200) });
      await eventually(async () => (await system.deadLetters()).length === 1, 'it is given up');
      await system.stop();
      const { lines } = await troupe('why', ref.path, '-j', at('wordy'));
      expect(widest(lines)).to.be.at.most(80);
      expect(lines.filter((line) => line.includes('attempt 1)'))).to.have.length(1);
      expect(lines.filter((line) => line.trim() === '...')).to.have.length(2);
      const never = await troupe('why', ref.path, '-j', at('wordy'), '--last', '0');
      expect([never.code, never.stdout]).to.deep.equal([2, '']);
    });

    it('of an actor by its number leaves out who had its path before', async () => {
      const system = await start('again');
      for (const end of ['stop', 'none']) {
        const ref = await system.spawn(diarist, { id: 'a' });
        await ref.tell({ type: 'poison', id: end });
        const count = end === 'stop' ? 1 : 2;
        await eventually(async () => (await system.deadLetters()).length === count, 'it is given up');
        if (end === 'stop') await ref.stop();
      }
      await system.stop();
      const idsOf = async (target: string): Promise<unknown[]> =>
        (await json('why', target, '-j', at('again'))).slice(1).map(({ error }) => (error as Error).message);
      const [first, second] = ['stop cannot be borne', 'none cannot be borne'];
      expect(await idsOf('/a')).to.deep.equal([first, first, second, second]);
      expect(await idsOf('#1')).to.deep.equal([first, first]);
      expect(await idsOf('#2')).to.deep.equal([second, second]);
    });
  });

  it('works on a system that runs, and does not disturb it', async () => {
    cpSync(at('sample'), at('running'), { recursive: true });
    const system = await start('running');
    const drawn = await troupe('tree', '-j', at('running'));
    expect([drawn.code, drawn.lines.at(-1)?.split(':')[0]]).to.deep.equal([0, '10 actors']);
    const told = await troupe('why', '/clerk', '-j', at('running'));
    expect(told.code, told.stderr).to.equal(0);
    expect(told.stdout).to.match(/resume, by the guardian[\s\S]*attempt 2 of 2 was the last/);
    await system.get('/calm').tell({ type: 'crash' });
    await eventually(async () => (await system.deadLetters()).length === 4, 'it is given up');
    expect((await troupe('why', '/calm', '-j', at('running'))).stdout).to.match(/calm crashed/);
    expect((await system.decisions({ path: '/calm' })).map(({ decision }) => decision)).to.deep.equal([
      'restore',
      'resume',
    ]);
  });

  it('refuses what it cannot do', async () => {
    const cases: [string[], number, RegExp][] = [
      [['why', '/nobody', '-j', at('sample')], 3, /^troupe: ACTOR_UNKNOWN: .*\/nobody/],
      [['tree', '/nobody', '-j', at('sample')], 3, /^troupe: ACTOR_UNKNOWN: .*\/nobody/],
      [['tree', '-j', at('nowhere')], 3, /JOURNAL_MISSING/],
      [['why', '-j', at('sample')], 2, /missing required argument 'path'/],
      [['why', '/calm', '--last', 'x', '-j', at('sample')], 2, /whole number/],
    ];
    for (const [args, code, message] of cases) {
      const ran = await troupe(...args);
      expect(ran.code, args.join(' ')).to.equal(code);
      expect(ran.stderr, args.join(' ')).to.match(message);
      expect(ran.stdout, args.join(' ')).to.equal('');
    }
    for (const name of ['tree', 'why']) {
      const { code, stdout, lines } = await troupe(name, '--help');
      expect([code, widest(lines) <= 80], name).to.deep.equal([0, true]);
      expect(stdout, name).to.match(/Example:\n {2}\$ troupe /);
    }
  });
});
