/** Runs one entrant in a process of its own and reads what it measured. */
import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Figures taken at one moment, by name. The unit is part of the name. */
export type Sample = Readonly<Record<string, number>>;

/** What an entrant found out. */
export interface Findings {
  /** By name; the unit is part of it. */
  readonly measures: Readonly<Record<string, number>>;
  /** In the order taken; most entrants take none. */
  readonly samples: readonly Sample[];
  /** Of what it ran that is not Node.js and no package. */
  readonly versions: Readonly<Record<string, string>>;
}

/** How it went, when there are no figures: a sentence for the table, and what it wrote. */
export interface Failing {
  /**
   * `wrong`: its result does not add up. `failed`: it died, hung or said nothing. `absent`: it needs what is not here.
   * `stopped`: nobody wants to know any more.
   */
  readonly kind: 'wrong' | 'failed' | 'absent' | 'stopped';
  readonly what: string;
  /** The end of what it wrote to stderr. */
  readonly complaint: string;
}

/** How to run it. */
export interface EntrantRun {
  readonly entry: URL;
  readonly name: string;
  readonly input: object;
  /** A folder for CPU profiles. */
  readonly profile: string | undefined;
  /** Its process is expected to die by a signal when it has spoken. */
  readonly mayDie: boolean;
  /** When to give up, in milliseconds. */
  readonly msMax: number;
  /** It is killed, with all it started, when this is aborted. */
  readonly signal: AbortSignal | undefined;
}

/** How often a profile looks, in microseconds. */
const profileEveryUs = '500';

/** Settings of whoever runs us that would change what others do: tracing, long stacks, more flags for Node. */
const strayNames = /^(LANGSMITH_|LANGCHAIN_|BLUEBIRD_|(DEBUG|NODE_OPTIONS)$)/;

/**
 * The environment of an entrant: as in production, and without what would have it trace or log.
 * @param ours that of this process
 */
export function entrantEnv(ours: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  const kept = Object.entries(ours).filter(([name]) => !strayNames.test(name));
  return { ...Object.fromEntries(kept), NODE_ENV: 'production' };
}

/** Run it to its end. */
export async function runEntrant(run: EntrantRun): Promise<Findings | Failing> {
  const { entry, name, input, profile, mayDie, msMax, signal } = run;
  const child = fork(entry, [name, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: entrantEnv(process.env),
    execArgv: profile === undefined ? [] : profiling(profile),
    // A group of its own, for programs it starts are to end with it, and Ctrl-C is the runner's.
    detached: true,
  });
  let said: string | undefined;
  let complaint = '';
  let stopped: Failing | undefined;
  const stop = (kind: 'stopped' | 'failed', what: string): void => {
    stopped ??= { kind, what, complaint: '' };
    killGroup(child);
  };
  const onAbort = (): void => stop('stopped', 'The run was interrupted.');
  const timeout = setTimeout(() => stop('failed', `It was not done after ${msMax / 1_000} s.`), msMax);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      said = line;
    });
  }
  child.stderr?.on('data', (text: Buffer) => {
    complaint = `${complaint}${text.toString()}`.slice(-4_000);
  });
  const end = await new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, by) => resolve(by ?? `exit code ${code}`));
  });
  // Programs it started and left behind would take the cores of the next one.
  killGroup(child);
  clearTimeout(timeout);
  signal?.removeEventListener('abort', onAbort);
  if (stopped !== undefined) return { ...stopped, complaint };
  const isGood = end === 'exit code 0' || (mayDie && end === 'SIGKILL');
  if (!isGood) return { kind: 'failed', what: `It ended with ${end}${reasonIn(complaint)}.`, complaint };
  return findingsOf(said, complaint);
}

function findingsOf(said: string | undefined, complaint: string): Findings | Failing {
  let read: Record<string, unknown>;
  try {
    read = JSON.parse(said ?? '') as Record<string, unknown>;
  } catch {
    return { kind: 'failed', what: 'It said nothing that can be read.', complaint };
  }
  for (const kind of ['wrong', 'absent'] as const) {
    if (typeof read[kind] === 'string') return { kind, what: `${read[kind]}.`, complaint };
  }
  const { samples = [], versions = {}, ...measures } = read as Findings['measures'] & Partial<Findings>;
  return { measures: measures as Findings['measures'], samples, versions };
}

function profiling(folder: string): string[] {
  return ['--cpu-prof', '--cpu-prof-interval', profileEveryUs, '--cpu-prof-dir', folder];
}

/** The line of an uncaught error, without its class and stack. */
function reasonIn(complaint: string): string {
  const line = complaint.split('\n').findLast((each) => /^(\w*Error|Uncaught)\b.*: /.test(each));
  return line === undefined ? '' : `: ${line.replace(/\.$/, '')}`;
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid === undefined || process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
