/** Runs one entrant in a process of its own and reads what it measured. */
import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Figures taken at one moment, by name. The unit is part of the name. */
export type Sample = Readonly<Record<string, number>>;

/** What an entrant found out. */
export interface Findings {
  /** By name; the unit is part of it. */
  readonly measures: Readonly<Record<string, number>>;
  /** In the order taken; most entrants take none. */
  readonly samples: readonly Sample[];
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
}

/**
 * Run it to its end.
 * @throws Error with the end of what it wrote to stderr, when it failed or said nothing
 */
export async function runEntrant({ entry, name, input, profile, mayDie, msMax }: EntrantRun): Promise<Findings> {
  const profiling = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir'];
  const child = fork(entry, [name, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: profile === undefined ? [] : [...profiling, profile],
    timeout: msMax,
    killSignal: 'SIGKILL',
  });
  let said: string | undefined;
  let complaint = '';
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
    child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const isGood = end === 'exit code 0' || (mayDie && end === 'SIGKILL');
  if (!isGood || said === undefined) throw new Error(`${name} failed (${end})\n${complaint.trim()}`);
  const { samples = [], ...measures } = JSON.parse(said) as Record<string, number> & { samples?: Sample[] };
  return { measures, samples };
}
