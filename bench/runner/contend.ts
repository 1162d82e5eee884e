/**
 * A contender's process: `node entry NAME INPUT` does the one thing it is told to, and says what it found as one line
 * of JSON: its measures; or `{ wrong }` or `{ absent }` and why.
 */
import { writeSync } from 'node:fs';
import { Absent, WrongResult } from './verdict.js';

/** What contenders give: measures by name, and perhaps `samples` and `versions`. */
type Said = Readonly<Record<string, unknown>>;

/**
 * Run the one that is named.
 * @typeParam I what the suite gives each of them
 * @param contenders by name
 * @param options `dying`: those whose process is killed as soon as they are through, without tidying up; `leaving`:
 * those that leave something running that nobody can stop, and are not waited for
 * @throws Error when there is none of that name
 */
export async function contend<I>(
  contenders: Readonly<Record<string, (input: I) => Promise<Said>>>,
  { dying = [], leaving = [] }: { dying?: readonly string[]; leaving?: readonly string[] } = {},
): Promise<void> {
  const [name = '', input = '{}'] = process.argv.slice(2);
  const contender = contenders[name];
  if (contender === undefined) throw new Error(`there is no contender ${name}`);
  // Who measures nothing for nobody ends: the runner may have been killed.
  process.once('disconnect', () => process.exit(1));
  process.channel?.unref();
  const said = await contender(JSON.parse(input) as I).catch(verdictOf);
  // Written at once: the process may be killed as soon as the line is out.
  writeAll(`${JSON.stringify(said)}\n`);
  if (dying.includes(name)) process.kill(process.pid, 'SIGKILL');
  // Nothing of a void attempt is waited for: threads, servers, programs.
  if ('wrong' in said || 'absent' in said || leaving.includes(name)) process.exit(0);
}

function verdictOf(error: unknown): Said {
  if (error instanceof WrongResult) return { wrong: error.message };
  if (error instanceof Absent) return { absent: error.message };
  throw error;
}

/** A pipe takes a long line in parts. */
function writeAll(text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(1, bytes, done);
}
