/**
 * The checks of the torture: a pure function from what the outside knows (notes and ledgers, written before and
 * after every acknowledgement) and what the actors say at the end, to counts and complaints.
 *
 *   A1  Every acknowledged message was handled exactly once, every other one at most once, none that was not sent.
 *   A2  One sender's messages to one receiver were handled in the order sent, without a gap within one life.
 *   A3  Money is conserved, every message one actor sent another was handled once and in order, and what fanned out
 *       came together again.
 *   A4  Every timer that was set rang once and not early, or was cancelled.
 *   A5  Every order for an effect has one result; the effect ran at least once, and never after its result was
 *       recorded; nothing ran that was not asked for.
 *   A6  No actor is lost, failed or quarantined; nobody lives who was not planned, or whose parent or own stop was
 *       acknowledged; watchers were told of every end once.
 *   A7  No mail waits, nothing was refused, no dead letter; the journal is sound.
 *   A8  Where threads die: each message that takes its thread along was tried exactly as often as it may be, charged to
 *       its saboteur each time, and given up once; whose promise or timer ended a thread was charged once for it;
 *       nobody else was charged, but for threads that were ended from outside.
 */
import { checkActors, checkLeftOver } from './check-actors.js';
import { checkAttempts, checkBlame, checkDeeds, checkWords } from './check-blame.js';
import { checkGathered, checkOutside, checkPassed } from './check-messages.js';
import { checkEffects, checkTimers } from './check-work.js';
import { Evidence, type History } from './evidence.js';
import { type Account, Findings } from './findings.js';

/** Check a history. */
export function account(history: History): Account {
  const evidence = new Evidence(history);
  const findings = new Findings();
  findings.account.hostsKilled = evidence.hostsKilled;
  for (const check of checks) check(evidence, findings);
  return findings.account;
}

const checks = [
  checkOutside,
  checkPassed,
  checkGathered,
  checkTimers,
  checkEffects,
  checkActors,
  checkLeftOver,
  checkBlame,
  checkAttempts,
  checkWords,
  checkDeeds,
] as const;
