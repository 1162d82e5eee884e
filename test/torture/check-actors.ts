/** A6 and A7 of `accounting.ts`: who lives, who must not, and what is left over. */
import type { Evidence } from './evidence.js';
import { type Findings, repeated } from './findings.js';
import { type BranchContext, tellerId } from './fixtures/branch.js';
import { officePaths } from './fixtures/office.js';

/** A6 */
export function checkActors(evidence: Evidence, findings: Findings): void {
  const { actors, ended } = evidence.audit;
  const planned = new Set<string>();
  checkSpawned(evidence, findings, planned);
  for (const [path, context] of evidence.contexts<BranchContext>('/branch-')) {
    checkBranch(evidence, findings, path, context, planned);
  }
  for (const [path, { status }] of Object.entries(actors)) {
    findings.account.living += 1;
    if (status !== 'running') findings.complain(`${path} is ${status}`);
    if (!planned.has(path)) findings.orphan(`${path} lives, and should not`);
  }
  for (const path of Object.keys(ended)) {
    if (actors[path] !== undefined) findings.complain(`${path} has ended and lives`);
  }
}

/** A7 */
export function checkLeftOver({ audit, unsettled, unsound }: Evidence, findings: Findings): void {
  if (audit.waiting !== 0) findings.complain(`${audit.waiting} messages still wait`);
  if (unsettled > 0) findings.complain(`${unsettled} orders were never settled`);
  for (const letter of audit.deadLetters) findings.complain(`dead letter: ${letter}`);
  for (const problem of [...unsound, ...audit.journalProblems]) findings.complain(`journal check: ${problem}`);
}

/** Trees that were spawned from outside: there as a whole or gone as a whole, and as the acknowledgements say. */
function checkSpawned(evidence: Evidence, findings: Findings, planned: Set<string>): void {
  const { actors } = evidence.audit;
  for (const [root, { depth, isSpawned, stop }] of evidence.spawned) {
    const lives = actors[root] !== undefined;
    if (!lives && isSpawned && stop === 'none') findings.lose(`${root} was spawned and is not there`);
    if (lives && stop === 'done') findings.orphan(`${root} lives, and its stop was acknowledged`);
    if (!lives) {
      if (isSpawned) findings.account.ended += 1;
      continue;
    }
    for (const path of officePaths(root, depth)) {
      planned.add(path);
      if (actors[path] === undefined) findings.lose(`${path} is not there, and ${root} is`);
    }
  }
}

/** Every teller was greeted once and answered; the odd and the closed ones have ended, and their branch knows. */
function checkBranch(
  { audit: { actors, ended } }: Evidence,
  findings: Findings,
  branch: string,
  context: BranchContext,
  planned: Set<string>,
): void {
  for (const n of repeated(context.opened)) findings.double(`${branch} opened teller ${n} twice`);
  for (const n of repeated(context.hellos)) findings.double(`${branch} was answered twice by teller ${n}`);
  for (const n of repeated(context.closed)) findings.double(`${branch} closed teller ${n} twice`);
  for (const path of repeated(context.ended)) findings.double(`${branch} was told twice of the end of ${path}`);
  const mustEnd = new Set([...context.opened.filter((n) => n % 2 === 1), ...context.closed]);
  for (const n of context.opened) {
    const path = `${branch}/${tellerId(n)}`;
    const greetings = greetingsOf(actors[path]?.context ?? ended[path]?.output);
    if (greetings === undefined) {
      // One that was stopped leaves no output.
      if (ended[path] === undefined) findings.lose(`${path} was spawned and is not there`);
    } else if (greetings.length !== 1 || greetings[0] !== n) {
      findings.complain(`${path} was greeted with ${greetings.join() || 'nothing'} and not with ${n}`);
    }
    if (!context.hellos.includes(n)) findings.lose(`${branch} got no answer from teller ${n}`);
    if (!mustEnd.has(n)) {
      planned.add(path);
      if (actors[path] === undefined) findings.lose(`${path} should live`);
      continue;
    }
    findings.account.ended += 1;
    if (ended[path] === undefined) findings.complain(`${path} should have ended`);
    if (!context.ended.includes(path)) findings.lose(`${branch} was never told of the end of ${path}`);
  }
  if (context.ended.length > mustEnd.size) findings.complain(`${branch} was told of more ends than there were`);
}

function greetingsOf(context: unknown): readonly number[] | undefined {
  return (context as { greetings?: readonly number[] } | undefined)?.greetings;
}
