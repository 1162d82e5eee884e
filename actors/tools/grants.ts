/**
 * Who may use which tool. Pure: what was declared, what was changed since, and questions about both.
 *
 * W1  Nobody may use anything unless a grant says so. A grant to `*` is one to everybody.
 * W2  What was granted or revoked at run time goes before what was declared, and what names a principal before `*`.
 * W3  By no set of grants can an actor that is a tool reach itself: what would make it so is refused.
 */
import { describeBriefly, TroupeError } from '../../src/index.js';
import { isCarriable } from './carriable.js';
import type { Approval, Tool } from './tool.js';

/** A grant as it is declared: a tool's name, or more. */
export type GrantSpec = string | ({ readonly tool: string } & GrantFacts);

/** What a grant says beside whom and which tool. */
export interface GrantFacts {
  /** Default: the tool's own. */
  readonly approval?: Approval;
  /** Who may approve of these calls. Default: the bus's. */
  readonly approvers?: readonly string[];
  /** Handed to the tool with each call, as `grant`. Plain data; default undefined. */
  readonly data?: unknown;
}

/** Grants by principal and tool; null: revoked. */
export type GrantTable = Readonly<Record<string, Readonly<Record<string, GrantFacts | null>>>>;

/** Everybody. */
const everybody = '*';

/** Names of principals, as long as ids of actors and twice. */
const principalCharsMax = 256;

/** Names of tools in a message. */
const namesShown = 32;

/** Is it the name of a principal? */
export function isPrincipal(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value !== '__proto__' && value.length <= principalCharsMax;
}

/**
 * The table of declared grants.
 * @throws TroupeError TOOL_SPEC for a tool that is not there, or what makes no sense
 */
export function tableOf(
  grants: Readonly<Record<string, readonly GrantSpec[]>>,
  tools: ReadonlyMap<string, Tool>,
  where: string,
): GrantTable {
  const table: Record<string, Record<string, GrantFacts | null>> = {};
  for (const [principal, specs] of Object.entries(grants)) {
    const field = `grants.${principal}`;
    if (!isPrincipal(principal) || !Array.isArray(specs)) refuse(where, field, specs, 'must be a list of grants');
    table[principal] = {};
    for (const spec of specs) {
      const { tool, ...facts } = typeof spec === 'string' ? { tool: spec } : (spec ?? { tool: undefined });
      if (!tools.has(tool as string))
        refuse(where, field, tool, `must name tools of the bus (known are ${namesOf(tools)})`);
      const wrong = wrongFacts(facts);
      if (wrong !== undefined) refuse(where, `${field}.${wrong}`, facts[wrong as keyof GrantFacts], 'makes no sense');
      table[principal][tool as string] = facts;
    }
  }
  return table;
}

/** The names of tools, as many as a message has room for. */
export function namesOf(tools: ReadonlyMap<string, Tool>): string {
  const names = [...tools.keys()];
  const more = names.length - namesShown;
  if (names.length === 0) return 'none';
  return names.slice(0, namesShown).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** The field of a grant's facts that makes no sense, if one does. */
export function wrongFacts(facts: object): string | undefined {
  for (const [field, value] of Object.entries(facts)) {
    if (value === undefined || (field === 'data' && isCarriable(value))) continue;
    if (field === 'approval' && ['allow', 'deny', 'ask'].includes(value as string)) continue;
    if (field === 'approvers' && Array.isArray(value) && value.every(isPrincipal)) continue;
    return field;
  }
  return undefined;
}

function refuse(where: string, field: string, value: unknown, what: string): never {
  throw new TroupeError('TOOL_SPEC', `${where}: ${field} ${what}, and is ${describeBriefly(value)}`, { field, value });
}

/** W1, W2: what a principal has been granted of a tool; undefined: nothing. */
export function grantOf(
  declared: GrantTable,
  changed: GrantTable,
  principal: string,
  tool: string,
): GrantFacts | undefined {
  for (const name of [principal, everybody]) {
    for (const table of [changed, declared]) {
      const row = Object.hasOwn(table, name) ? table[name] : undefined;
      if (row !== undefined && Object.hasOwn(row, tool)) return row[tool] ?? undefined;
    }
  }
  return undefined;
}

/** The table with one grant more, or one less. */
export function changedBy(table: GrantTable, principal: string, tool: string, facts: GrantFacts | null): GrantTable {
  const row = Object.hasOwn(table, principal) ? table[principal] : {};
  return { ...table, [principal]: { ...row, [tool]: facts } };
}

/**
 * W3: the way from a tool back to itself, by the principals of actors that are tools.
 * @returns the names of the tools on it, the first again at the end; undefined when there is none
 */
export function cycleOf(
  tools: ReadonlyMap<string, Tool>,
  declared: GrantTable,
  changed: GrantTable,
): readonly string[] | undefined {
  const nexts = new Map<string, string[]>();
  for (const { name, principal } of tools.values()) {
    if (principal === undefined) continue;
    const reached = [...tools.values()].filter(
      (other) => other.principal !== undefined && grantOf(declared, changed, principal, other.name) !== undefined,
    );
    nexts.set(
      name,
      reached.map((other) => other.name),
    );
  }
  const done = new Set<string>();
  const walk = (name: string, way: readonly string[]): readonly string[] | undefined => {
    const at = way.indexOf(name);
    if (at >= 0) return [...way.slice(at), name];
    if (done.has(name)) return undefined;
    for (const next of nexts.get(name) ?? []) {
      const found = walk(next, [...way, name]);
      if (found !== undefined) return found;
    }
    done.add(name);
    return undefined;
  };
  for (const name of nexts.keys()) {
    const found = walk(name, []);
    if (found !== undefined) return found;
  }
  return undefined;
}
