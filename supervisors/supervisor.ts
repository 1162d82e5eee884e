/** Declaring a supervisor: an actor like any other, whose logic is `machine.ts`. */
import { moduleOf } from '../src/core/meta.js';
import { type ActorDefinition, defineActor } from '../src/index.js';
import { supervisorMachine, type SupervisorEvents } from './machine.js';
import { refuse } from './refuse.js';
import { type ChildSpec, checkSupervisor, requireId, type SupervisorSpec } from './spec.js';

/**
 * Declare a supervisor, at the top level of a module, and export it. Spawn it as any actor; its children start in
 * order when it does.
 *
 *   export const shop = supervisor(import.meta, 'shop', {
 *     strategy: 'rest-for-one',
 *     intensity: { restarts: 3, periodMs: 5_000 },
 *     children: [{ id: 'stock', actor: stock }, { id: 'till', actor: till, restart: 'transient' }],
 *   });
 *   const ref = await system.spawn(shop, { id: 'shop' });
 *   await ref.ask({ type: 'children' });
 *
 * A whole tree can be one value: a child has a `supervisor` in the place of its `actor`.
 *
 *   export const company = supervisor(import.meta, 'company', {
 *     children: [{ id: 'sales', supervisor: { strategy: 'one-for-all', children: [...] } }, ...],
 *   });
 *
 * Another declaration may be deployed while the actors rest in the journal. At the next `system.spawn` children that
 * are new in it are started, in their place; those whose definition is another one are replaced; the others go on as
 * they are, under what is declared of them now. Children that are not declared any more go on until they are stopped
 * and deleted by name.
 *
 * The semantics are those of OTP's `supervisor`; what a restarted child begins with is `onFailure`. Its books (who
 * runs, how many restarts were granted, which backoff is under way) are its state: they survive the process, and each
 * decision commits together with them. A child's failing message waits at the head of its mail meanwhile.
 *
 * @param meta the module's `import.meta`
 * @param name unique in the system, like every definition's
 * @param spec see `SupervisorSpec`
 * @throws TroupeError SUPERVISOR_SPEC naming the field and the value, OPTION_RANGE; what `defineActor` throws
 */
export function supervisor(
  meta: { readonly url: string },
  name: string,
  spec: SupervisorSpec,
): ActorDefinition<undefined, SupervisorEvents> {
  moduleOf(meta, 'supervisor');
  return declare(meta, name, spec, []);
}

/** @param above the declarations this one is a part of */
function declare(
  meta: { readonly url: string },
  name: string,
  spec: SupervisorSpec,
  above: readonly SupervisorSpec[],
): ActorDefinition<undefined, SupervisorEvents> {
  const where = `supervisor("${name}")`;
  if (above.includes(spec)) refuse(where, name, 'must not contain itself');
  const flat = (child: ChildSpec, index: number): ChildSpec => {
    const { supervisor: inner, ...rest } = child ?? {};
    if (inner === undefined) return child;
    const at = `${where}.children[${index}]`;
    if (child.actor !== undefined) refuse(`${at}.supervisor`, child.id, 'cannot stand beside `actor`');
    requireId(child.id, `${at}.id`);
    return { ...rest, actor: declare(meta, `${name}.${child.id}`, inner, [...above, spec]) };
  };
  const { children } = spec;
  const flattened = Array.isArray(children) ? { ...spec, children: children.map(flat) } : spec;
  const checked = checkSupervisor(flattened, where);
  return defineActor(
    meta,
    name,
    supervisorMachine(() => checked),
    {
      supervises: 'in-order',
      durability: checked.durability,
    },
  );
}
