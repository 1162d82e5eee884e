/**
 * What XState's `getPersistedSnapshot` gives for a machine, made here: it is made after every message of a machine that
 * has local children, and XState's way through a context goes over each byte of a buffer in it, as a key of its own.
 *
 * The way back has the same trap, which `hidingBytes` covers.
 *
 * V1  The result is XState's, member for member, in its order, so what is stored reads the same whoever has made it.
 */
import { isMachine, type LocalActor, type LocalSnapshot } from './xstate-internals.js';

/** How XState writes down that a context refers to a local child. */
interface ChildName {
  xstate$$type: 1;
  id: string;
}

/** A local child, with what XState stores of it. */
type StoredChild = LocalActor & { readonly _syncSnapshot: unknown };

/** A machine's snapshot, as XState persists it (V1). */
export function persistedOf(snapshot: LocalSnapshot): unknown {
  const { status, output, error, value, context, children = {}, historyValue = {} } = snapshot;
  const history: Record<string, unknown> = {};
  for (const key in historyValue) {
    const nodes = historyValue[key];
    if (Array.isArray(nodes)) history[key] = nodes.map(({ id }) => ({ id }));
  }
  const stored: Record<string, unknown> = {};
  for (const id in children) {
    const child = children[id] as StoredChild;
    const { src, systemId, _syncSnapshot: syncSnapshot } = child;
    const ofChild = isMachine(child.logic) ? persistedOf(child.getSnapshot()) : child.getPersistedSnapshot();
    stored[id] = { snapshot: ofChild, src, systemId, syncSnapshot };
  }
  return { status, output, error, value, historyValue: history, context: withNames(context), children: stored };
}

/** The same value, with names in the place of local children; a copy only of what has one. */
function withNames(value: unknown): unknown {
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let at = 0; at < value.length; at += 1) {
      const named = nameOrWalk(value[at]);
      if (named === value[at]) continue;
      copy ??= value.slice();
      copy[at] = named;
    }
    return copy ?? value;
  }
  const from = value as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  // Inherited members too, as XState has it.
  for (const key in from) {
    const named = nameOrWalk(from[key]);
    if (named === from[key]) continue;
    copy ??= { ...from };
    copy[key] = named;
  }
  return copy ?? value;
}

function nameOrWalk(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return value;
  if ('sessionId' in value && 'send' in value && 'ref' in value) {
    return { xstate$$type: 1, id: (value as unknown as LocalActor).id } satisfies ChildName;
  }
  return withNames(value);
}

/**
 * Restore a snapshot while XState does not see the buffers in it: it looks for names of local children in each byte.
 * @param snapshot what is restored; freshly decoded, so that nobody else has it
 * @param restore called once
 */
export function hidingBytes<T>(snapshot: unknown, restore: () => T): T {
  const hidden: [holder: object, key: string][] = [];
  hideIn(snapshot, hidden);
  try {
    return restore();
  } finally {
    for (const [holder, key] of hidden) Object.defineProperty(holder, key, { enumerable: true });
  }
}

function hideIn(value: unknown, hidden: [holder: object, key: string][]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) for (const [at, each] of value.entries()) hideMember(value, `${at}`, each, hidden);
  else for (const key in value) hideMember(value, key, (value as Record<string, unknown>)[key], hidden);
}

function hideMember(holder: object, key: string, value: unknown, hidden: [holder: object, key: string][]): void {
  if (!ArrayBuffer.isView(value)) return hideIn(value, hidden);
  // What a migration has frozen stays as it is: XState then takes its time.
  if (Object.getOwnPropertyDescriptor(holder, key)?.configurable !== true) return;
  Object.defineProperty(holder, key, { enumerable: false });
  hidden.push([holder, key]);
}
