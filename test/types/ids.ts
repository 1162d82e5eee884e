/** Ids of one kind never stand where another one is asked for. Checked by the compiler alone; nothing here runs. */
import type { Element, Manager, Progression } from '../../actors/index.js';
import { type ActorRef, type EffectCall, effectIdOf, type System } from '../../src/index.js';
import type { ChildSpec } from '../../supervisors/index.js';

/** A plain text may be any of them, and any of them is a plain text. */
export async function texts(system: System, pile: Manager<unknown>, ref: ActorRef): Promise<string[]> {
  await system.state('/orders/order-17');
  await pile.get('an element');
  const { path } = ref;
  return [path, path.slice(1), `${path}/below`];
}

/** What does not fit does not compile. */
export async function refusals(
  system: System,
  pile: Manager<unknown>,
  order: Progression<unknown>,
  { id }: Element,
  { path }: ActorRef,
  call: EffectCall,
  child: ChildSpec,
): Promise<void> {
  await system.state(path);
  await pile.get(id);
  // @ts-expect-error an element's id is no path
  await system.state(id);
  // @ts-expect-error an element's id is no path
  system.get(id);
  // @ts-expect-error a path is no element's id
  await pile.get(path);
  // @ts-expect-error an effect's id is no element's
  await order.append(call.effectId);
  // @ts-expect-error an effect's id is no path
  system.get(effectIdOf(call) ?? '/');
  // @ts-expect-error a child is known by its id, not by its path
  child.id = path;
  // @ts-expect-error a child's id is no path
  await system.decisions({ path: child.id });
}
