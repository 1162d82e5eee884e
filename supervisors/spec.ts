/**
 * What a supervisor is told to be: data, checked once, where it is declared.
 *
 * A child is declared with its definition, which holds functions. What travels and rests in the journal is `ChildData`:
 * the same with the definition's facts in its place, so that a child can be started by a message too.
 */
import type { ActorId } from '../src/core/ids.js';
import { type ActorDefinition, checkId, TroupeError } from '../src/index.js';
import { type Backoff, checkBackoff } from './backoff.js';
import { checkRecovery, type RecoveryByCode } from './recovery.js';
import { oneOf, refuse, refuseUnknown, requireCount } from './refuse.js';
import { checkIntensity, intensityDefault, type RestartIntensity } from './restart-intensity.js';
import { isDefault, requireHandles } from './routing.js';

/**
 * Whom a failure concerns. `one-for-one`: the failed child. `one-for-all`: all children. `rest-for-one`: it and those
 * started after it. (The strategies of OTP's supervisor.) `escalate`: the supervisor above; this one restarts nobody,
 * and fails as soon as a child would have to be restarted.
 */
export type Strategy = 'one-for-one' | 'one-for-all' | 'rest-for-one' | 'escalate';

/** When a child is restarted. `permanent`: always. `transient`: when it failed. `temporary`: never. */
export type RestartType = 'permanent' | 'transient' | 'temporary';

/** When a supervisor ends because significant children did: `never`, when `any` has, when `all` have. */
export type AutoShutdown = 'never' | 'any' | 'all';

/**
 * What a restarted child begins with. `restore`: its last committed state, and the failing message is tried again, up
 * to the definition's `maxAttempts`. `resume`: the same, and the message becomes a dead letter at once. `reset`: its
 * initial state, likewise (OTP's meaning).
 */
export type OnFailure = 'restore' | 'resume' | 'reset';

/**
 * How long a child may take to stop before it is killed, in milliseconds. `'kill'`, OTP's `brutal_kill`: it ends at
 * once, without being asked and without its stop hook. So does 0.
 */
export type Shutdown = number | 'kill';

/** A child as it is declared. */
export interface ChildSpec {
  /** The last part of its path, unique among its siblings. */
  id: ActorId;
  /** Its definition; another supervisor's too. Or, in its place, `supervisor`. */
  actor?: ActorDefinition;
  /** A supervisor declared in place; its definition's name is that of the one above, a dot, and this id. */
  supervisor?: SupervisorSpec;
  /** What it is started with. */
  input?: unknown;
  /** Default `permanent`. */
  restart?: RestartType;
  /**
   * How long it may take to stop before it is killed, in milliseconds; `'kill'`: it is killed at once, without its stop
   * hook. Default 5,000; supervisors: Infinity.
   */
  shutdownMs?: Shutdown;
  /** Its end by itself counts for `autoShutdown`. Not for permanent children. Default false. */
  significant?: boolean;
  /** Default `restore`. */
  onFailure?: OnFailure;
  /**
   * Tasks that the supervisor may route to it (its request `route`); among them `*`: those that nobody else handles,
   * for one child of a supervisor. Default: none.
   */
  handles?: readonly string[];
}

/** A supervisor as it is declared. */
export interface SupervisorSpec {
  /** Default `one-for-one`. */
  strategy?: Strategy;
  /** Default 3 restarts in 60 s. OTP's is 1 in 5 s. */
  intensity?: RestartIntensity;
  /** Wait before a restart. Default: none. */
  backoff?: Backoff;
  /** What errors of children ask for, by code. Default: nothing; every failure is met as declared. */
  recovery?: RecoveryByCode;
  /** Default `never`. */
  autoShutdown?: AutoShutdown;
  /**
   * How long its decisions must last before they are followed: `flushed` (default) survives the machine, `committed`
   * the process, and restarts sooner. Either way nothing that follows from a decision survives without it.
   */
  durability?: 'flushed' | 'committed';
  /** In the order of their start. */
  children?: readonly ChildSpec[];
  /** More are refused. Default 1,000. */
  maxChildren?: number;
}

