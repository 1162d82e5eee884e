/** A4 and A5 of `accounting.ts`: timers and effects. */
import type { Evidence } from './evidence.js';
import { type Findings, repeated } from './findings.js';
import type { AccountContext } from './fixtures/account.js';
import type { ClerkContext, Stamped } from './fixtures/clerk.js';
import { numbersOf } from './fixtures/heard.js';

/** A4 */
export function checkTimers(evidence: Evidence, findings: Findings): void {
  for (const [path, { set, rang, early, cancelled }] of evidence.contexts<AccountContext>('/account-')) {
    findings.account.timers += set.length;
    const outcomes = [...rang, ...cancelled];
    for (const n of repeated(outcomes)) findings.double(`timer ${n} of ${path} rang twice, or after it was cancelled`);
    for (const n of set) if (!outcomes.includes(n)) findings.lose(`timer ${n} of ${path} never rang`);
    for (const n of outcomes) if (!set.includes(n)) findings.complain(`timer ${n} of ${path} rang and was never set`);
    for (const n of early) findings.complain(`timer ${n} of ${path} rang early`);
  }
}

/** A5 */
export function checkEffects(evidence: Evidence, findings: Findings): void {
  const clerks = evidence.contexts<ClerkContext>('/clerk-');
  const applied = new Map<string, Stamped>();
  for (const [path, clerk] of clerks) {
    findings.account.effects += clerk.applied.length;
    const results = clerk.applied.map(({ n }) => n);
    for (const n of repeated(results)) findings.double(`${path} applied the result of ${n} twice`);
    const ordered = new Set(numbersOf(clerk.heard.outside));
    const done = new Set(results);
    for (const n of ordered) if (!done.has(n)) findings.lose(`${path} never applied a result of ${n}`);
    for (const n of done)
      if (!ordered.has(n)) findings.complain(`${path} applied a result of ${n}, which was not ordered`);
    for (const result of clerk.applied) {
      const { effectId } = result;
      if (applied.has(effectId)) findings.double(`two results have the id ${effectId}`);
      applied.set(effectId, result);
    }
  }
  checkLedgers(evidence, findings, applied, new Map(clerks));
}

function checkLedgers(
  evidence: Evidence,
  findings: Findings,
  applied: ReadonlyMap<string, Stamped>,
  clerks: ReadonlyMap<string, ClerkContext>,
): void {
  const ran = new Set<string>();
  const recorded = new Set<string>();
  for (const line of evidence.history.lives.flatMap(({ ledger }) => ledger)) {
    const [word, name = '', number, mark] = line.split(' ');
    if (word === 'act') continue;
    if (word === 'settled') {
      recorded.add(name);
      continue;
    }
    if (word === 'recorded') {
      for (const { effectId } of clerks.get(name)?.applied.slice(0, Number(number)) ?? []) recorded.add(effectId);
      continue;
    }
    findings.account.effectRuns += 1;
    if (recorded.has(name)) findings.double(`${name} ran again after its result was recorded`);
    const result = applied.get(name);
    if (result?.n !== Number(number)) findings.complain(`${name} ran for ${number} and has no result`);
    else if (result.mark !== mark) findings.complain(`${name} ran for ${number} in a turn that was undone`);
    ran.add(name);
  }
  for (const effectId of applied.keys()) {
    if (!ran.has(effectId)) findings.lose(`${effectId} has a result and never ran`);
  }
}
