/** Grants that are changed while the bus runs, and what it tells of itself. Pure. */
import type { BusBooks, BusRules } from './books.js';
import type { PendingApproval, ToolBusMetrics, ToolListing } from './bus-events.js';
import { changedBy, cycleOf, type GrantFacts, namesOf } from './grants.js';
import { failed, type ToolAnswer } from './outcome.js';
import { permissionOf } from './permission.js';

/** Grant (with facts) or revoke (with null). The books change only when the answer is ok. */
export function changeGrant(
  books: BusBooks,
  { by, principal, tool, facts }: { by: string; principal: string; tool: string; facts: GrantFacts | null },
  rules: BusRules,
): { books: BusBooks; answer: ToolAnswer } {
  const no = (answer: ToolAnswer): { books: BusBooks; answer: ToolAnswer } => ({ books, answer });
  if (!rules.grantors.includes(by)) return no(failed('GRANT_FORBIDDEN', `${by} may not grant or revoke`));
  if (!rules.tools.has(tool))
    return no(failed('TOOL_UNKNOWN', `there is no tool ${tool}; known are ${namesOf(rules.tools)}`));
  const changed = changedBy(books.changed, principal, tool, facts);
  const cycle = facts === null ? undefined : cycleOf(rules.tools, rules.grants, changed);
  if (cycle !== undefined) {
    return no(
      failed('TOOL_CYCLE', `with ${tool} granted to ${principal} there would be a cycle: ${cycle.join(' > ')}`),
    );
  }
  return { books: { ...books, changed }, answer: { ok: true } };
}

/** The tools a principal may use, in the order they were declared. */
export function listFor(books: BusBooks, from: string, rules: BusRules): ToolListing[] {
  const listings: ToolListing[] = [];
  for (const tool of rules.tools.values()) {
    const { approval } = permissionOf(books, from, tool.name, rules);
    if (approval === undefined || approval === 'deny') continue;
    const { facts, touches, idempotent, timeoutMs, example } = tool;
    const listing: ToolListing = { ...facts, approval, touches, idempotent, timeoutMs };
    listings.push(example === undefined ? listing : { ...listing, example });
  }
  return listings;
}

/** The approvals that wait, oldest first. @param by only those that this principal may answer */
export function pendingFor(books: BusBooks, by: string | undefined, rules: BusRules): PendingApproval[] {
  const pending: PendingApproval[] = [];
  for (const call of Object.values(books.open)) {
    if (call.phase !== 'waiting') continue;
    const { approvers } = permissionOf(books, call.from, call.tool, rules);
    if (by !== undefined && (by === call.from || !approvers.includes(by))) continue;
    const { id, from, callId, tool, args, since } = call;
    pending.push({ id, from, callId, tool, args, approvers, since });
  }
  return pending;
}

/** What was counted. */
export function metricsOf({ metrics, open, line, unknown }: BusBooks): ToolBusMetrics {
  const calls = Object.values(open);
  const waiting = calls.filter(({ phase }) => phase === 'waiting').length;
  return { tools: { ...metrics }, open: calls.length + line.length, waiting, unknown };
}
