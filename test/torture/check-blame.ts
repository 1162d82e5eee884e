/** A8 of `accounting.ts`: who was charged for the threads that died, and how often. */
import type { Evidence, FailureSeen } from './evidence.js';
import { attemptsOf, isFatal, isLate, lateKinds } from './faults.js';
import { type Findings, repeated } from './findings.js';
import type { SaboteurContext } from './fixtures/saboteur.js';
import { numbersOf } from './fixtures/heard.js';

/** The thread was ended from outside, or at a failpoint of the kernel: whoever ran is charged, guilty or not. */
function isFromOutside({ code, error }: FailureSeen): boolean {
  return code === 'THREAD_LOST' && / (terminated|exit with code 1)$/.test(error);
}

/** What is said of an actor whose thread died. */
const threadCodes: ReadonlySet<string> = new Set(['THREAD_LOST', 'MESSAGE_HUNG', 'EFFECT_UNCAUGHT']);

/** What a saboteur's message must be charged with. */
const codesOf: Record<string, readonly string[]> = {
  exit: ['THREAD_LOST'],
  // Collecting garbage in vain may also take longer than one message may.
  hoard: ['THREAD_LOST', 'MESSAGE_HUNG'],
  loop: ['MESSAGE_HUNG'],
  block: ['MESSAGE_HUNG'],
};

/** How many threads are known to have died in this way. */
function fallen({ falls }: Evidence, ...kinds: readonly string[]): number {
  return kinds.reduce((sum, kind) => sum + (falls.get(kind) ?? 0), 0);
}

/** Nobody was charged who is innocent. */
export function checkBlame(evidence: Evidence, findings: Findings): void {
  let fromOutside = 0;
  for (const failure of evidence.audit.failures) {
    const { path, n, act = '', code, error } = failure;
    if (isFromOutside(failure)) fromOutside += 1;
    else if (!path.startsWith('/saboteur-')) {
      if (!error.startsWith('stumbled')) findings.misjudge(`${path} is innocent, and was charged: ${code} ${error}`);
    } else if (code !== 'EFFECT_UNCAUGHT' && !codesOf[act]?.includes(code)) {
      findings.misjudge(`${path} was charged for ${act} ${n}: ${code} ${error}`);
    }
  }
  const most = fallen(evidence, 'killed', 'failpoint') + evidence.cutShort;
  if (evidence.seesFalls && fromOutside > most)
    findings.misjudge(`${fromOutside} were charged for the ${most} threads ended from outside`);
}

function indexOf(path: string): number {
  return Number(path.slice('/saboteur-'.length));
}

/** Every message that takes its thread along was tried as often as it may be, and given up once. */
export function checkAttempts(evidence: Evidence, findings: Findings): void {
  for (const [path, { acts, acked }] of evidence.orders) {
    const failures = evidence.audit.failures.filter((each) => each.path === path);
    const givenUp = evidence.givenUpBy(path);
    for (const n of repeated(givenUp)) findings.double(`${path} gave up ${n} twice`);
    const heard = new Set(numbersOf(evidence.heardOf(path).outside));
    for (const [n, act] of acts) {
      const isGivenUp = givenUp.includes(n);
      if (isGivenUp && heard.has(n)) findings.double(`${path} gave up ${n} and has handled it`);
      const charged = failures.filter((each) => each.n === n);
      if (!isFatal(act)) {
        // As often as it may be tried, its thread was ended from outside meanwhile.
        const isUnlucky = charged.length === attemptsOf(indexOf(path)) && charged.every(isFromOutside);
        if (isGivenUp && !isUnlucky) findings.lose(`${path} gave up ${n}, which was only ${act}`);
        continue;
      }
      // Never accepted, as far as anybody knows.
      if (!acked.has(n) && !isGivenUp && charged.length === 0) continue;
      if (!isGivenUp) findings.lose(`${path} never gave up ${n}, which was ${act}`);
      checkCharges(path, `${act} ${n}`, charged, findings);
    }
  }
}

function checkCharges(path: string, what: string, charged: readonly FailureSeen[], findings: Findings): void {
  const most = attemptsOf(indexOf(path));
  const all = Array.from({ length: most }, (_, index) => index + 1);
  const expected = all.map((attempt) => `${attempt} ${attempt < most ? 'restore' : 'resume'}`).join(', ');
  const found = charged.map(({ attempts, decision }) => `${attempts} ${decision}`).join(', ');
  findings.account.givenUp += 1;
  findings.account.attempts += charged.length;
  if (found !== expected) findings.misjudge(`${path} was charged for ${what} like this: ${found}; not ${expected}`);
}

/** Whose promise or timer ended a thread was charged for it, once. */
export function checkWords(evidence: Evidence, findings: Findings): void {
  const words = evidence.audit.failures.filter(({ code }) => code === 'EFFECT_UNCAUGHT').length;
  const falls = fallen(evidence, ...lateKinds);
  findings.account.words += words;
  if (words < falls) findings.misjudge(`${falls} threads died of what was begun, and ${words} were charged`);
  const most = falls + evidence.cutShort;
  if (words > most) findings.double(`${words} were charged for the ${most} threads that died of what was begun`);
  const letters = evidence.audit.givenUp.filter(({ what }) => what === 'word').length;
  if (letters !== words)
    findings.complain(`${words} failed at word of a thread, and ${letters} such words were given up`);
  for (const { path, what } of evidence.audit.givenUp) {
    if (typeof what === 'string' && what !== 'word') findings.lose(`${path} gave up ${what}`);
  }
}

/** What saboteurs did, as the ledgers have it, and what they remember. */
export function checkDeeds(evidence: Evidence, findings: Findings): void {
  const { failures } = evidence.audit;
  const done = evidence.history.lives.flatMap(({ ledger }) => ledger.filter((line) => line.startsWith('act ')));
  const fatal = done.filter((line) => isFatal(line.split(' ')[3] ?? '')).length;
  const charged = failures.filter(({ act = '' }) => isFatal(act));
  const own = charged.filter((each) => !isFromOutside(each)).length;
  if (fatal < own) findings.double(`${own} attempts were charged, and ${fatal} were made`);
  // One that was not charged: it could not be told from another message of its turn, or the process was killed.
  const threads = failures.filter(({ code }) => threadCodes.has(code)).length;
  const seen = fallen(evidence, ...evidence.falls.keys());
  const most = charged.length + Math.max(0, seen - threads) + evidence.cutShort;
  if (fatal > most) findings.misjudge(`${fatal} attempts were made, and ${most} can be explained`);
  const begun = new Set(done.map((line) => line.split(' ').slice(1, 3).join(' ')));
  for (const [path, { acts }] of evidence.orders) {
    const heard = new Set(numbersOf(evidence.heardOf(path).outside));
    for (const [n, act] of acts) {
      if (isLate(act) && heard.has(n) && !begun.has(`${path} ${n}`))
        findings.complain(`${path} has handled ${n} and not done it`);
    }
  }
  for (const [path, { handled, heard }] of evidence.contexts<SaboteurContext>('/saboteur-')) {
    const count = numbersOf(heard.outside).length;
    if (handled !== count) findings.complain(`${path} has handled ${handled} messages, and heard ${count}`);
  }
}
