/**
 * The process that `--kill` starts, and kills. It gets what to do as JSON in its only argument. When it is to be
 * killed, it says so when half is done and then only waits: its actors work on until the signal ends everything.
 */
import { type RunOptions, run } from './run.js';
import { Screen } from './screen.js';

/** The argument. */
export interface ChildOptions extends RunOptions {
  /** This process will be killed halfway. */
  isVictim: boolean;
  /** See `Screen`. */
  startedAt: number;
}

const { isVictim, startedAt, ...options } = JSON.parse(process.argv[2] as string) as ChildOptions;

/** Without its parent there is nobody to work for. */
const orphaned = () => process.exit(1);
process.on('disconnect', orphaned);

async function sayHalf(share: number): Promise<void> {
  if (!isVictim || share < 0.5) return;
  process.send?.('half done');
  await new Promise(() => {});
}

process.exitCode = await run({ ...options, onShare: sayHalf }, new Screen(startedAt));
process.off('disconnect', orphaned);
process.disconnect();
