/**
 * Addresses inside a cell. A local child is found by the ids on the way from the root: 'a/b' is the child b of the
 * root's child a, and '' is the root. Ids are free text in XState, so the signs that addresses and timer ids are
 * built with are escaped.
 */
import type { LocalAddress } from './logic.js';

/** The root of a cell. */
export const rootAddress: LocalAddress = '';

/** What is outside the root: the troupe parent. No id can give this address. */
export const parentAddress: LocalAddress = '~^';

const special = /[~/|>]/;
const escapes: Readonly<Record<string, string>> = { '~': '~0', '/': '~1', '|': '~2', '>': '~3' };

/**
 * The address of a child.
 * @param parent the parent's address
 * @param id the child's XState id, any string
 */
export function childAddress(parent: LocalAddress, id: string): LocalAddress {
  const segment = id === '' ? '~e' : special.test(id) ? id.replace(/[~/|>]/g, (sign) => escapes[sign]!) : id;
  return parent === rootAddress ? segment : `${parent}/${segment}`;
}

/**
 * The id of a timer: unique in its cell, the same before and after a restore.
 * @param source who set it
 * @param target who receives it when that is another local actor, else undefined
 * @param sendId XState's id of the delayed event, any string
 */
export function timerIdOf(source: LocalAddress, target: LocalAddress | undefined, sendId: string): string {
  return target === undefined ? `${source}|${sendId}` : `${source}>${target}|${sendId}`;
}

/** The parts of what `timerIdOf` made. */
export function readTimerId(timerId: string): { source: LocalAddress; target: LocalAddress; sendId: string } {
  const bar = timerId.indexOf('|');
  const head = timerId.slice(0, bar);
  const arrow = head.indexOf('>');
  const source = arrow < 0 ? head : head.slice(0, arrow);
  return { source, target: arrow < 0 ? source : head.slice(arrow + 1), sendId: timerId.slice(bar + 1) };
}
