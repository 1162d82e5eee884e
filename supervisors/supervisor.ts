/** Declaring a supervisor: an actor like any other, whose logic is `machine.ts`. */
import { type ActorDefinition, defineActor } from '../src/index.js';
import { supervisorMachine, type SupervisorEvents } from './machine.js';
import { checkSupervisor, type SupervisorSpec } from './spec.js';

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
  const checked = checkSupervisor(spec, `supervisor("${name}")`);
  return defineActor(meta, name, supervisorMachine(checked), { supervises: 'in-order' });
}
