/**
 * `npm run demo -- agents`: the team answers twice, once undisturbed and once killed halfway, and each call that was
 * paid is counted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { addUsage, type AgentCost } from '../../../actors/index.js';
import { runProgram } from '../../../src/cli/program.js';
import type { Screen } from '../screen.js';
import { type Paid, paidAt, startModel } from './model-server.js';
import { modelUrlVariable, strategies } from './team.js';

const question = 'What are XState and lmdb, in the words of their makers?';

/** What the child says at its end. */
interface End {
  report: string;
  verdict: string;
  costs: AgentCost[];
  picture: string;
}

type Word = { waits: string } | { restarted: string; by: string; why: string } | End;

/** Throws once in the process that starts after the kill. */
const stumbles = '/office/desk/checker';

/** Run the demo. @returns the exit code: 1 when the two differ */
export async function runAgents(screen: Screen): Promise<number> {
  screen.print(screen.paint('bold', 'A team of agents, killed while it waits'));
  screen.print(`  ${screen.paint('dim', 'question'.padEnd(9))}${question}`);
  screen.print(`  ${screen.paint('dim', 'team'.padEnd(9))}planner, a researcher for each package, writer, checker`);
  screen.print(`  ${screen.paint('dim', 'model'.padEnd(9))}a demo over HTTP: it quotes, and understands nothing`);
  screen.print();
  const calm = await answer(screen, false);
  const killed = await answer(screen, true);
  screen.print();
  screen.print(screen.paint('bold', 'The report'));
  for (const line of killed.end.report.split('\n')) screen.print(wrapped(line));
  screen.print(`  ${screen.paint('dim', killed.end.verdict)}`);
  screen.print();
  printCosts(screen, killed.end.costs);
  screen.print();
  screen.print(screen.paint('bold', 'The run, for mermaid.live'));
  screen.print(killed.end.picture);
  screen.print();
  return compare(screen, calm, killed);
}

/** What came of one run. */
interface Answer {
  end: End;
  paid: Paid;
}

/** Were both paid alike, call by call? @returns the exit code */
function compare(screen: Screen, calm: Answer, killed: Answer): number {
  const isEqual = calm.paid.calls === killed.paid.calls && calm.end.report === killed.end.report;
  const sign = isEqual ? screen.paint('green', '✓') : screen.paint('red', '✗');
  screen.print('It was killed while it waited for you, with no call of a model under way. A');
  screen.print('kill in the middle of one has that one made, and paid, again; what is on record');
  screen.print('is not.');
  screen.print(`  paid a second time, under the same key: ${calm.paid.again} and ${killed.paid.again}`);
  screen.print(`  ${sign} model calls paid: ${calm.paid.calls} undisturbed, ${killed.paid.calls} with the kill`);
  return isEqual ? 0 : 1;
}

/** One run, on a journal of its own. */
async function answer(screen: Screen, isKilled: boolean): Promise<Answer> {
  const journal = mkdtempSync(join(tmpdir(), 'troupe-demo-'));
  const server = await startModel();
  try {
    screen.event('cyan', '*', isKilled ? 'again, on a new journal, to be killed' : 'undisturbed');
    let last = new Child(server.url, journal, isKilled ? 'no' : 'yes');
    let end = await last.until(screen, isKilled);
    if (end === undefined) {
      await last.kill();
      screen.event('red', '!', 'the process gets SIGKILL while it waits for you; what it leaves:');
      screen.print(await treeOf(journal));
      screen.event('cyan', '*', 'another one starts on the same journal, and you approve');
      screen.event('red', '!', `${stumbles} is made to throw: at the desk it is one for all`);
      last = new Child(server.url, journal, 'yes', stumbles);
      end = await last.until(screen, false);
    }
    if (end === undefined) throw new Error('the team came to no end');
    await last.ended;
    screen.event('green', '→', `${end.verdict} ${paidAt(server).calls} calls paid`);
    return { end, paid: paidAt(server) };
  } finally {
    await server.close();
    rmSync(journal, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Who is in a journal, as `troupe tree` says it, with the supervisors' strategies. */
async function treeOf(journal: string): Promise<string> {
  let text = '';
  const out = { write: (more: string) => (text += more), columns: 78 };
  await runProgram(['tree', '--journal', journal], { out, err: process.stderr, version: '' });
  for (const [name, strategy] of Object.entries(strategies))
    text = text.replace(new RegExp(`( ${name} +)supervisor`), `$1${strategy}`);
  return text.trimEnd().replaceAll(/^/gm, '  ');
}

/** The process that runs the team. */
class Child {
  /** Its journal is closed. */
  readonly ended: Promise<unknown>;
  private readonly process: ChildProcess;

  constructor(url: string, journal: string, approves: 'yes' | 'no', ...accidents: string[]) {
    const file = fileURLToPath(new URL('./child.js', import.meta.url));
    const env = { ...process.env, [modelUrlVariable]: url };
    this.process = spawn(process.execPath, [file, journal, question, approves, ...accidents], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
    process.prependListener('exit', () => this.process.kill('SIGKILL'));
  }

  /** What it says at its end; undefined when it waits for an approval and `isToWait`. */
  async until(screen: Screen, isToWait: boolean): Promise<End | undefined> {
    for await (const line of createInterface({ input: this.process.stdout! })) {
      const word = JSON.parse(line) as Word;
      if ('verdict' in word) return word;
      if ('restarted' in word) screen.event('dim', '→', `${word.restarted}: ${word.why}, said ${word.by}`);
      else {
        screen.event('yellow', '?', `${word.waits}, and waits for an approval`);
        if (isToWait) return undefined;
      }
    }
    return undefined;
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }
}

function printCosts(screen: Screen, costs: readonly AgentCost[]): void {
  screen.print(screen.paint('bold', 'Costs'));
  const row = (agent: string, ...cells: string[]) =>
    screen.print(`  ${agent.padEnd(20)}${cells.map((cell) => cell.padStart(13)).join('')}`);
  row('agent', 'model calls', 'tool calls', 'tokens', 'US dollars');
  for (const agent of new Set(costs.map((cost) => cost.agent))) {
    const own = costs.filter((cost) => cost.agent === agent);
    const { inputTokens, outputTokens, costUsd } = addUsage(...own.map(({ usage }) => usage));
    const calls = own.reduce((all, cost) => all + cost.calls, 0);
    const tools = own.reduce((all, cost) => all + cost.tools, 0);
    row(agent, `${calls}`, `${tools}`, `${inputTokens + outputTokens}`, costUsd.toFixed(4));
  }
  row('', '', '', '', addUsage(...costs.map(({ usage }) => usage)).costUsd.toFixed(4));
}

/** At most 80 columns, indented. */
function wrapped(text: string): string {
  return text.replaceAll(/(.{1,76})(\s+|$)/g, '  $1\n').trimEnd();
}