/** What of a definition a supervisor needs to start an actor of it. */
export interface DefinitionFacts {
  name: string;
  url: string;
  version: number;
  options: Pick<ActorDefinition['options'], 'durability' | 'placement' | 'keepHistoryMs' | 'supervises'>;
}

/** A child as it travels. Made by `childOf`. */
export interface ChildData {
  id: ActorId;
  actor: DefinitionFacts;
  input: unknown;
  restart: RestartType;
  shutdownMs: Shutdown;
  significant: boolean;
  onFailure: OnFailure;
  /** Absent: no tasks. */
  handles?: readonly string[] | undefined;
}

/** What every kind of supervisor says, checked, with its defaults. */
export interface CheckedCommon {
  intensity: RestartIntensity;
  backoff: Backoff | undefined;
  recovery: RecoveryByCode;
  durability: 'flushed' | 'committed';
  maxChildren: number;
}

/** A supervisor's declaration, checked, with its defaults. */
export interface CheckedSupervisor extends CheckedCommon {
  strategy: Strategy;
  autoShutdown: AutoShutdown;
  children: readonly ChildData[];
}

const strategies: readonly string[] = ['one-for-one', 'one-for-all', 'rest-for-one', 'escalate'];
const restartTypes: readonly string[] = ['permanent', 'transient', 'temporary'];
const autoShutdowns: readonly string[] = ['never', 'any', 'all'];
const onFailures: readonly string[] = ['restore', 'resume', 'reset'];

/** A child's id must be fit for a path. @throws TroupeError SUPERVISOR_SPEC */
export function requireId(id: unknown, field: string): void {
  try {
    if (typeof id === 'string') checkId(id, field);
    else refuse(field, id, 'must be a path part: letters, digits and _.~@:$+-');
  } catch (error) {
    if (TroupeError.is(error, 'SUPERVISOR_SPEC')) throw error;
    refuse(field, id, `must be a path part (${(error as Error).message})`);
  }
}

/** @throws TroupeError SUPERVISOR_SPEC */
function requireShutdown(shutdownMs: unknown, field: string): void {
  if (shutdownMs === 'kill' || (typeof shutdownMs === 'number' && shutdownMs >= 0)) return;
  refuse(field, shutdownMs, "must be milliseconds from 0, or 'kill'");
}

/** As the kernel takes it. */
export function shutdownMsOf(shutdown: Shutdown): number {
  return shutdown === 'kill' ? 0 : shutdown;
}

/** A child that came in a message. @throws TroupeError SUPERVISOR_SPEC when it was not made by `childOf` */
export function requireChildData(data: ChildData): void {
  if (typeof data !== 'object' || data === null) refuse('child', data, 'must be made by childOf');
  requireId(data.id, 'child.id');
  const { actor, restart, shutdownMs, onFailure } = data;
  if (typeof actor?.url !== 'string' || actor.options === undefined)
    refuse('child.actor', actor, 'must be made by childOf');
  if (actor.options.durability === 'none') refuse('child.actor', actor.name, 'must be journaled');
  oneOf(restart, restartTypes, 'child.restart');
  oneOf(onFailure, onFailures, 'child.onFailure');
  requireShutdown(shutdownMs, 'child.shutdownMs');
  if (data.handles !== undefined) requireHandles(data.handles, 'child.handles');
}

/** Check what every kind of supervisor says, and complete it. @throws TroupeError SUPERVISOR_SPEC, OPTION_RANGE */
export function checkCommon(spec: Partial<CheckedCommon>, where: string, maxChildrenDefault: number): CheckedCommon {
  const { intensity = intensityDefault, backoff, recovery = {}, durability = 'flushed' } = spec;
  const { maxChildren = maxChildrenDefault } = spec;
  checkIntensity(intensity);
  if (backoff !== undefined) checkBackoff(backoff);
  checkRecovery(recovery, `${where}.recovery`);
  oneOf(durability, ['flushed', 'committed'], `${where}.durability`);
  requireCount(maxChildren, `${where}.maxChildren`);
  return { intensity, backoff, recovery, durability, maxChildren };
}

