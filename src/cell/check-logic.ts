/**
 * Refuse, when a definition is registered, what could not be restored after a crash. What only running code shows
 * (`spawn` inside an assign, `enqueueActions`) is refused by the turn that does it, see `CellSystem`.
 */
import { TroupeError } from '../core/errors.js';
import { isMachine, type MachineInsides, type NodeInsides } from './xstate-internals.js';

/**
 * Check a definition's logic, and that of the local children it can name.
 * @param logic what was given to `defineActor`
 * @param name the definition's name, for the message
 * @throws TroupeError DEFINITION_LOGIC when it is no actor logic, or names a child nobody registered
 * @throws TroupeError INLINE_CHILD when an action spawns logic that has no name
 */
export function checkLogic(logic: unknown, name: string): void {
  check(logic, name, new Set());
}

function check(logic: unknown, where: string, seen: Set<unknown>): void {
  if (seen.has(logic)) return;
  seen.add(logic);
  const { transition, getInitialSnapshot, getPersistedSnapshot } = (logic ?? {}) as Record<string, unknown>;
  for (const [key, member] of Object.entries({ transition, getInitialSnapshot, getPersistedSnapshot })) {
    if (typeof member === 'function') continue;
    throw new TroupeError('DEFINITION_LOGIC', `${where} is not actor logic: it has no ${key}`, { field: where });
  }
  if (!isMachine(logic as object)) return;
  const machine = logic as unknown as MachineInsides;
  for (const node of machine.idMap.values()) checkNode(machine, node, where, seen);
  for (const [key, child] of Object.entries(machine.implementations.actors)) {
    check(child, `the actor '${key}' of ${where}`, seen);
  }
}

function checkNode(machine: MachineInsides, node: NodeInsides, where: string, seen: Set<unknown>): void {
  const transitions = [...node.transitions.values(), node.always ?? []].flat();
  const actions = [node.entry, node.exit, node.initial?.actions ?? [], ...transitions.map((each) => each.actions)];
  for (const action of actions.flat()) checkAction(machine, action, `state '${node.id}' of ${where}`);
  const given = [node.config.invoke ?? []].flat() as { src: unknown }[];
  for (const [index, invoke] of node.invoke.entries()) {
    const src = given[index]?.src;
    const child = `what state '${node.id}' of ${where} invokes as '${invoke.id}'`;
    // Inline logic is found again by the position of its invoke.
    if (typeof src === 'string') checkRegistered(machine, src, child);
    else check(src, child, seen);
  }
}

/** Looks at `spawnChild`, also behind a name of `setup({ actions })`. Other actions are closed functions. */
function checkAction(machine: MachineInsides, action: unknown, where: string): void {
  const name = typeof action === 'string' ? action : typeof action === 'object' && (action as { type: string }).type;
  const found = typeof name === 'string' ? machine.implementations.actions[name] : action;
  if (typeof found !== 'function') return;
  const { type, src, id } = found as { type?: unknown; src?: unknown; id?: unknown };
  if (type !== 'xstate.spawnChild') return;
  const child = typeof id === 'string' ? `'${id}'` : 'a child';
  if (typeof src === 'string') {
    checkRegistered(machine, src, `what ${where} spawns as ${child}`);
    return;
  }
  const message = `${where} spawns ${child} from inline logic, which no restart could restore`;
  throw new TroupeError('INLINE_CHILD', `${message}; register it in setup({ actors })`, { field: where });
}

function checkRegistered(machine: MachineInsides, src: string, child: string): void {
  if (Object.hasOwn(machine.implementations.actors, src)) return;
  const message = `${child} is named '${src}', which is not in setup({ actors })`;
  throw new TroupeError('DEFINITION_LOGIC', message, { field: src, value: src });
}
