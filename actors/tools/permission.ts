/** May this call be made? Pure: grants, approvals and limits, as answers with a code. */
import { TroupeError } from '../../src/index.js';
import type { BusBooks, BusRules, OpenCall } from './books.js';
import type { ToolCallFields } from './bus-events.js';
import { grantOf } from './grants.js';
import { failed, type ToolError } from './outcome.js';
import type { Approval } from './tool.js';

/** How a principal stands to a tool; without an approval: not at all. */
export interface Permission {
  approval: Approval | undefined;
  approvers: readonly string[];
  /** The grant's data. */
  data: unknown;
}

/** What a principal may do with a tool now. */
export function permissionOf({ changed }: BusBooks, from: string, tool: string, rules: BusRules): Permission {
  const grant = grantOf(rules.grants, changed, from, tool);
  // A call may still wait whose grant is gone: it can be answered, and then fails for want of the grant.
  if (grant === undefined) return { approval: undefined, approvers: rules.approvers, data: undefined };
  const { approval = rules.tools.get(tool)?.approval ?? 'deny', approvers = rules.approvers, data } = grant;
  return { approval, approvers, data };
}

/** Why a principal may not use a tool: TOOL_NOT_GRANTED or TOOL_DENIED; undefined: it may, or may ask. */
export function whyForbidden(books: BusBooks, from: string, tool: string, rules: BusRules): ToolError | undefined {
  const { approval, approvers } = permissionOf(books, from, tool, rules);
  if (approval === undefined) return failed('TOOL_NOT_GRANTED', `${from} has no grant for ${tool}`).error;
  if (approval === 'deny') return failed('TOOL_DENIED', `${from} may not use ${tool} without an approval`).error;
  if (approval === 'ask' && !approvers.some((each) => each !== from)) {
    return failed('TOOL_DENIED', `${tool} needs an approval, and nobody is there who could give it`).error;
  }
  return undefined;
}

/**
 * How deep a call is: as deep as it says, and no less than one below the calls that its principal works for, should
 * the actor behind a tool have forgotten to say so.
 */
export function depthOf({ open }: BusBooks, { from, depth = 0 }: ToolCallFields, { tools }: BusRules): number {
  const above = Object.values(open).filter(({ tool }) => tools.get(tool)?.principal === from);
  return above.length === 0 ? depth : Math.max(depth, 1 + Math.min(...above.map((call) => call.depth)));
}

/** Why a call is not let in, with a code; undefined: it is. @param argsBytes of its encoded arguments */
export function whyNotLetIn(
  books: BusBooks,
  call: ToolCallFields,
  argsBytes: number,
  rules: BusRules,
): ToolError | undefined {
  const { from, tool } = call;
  const { tools, depthMax, callsMax, argsBytesMax } = rules;
  if (!tools.has(tool)) return failed('TOOL_UNKNOWN', `there is no tool ${tool}`).error;
  const forbidden = whyForbidden(books, from, tool, rules);
  if (forbidden !== undefined) return forbidden;
  const depth = depthOf(books, call, rules);
  if (depth > depthMax) {
    return failed('TOOL_DEPTH', `${tool} was called ${depth} tools deep, and ${depthMax} is the limit`).error;
  }
  if (Object.keys(books.open).length + books.line.length >= callsMax) {
    return failed('TOOL_BUSY', `${callsMax} calls are open; try again when some are done`).error;
  }
  if (argsBytes <= argsBytesMax) return undefined;
  return failed('TOOL_ARGS', `the arguments of ${tool} have ${argsBytes} bytes, and may have ${argsBytesMax}`).error;
}

/**
 * Why somebody's word about an approval does not count: TOOL_CALL_UNKNOWN, APPROVAL_ANSWERED or APPROVAL_FORBIDDEN,
 * with the field that is to blame. An error, and no answer: whoever does not look at answers is to hear of it.
 * @param call the open call of this id, if there is one
 */
export function whyNotDecided(
  books: BusBooks,
  by: string,
  id: string,
  call: OpenCall | undefined,
  rules: BusRules,
): TroupeError | undefined {
  const ofId = { field: 'id', value: id };
  const decided = books.decided.find((each) => each.id === id);
  if (decided !== undefined) {
    const what = decided.approved ? 'approved' : 'rejected';
    return new TroupeError('APPROVAL_ANSWERED', `${id} was ${what} by ${decided.by} before`, ofId);
  }
  const number = /^call-([1-9]\d{0,15})$/.exec(id)?.[1];
  if (number === undefined || Number(number) >= books.next) {
    return new TroupeError('TOOL_CALL_UNKNOWN', `there is no call ${id}`, ofId);
  }
  if (call?.phase !== 'waiting') {
    return new TroupeError('APPROVAL_ANSWERED', `${id} does not wait for an approval`, ofId);
  }
  if (by !== call.from && permissionOf(books, call.from, call.tool, rules).approvers.includes(by)) return undefined;
  const who = by === call.from ? `${by} calls, and cannot approve of it` : `${by} may not answer for ${call.tool}`;
  return new TroupeError('APPROVAL_FORBIDDEN', who, { field: 'by', value: by });
}
