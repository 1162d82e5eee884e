/** A1 to A3 of `accounting.ts`: messages from outside, messages between actors, and money. */
import type { Evidence } from './evidence.js';
import { type Findings, repeated } from './findings.js';
import type { AccountContext } from './fixtures/account.js';
import { numbersOf } from './fixtures/heard.js';
import { numbersPerLife } from './life.js';

const outside = 'outside';

/** A1 and A2, for what came from outside. */
export function checkOutside(evidence: Evidence, findings: Findings): void {
  const { account } = findings;
  for (const [path, { sent, acked }] of evidence.orders) {
    const heard = numbersOf(evidence.heardOf(path)[outside]);
    findings.order(path, outside, heard);
    // What a saboteur gave up is accounted for by `check-blame.ts`: here it counts like what it has handled.
    const handled = new Set([...heard, ...evidence.givenUpBy(path)]);
    const known = new Set(sent);
    for (const n of handled) if (!known.has(n)) findings.complain(`${path} handled ${n}, which nobody sent`);
    for (const n of acked) if (!handled.has(n)) findings.lose(`${path} never handled ${n}, which was acknowledged`);
    account.acked += acked.size;
    account.unacked += sent.length - acked.size;
    account.unackedHandled += sent.filter((n) => handled.has(n) && !acked.has(n)).length;
    for (const n of handled) {
      const isFirst = n % numbersPerLife === 1;
      if (!isFirst && !handled.has(n - 1))
        findings.lose(`${path} handled ${n} without ${n - 1} of the same life before it`);
    }
  }
  for (const refusal of evidence.refusals) findings.complain(refusal);
}

/** A1 to A3, for what accounts sent each other. */
export function checkPassed(evidence: Evidence, findings: Findings): void {
  const accounts = new Map(evidence.contexts<AccountContext>('/account-'));
  let total = 0;
  for (const [from, { balance, sent }] of accounts) {
    total += balance;
    for (const [to, count] of Object.entries(sent)) {
      const heard = numbersOf(evidence.heardOf(to)[from]);
      findings.order(to, from, heard);
      findings.account.passed += count;
      if (new Set(heard).size < count) findings.lose(`${to} handled ${heard.length} of ${count} messages of ${from}`);
      if (heard.some((n) => n > count)) findings.complain(`${to} handled messages that ${from} never sent`);
    }
  }
  for (const [to, { heard }] of accounts) {
    for (const from of Object.keys(heard)) {
      const isKnown = from === outside || accounts.get(from)?.sent[to] !== undefined;
      if (!isKnown) findings.complain(`${to} handled messages that ${from} never sent`);
    }
  }
  const expected = accounts.size * evidence.history.balanceAtStart;
  if (total !== expected) findings.complain(`the accounts hold ${total} and not ${expected}`);
}

/** A3, for what fanned out and must have come together again. */
export function checkGathered(evidence: Evidence, findings: Findings): void {
  for (const [path, { spread, gathered, gathering, stray }] of evidence.contexts<AccountContext>('/account-')) {
    findings.account.gathered += gathered.length;
    for (const { of, from } of gathering)
      findings.lose(`${path} still waits for receipts of ${of} from ${from.join()}`);
    for (const what of stray) findings.double(`${path} got a receipt that it did not wait for: ${what}`);
    for (const n of repeated(gathered)) findings.double(`${path} gathered ${n} twice`);
    const open = new Set([...gathered, ...gathering.map(({ of }) => of)]);
    for (const n of spread) if (!open.has(n)) findings.lose(`${path} spread ${n} and never gathered it`);
  }
}
