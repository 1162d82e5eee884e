/** Grants that are changed while the bus runs, and what it tells of itself. Pure. */
import type { BusBooks, BusRules, OpenCall } from './books.js';
import type { PendingApproval, ToolBusMetrics, ToolListing } from './bus-events.js';
import { changedBy, cycleOf, type GrantFacts, grantOf } from './grants.js';
import { failed, type ToolAnswer } from './outcome.js';
import type { Approval, Tool } from './tool.js';

/** Grant (with facts) or revoke (with null). The books change only when the answer is ok. */
export function changeGrant(
  books: BusBooks,
  { by, principal, tool, facts }: { by: string; principal: string; tool: string; facts: GrantFacts | null },
  rules: BusRules,
): { books: BusBooks; answer: ToolAnswer } {
  const no = (answer: ToolAnswer): { books: BusBooks; answer: ToolAnswer } => ({ books, answer });
  if (!rules.grantors.includes(by)) return no(failed('GRANT_FORBIDDEN', `${by} may not grant or revoke`));
  if (!rules.tools.has(tool)) return no(failed('TOOL_UNKNOWN', `there is no tool ${tool}`));
  const changed = changedBy(books.changed, principal, tool, facts);
  const cycle = facts === null ? undefined : cycleOf(rules.tools, rules.grants, changed);
  if (cycle !== undefined) {
    return no(
      failed('TOOL_CYCLE', `with ${tool} granted to ${principal} there would be a cycle: ${cycle.join(' > ')}`),
    );
  }
  return { books: { ...books, changed }, answer: { ok: true } };
}

/** How a principal stands to a tool; undefined: it may not be used at all. */
function approvalOf({ changed }: BusBooks, from: string, tool: Tool, rules: BusRules): Approval | undefined {
  const grant = grantOf(rules.grants, changed, from, tool.name);
  if (grant === undefined) return undefined;
  const approval = grant.approval ?? tool.approval;
  return approval === 'deny' ? undefined : approval;
}

/** The tools a principal may use, in the order they were declared. */
export function listFor(books: BusBooks, from: string, rules: BusRules): ToolListing[] {
  const listings: ToolListing[] = [];
  for (const tool of rules.tools.values()) {
    const approval = approvalOf(books, from, tool, rules);
    if (approval === undefined) continue;
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
    const approvers = approversOf(books, call, rules);
    if (by !== undefined && (by === call.from || !approvers.includes(by))) continue;
    const { id, from, callId, tool, args, since } = call;
    pending.push({ id, from, callId, tool, args, approvers, since });
  }
  return pending;
}

function approversOf(
  { changed }: BusBooks,
  { from, tool }: OpenCall,
  { grants, approvers }: BusRules,
): readonly string[] {
  return grantOf(grants, changed, from, tool)?.approvers ?? approvers;
}

/** What was counted. */
export function metricsOf({ metrics, open, unknown }: BusBooks): ToolBusMetrics {
  const calls = Object.values(open);
  const waiting = calls.filter(({ phase }) => phase === 'waiting').length;
  return { tools: { ...metrics }, open: calls.length, waiting, unknown };
}
