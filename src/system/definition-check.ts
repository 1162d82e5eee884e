/** Definitions at the system's door. */
import type { ActorDefinition } from '../cell/define.js';
import { TroupeError } from '../core/errors.js';

/** Refuse what `defineActor` did not make. */
export function checkDefinition(definition: unknown, field: string): asserts definition is ActorDefinition {
  const candidate = definition as Partial<ActorDefinition> | undefined | null;
  if (typeof candidate === 'object' && candidate !== null && 'logic' in candidate && typeof candidate.url === 'string')
    return;
  const found = candidate === null ? 'null' : typeof candidate;
  const message = `${field} must be what defineActor returned, and is of type ${found}`;
  throw new TroupeError('DEFINITION_UNKNOWN', message, { field, value: definition });
}
