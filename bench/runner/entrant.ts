/** Runs one entrant in a process of its own and reads what it measured. */
import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How long one entrant may take, in milliseconds. A slow disk needs seconds; beyond this it hangs. */
const entrantMsMax = 300_000;

/** How to run it. */
export interface EntrantRun {
  readonly entry: URL;
  readonly name: string;
  readonly input: object;
  /** A folder for CPU profiles. */
  readonly profile: string | undefined;
  /** Its process is expected to die by a signal when it has spoken. */
  readonly mayDie: boolean;
}

/**
 * The measures, by name.
 * @throws Error with the end of what it wrote to stderr, when it failed or said nothing
 */
export async function runEntrant({ entry, name, input, profile, mayDie }: EntrantRun): Promise<Record<string, number>> {
  const profiling = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir'];
  const child = fork(entry, [name, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: profile === undefined ? [] : [...profiling, profile],
    timeout: entrantMsMax,
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
  return JSON.parse(said) as Record<string, number>;
}