/** Check a supervisor's declaration and complete it. @throws TroupeError SUPERVISOR_SPEC, OPTION_RANGE */
export function checkSupervisor(spec: SupervisorSpec, where: string): CheckedSupervisor {
  const fields = [
    'strategy',
    'intensity',
    'backoff',
    'recovery',
    'autoShutdown',
    'durability',
    'children',
    'maxChildren',
  ];
  refuseUnknown(spec, fields, where);
  const { strategy = 'one-for-one', autoShutdown = 'never', children = [] } = spec;
  oneOf(strategy, strategies, `${where}.strategy`);
  oneOf(autoShutdown, autoShutdowns, `${where}.autoShutdown`);
  const common = checkCommon(spec, where, 1_000);
  const { maxChildren } = common;
  if (!Array.isArray(children)) refuse(`${where}.children`, children, 'must be a list');
  if (children.length > maxChildren) refuse(`${where}.children`, children.length, `must be at most ${maxChildren}`);
  const seen = new Set<string>();
  const checked = children.map((child, index) => {
    const data = childOf(child, `${where}.children[${index}]`, autoShutdown);
    if (seen.has(data.id)) refuse(`${where}.children[${index}].id`, data.id, 'must be unique');
    seen.add(data.id);
    return data;
  });
  const second = checked.findIndex((data, index) => isDefault(data) && checked.findIndex(isDefault) < index);
  if (second >= 0) {
    const { handles } = checked[second] as ChildData;
    refuse(`${where}.children[${second}].handles`, handles, 'must not have `*`: another child is the default');
  }
  return { ...common, strategy, autoShutdown, children: checked };
}

/**
 * A child's declaration as data, to start it by a message: `ref.ask({ type: 'startChild', child: childOf({ ... }) })`.
 * @param where how errors name it
 * @throws TroupeError SUPERVISOR_SPEC naming the field and the value
 */
export function childOf(spec: ChildSpec, where = 'child', autoShutdown: AutoShutdown = 'any'): ChildData {
  if (spec.supervisor !== undefined) {
    refuse(`${where}.supervisor`, spec.supervisor, 'can only be declared within `supervisor(...)`');
  }
  refuseUnknown(
    spec,
    ['id', 'actor', 'supervisor', 'input', 'restart', 'shutdownMs', 'significant', 'onFailure', 'handles'],
    where,
  );
  const { id, actor, input, restart = 'permanent', significant = false, onFailure = 'restore', handles } = spec;
  requireId(id, `${where}.id`);
  if (handles !== undefined) requireHandles(handles, `${where}.handles`);
  if (typeof actor?.name !== 'string' || typeof actor.logic !== 'object') {
    refuse(`${where}.actor`, actor, 'must be a definition made by defineActor or supervisor');
  }
  const { name, url, version, options } = actor;
  const { durability, placement, keepHistoryMs, supervises } = options;
  if (durability === 'none')
    refuse(`${where}.actor`, name, 'must be journaled: durability `none` cannot be supervised');
  oneOf(restart, restartTypes, `${where}.restart`);
  oneOf(onFailure, onFailures, `${where}.onFailure`);
  if (typeof significant !== 'boolean') refuse(`${where}.significant`, significant, 'must be true or false');
  if (significant && restart === 'permanent') {
    refuse(
      `${where}.significant`,
      significant,
      'must be false for a permanent child: it never ends by itself for good',
    );
  }
  if (significant && autoShutdown === 'never') {
    refuse(`${where}.significant`, significant, 'must be false unless the supervisor has an autoShutdown');
  }
  const { shutdownMs = supervises === undefined ? 5_000 : Number.POSITIVE_INFINITY } = spec;
  requireShutdown(shutdownMs, `${where}.shutdownMs`);
  const facts = { name, url, version, options: { durability, placement, keepHistoryMs, supervises } };
  const data = { id, actor: facts, input, restart, shutdownMs, significant, onFailure };
  return handles === undefined ? data : { ...data, handles };
}
