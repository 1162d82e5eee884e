/** From what a caller asks for to the spec the journal keeps: used by `system.spawn` and by `spawnActor`. */
import type { ActorDefinition, SpawnOptions } from '../cell/define.js';
import { encode } from '../core/codec.js';
import type { ActorRef } from '../core/ref.js';
import { checkId, childPath } from '../core/path.js';
import { durabilityCodes, type SpawnSpec, type SpawnSupervision, Supervises } from '../journal/ops.js';

/**
 * The spec of a new actor.
 * @param parent undefined: at the root
 * @param nextNumber makes an id where none is given, and the place is not the root
 * @throws TroupeError PATH_ILLEGAL, PAYLOAD_NOT_CARRIABLE
 */
export function spawnSpec(
  definition: ActorDefinition,
  options: SpawnOptions<unknown>,
  parent: ActorRef | undefined,
  nextNumber?: () => number,
): SpawnSpec {
  const { name, url, version } = definition;
  let { id } = options;
  const autoId = id === undefined && nextNumber === undefined;
  if (id === undefined) id = nextNumber === undefined ? `${name}-` : `${name}-${nextNumber()}`;
  checkId(id, 'id');
  return {
    path: childPath(parent?.path ?? '/', id),
    parent: parent?.aid ?? 0,
    name,
    url,
    version,
    durability: durabilityCodes[definition.options.durability],
    placement: definition.options.placement ?? '',
    keepHistoryMs: definition.options.keepHistoryMs ?? 0,
    input: options.input === undefined ? new Uint8Array(0) : encode(options.input, 'input'),
    autoId,
    receipt: parent === undefined || nextNumber === undefined,
    supervision: supervisionOf(definition),
  };
}

/** Neither supervised nor a supervisor. */
export const unsupervised: SpawnSupervision = {
  supervised: false,
  supervises: Supervises.no,
  shutdownMs: Number.POSITIVE_INFINITY,
  rank: 0,
  anew: false,
  childrenMax: Number.POSITIVE_INFINITY,
  isChildrenMaxShared: false,
  asker: undefined,
};

/** Of an actor that nobody supervises; whoever starts it as a supervisor says more. */
function supervisionOf({ options: { supervises } }: ActorDefinition): SpawnSupervision | undefined {
  if (supervises === undefined) return undefined;
  const code = supervises === 'together' ? Supervises.together : Supervises.inOrder;
  return { ...unsupervised, supervises: code };
}
