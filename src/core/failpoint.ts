/**
 * Named places in the kernel where a test may make something happen: a crash, a hang, a throw. Nothing
 * is armed outside of tests, and an unarmed failpoint costs one comparison.
 *
 * | name | where |
 * |---|---|
 * | `journal.beforeCommit` | a group is gathered and applied, nothing is written |
 * | `journal.beforeFlush` | the group is written and not flushed, mail that may go ahead is in the rings |
 * | `journal.afterCommitBeforeRoute` | the group is committed, nobody has been told |
 * | `journal.afterRoute` | acknowledgements and deliveries are in the rings |
 * | `recovery.afterRows` | the checkpoint's rows are read, the tail of the log is not |
 * | `host.beforeMessage` | a message is about to be handled |
 * | `turn.afterHandle` | a message is handled, the turn is not written |
 * | `turn.beforeCommit` | the turn record is complete, not yet in the ring |
 * | `host.afterAck` | a turn is acknowledged, its effects have not started |
 *
 * A child process arms one through the environment, `TROUPE_FAILPOINT=name:action:count`: at the
 * count-th time the place is reached, `kill` ends the process with SIGKILL, `stall` holds the thread for 50 ms
 * first, in which all others go on (whoever was told too early tells others), `exit` calls `process.exit(1)`,
 * `throw` throws. Worker threads inherit it.
 */

/** Every failpoint there is. */
export const failpointNames = [
  'journal.beforeCommit',
  'journal.beforeFlush',
  'journal.afterCommitBeforeRoute',
  'journal.afterRoute',
  'recovery.afterRows',
  'host.beforeMessage',
  'turn.afterHandle',
  'turn.beforeCommit',
  'host.afterAck',
] as const;

/** One of `failpointNames`. */
export type FailpointName = (typeof failpointNames)[number];

let armed: { name: FailpointName; left: number; act: () => void } | undefined;

/** Mark a place. */
export function hitFailpoint(name: FailpointName): void {
  if (armed === undefined || armed.name !== name) return;
  armed.left -= 1;
  if (armed.left > 0) return;
  const { act } = armed;
  armed = undefined;
  act();
}

/** Let `act` happen at the count-th time the place is reached on this thread. */
export function armFailpoint(name: FailpointName, count: number, act: () => void): void {
  armed = { name, left: count, act };
}

/** Forget what was armed. */
export function disarmFailpoint(): void {
  armed = undefined;
}

/** How long `stall` holds a thread, in milliseconds. */
const stallMs = 50;

function kill(): void {
  process.kill(process.pid, 'SIGKILL');
}

const actions: Record<string, () => void> = {
  kill,
  stall: () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
    kill();
  },
  exit: () => process.exit(1),
  throw: () => {
    throw new Error('failpoint');
  },
};

/** Arm what the environment asks for; called once by every thread of the kernel. */
export function armFromEnvironment(value: string | undefined): void {
  const [name, action, count] = (value ?? '').split(':');
  const known = failpointNames.find((candidate) => candidate === name);
  const act = actions[action ?? ''];
  if (known !== undefined && act !== undefined) armFailpoint(known, Math.max(1, Number(count) || 1), act);
}
