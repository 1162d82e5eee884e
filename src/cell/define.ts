/**
 * Definitions: logic with a name, which any thread can find again by importing the module that made it.
 *
 * I own this thread's registry of names.
 *
 * D1  One name belongs to one module. A module that is evaluated again (a query behind its URL, as development
 *     servers add) replaces its own definitions.
 * D2  What a definition says is checked here, once; the rest of the kernel relies on it.
 */
import type { ActorId } from '../core/ids.js';
import type { AnyActorLogic, EventFromLogic, InputFrom, OutputFrom } from 'xstate';
import { describeBriefly, TroupeError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import type { EventObject } from '../core/message.js';
import { moduleOf } from '../core/meta.js';
import { checkOptions, type OptionsSpec } from '../core/options.js';
import type { Durability } from '../core/ref.js';
import { checkLogic } from './check-logic.js';
import type { TurnContext } from './context.js';
import type { EffectFunction } from './named-effects.js';

/** Where an actor would like to run: see `placement` below. */
export type PlacementWish = 'least-loaded' | 'hash' | 'with-parent' | `pinned:${number}`;

/** Functions of a definition that run in a turn of the actor; what they send is part of it. */
export interface DefinitionHooks {
  /** Before the initial transition, once in an actor's life. A throw fails the start. */
  preStart?(context: TurnContext): void;
  /** When the actor is stopped (not when it ends by itself). A throw is recorded and stops it all the same. */
  postStop?(context: TurnContext): void;
}

/** How actors of a definition are to be kept. */
export interface DefinitionOptions {
  /**
   * The version of the stored state, a whole number from 1; default 1. Raise it when the shape of the context or the
   * names of states change, and give `migrate`. A stored state of another version is never restored unmigrated.
   */
  version?: number;
  /**
   * Turn a state stored by an older version into one of this version. Gets what the logic persisted (for a machine:
   * XState's persisted snapshot) and the version that wrote it. A throw quarantines the actor, with its mail.
   */
  migrate?(snapshot: unknown, fromVersion: number): unknown;
  /**
   * What must have happened before a turn counts; default `flushed`. `flushed` survives a power cut, `committed`
   * survives `kill -9`, `none` survives nothing: state and mail are lost with the thread.
   */
  durability?: Durability;
  /** How often a failing message is tried before it becomes a dead letter, 1 to 1,000; default 3. */
  maxAttempts?: number;
  /** Idle time after which an actor leaves memory until its next message, in milliseconds; default 600,000. */
  passivateAfterMs?: number;
  /**
   * How long the history of its actors must be kept at least, in milliseconds. Default 0: as long as the system's
   * `retentionBytes` leave it. History goes by whole stretches of the log, so the longest wish in one counts for all
   * that is in it. It decides what `system.history` can show, never what a recovery needs.
   */
  keepHistoryMs?: number;
  /**
   * Which host is to run an actor; default `least-loaded`. `hash`: always the same for a path; `with-parent`: its
   * parent's; `pinned:2`: the third oldest (modulo the number of hosts). An actor stays where it is for as long as it
   * is in memory. While a thread is being replaced the younger ones move up, and the new one is the youngest: who is
   * pinned and comes back meanwhile, or afterwards, goes to the one that has its number then.
   */
  placement?: PlacementWish;
  /** See `DefinitionHooks`. */
  hooks?: DefinitionHooks;
  /**
   * Effects by name, for `actorContext().runEffect`: functions that run beside the actor, after the commit of the turn
   * that asked for them, and report once by an `EffectEnded`. They may run again after a crash, with the same
   * `effectId`; the report counts once. Default: none.
   */
  effects?: Readonly<Record<string, EffectFunction>>;
  /**
   * The actor decides about the failures and ends of the children it starts by `supervision.start` (see
   * `TurnContext`). When it stops, they stop `in-order`: the last that was started first, each when the one before has
   * ended; or `together`. It must say `supervision.up()` when they have started: whoever spawned it waits for that.
   * Default: it is no supervisor.
   */
  supervises?: 'in-order' | 'together';
}

/** A definition's options as checked, with the defaults that are the same in every system. */
export type CheckedDefinitionOptions = DefinitionOptions & { version: number; durability: Durability };

/**
 * A registered definition. Make one with `defineActor`.
 * @typeParam Input what an actor is started with
 * @typeParam Events what it understands
 * @typeParam Output what it ends with
 */
// biome-ignore-start lint/suspicious/noExplicitAny: `ActorDefinition` alone must accept every definition
export interface ActorDefinition<in Input = any, in Events extends EventObject = any, out Output = unknown> {
  // biome-ignore-end lint/suspicious/noExplicitAny: end of the above
  readonly name: string;
  /** The module that defines it. */
  readonly url: string;
  /** The version of the state it stores. */
  readonly version: number;
  readonly logic: AnyActorLogic;
  readonly options: CheckedDefinitionOptions;
  /** Only for the compiler. */
  readonly __types?: (input: Input, events: Events) => Output;
}

/** `input` may be left out when the logic does not need one. */
export type SpawnOptions<Input> = {
  /** The last part of the path: letters, digits and `_.~@:$+-`. Default: the definition's name and a number. */
  id?: ActorId | undefined;
} & (undefined extends Input ? { input?: Input } : { input: Input });

const definitions = new Map<string, ActorDefinition>();
let onHostThread = false;

const nameLegal = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const placementLegal = /^(least-loaded|hash|with-parent|pinned:\d{1,4})$/;

const optionsSpec: OptionsSpec<DefinitionOptions> = {
  version: { type: 'integer', min: 1, default: 1 },
  migrate: { type: 'function' },
  durability: { type: 'string', oneOf: ['flushed', 'committed', 'none'], default: 'flushed' },
  maxAttempts: { type: 'integer', min: 1, max: limits.attemptsMax },
  passivateAfterMs: { type: 'number', min: 0 },
  keepHistoryMs: { type: 'number', min: 0 },
  placement: {
    type: 'custom',
    check: (value) =>
      typeof value === 'string' && placementLegal.test(value)
        ? undefined
        : '"least-loaded", "hash", "with-parent" or "pinned:" and a number',
  },
  effects: {
    type: 'custom',
    check: (value) => (areEffects(value) ? undefined : 'functions by name, at least one'),
  },
  supervises: { type: 'string', oneOf: ['in-order', 'together'] },
  hooks: { type: 'options', spec: { preStart: { type: 'function' }, postStop: { type: 'function' } } },
};

/**
 * Register actor logic under a name, so that every thread can run it. Call it at the top level of a module and
 * export the result: hosts import that module. The module should do nothing else when it is imported.
 *
 * @param meta the module's `import.meta`
 * @param name unique in the system and stable for life (the journal keeps it): a letter, then letters, digits, `_.-`
 * @param logic any XState v5 actor logic: a machine, `fromTransition`, `fromPromise`, `fromCallback`, an observable
 * @param options see `DefinitionOptions`
 * @throws TroupeError DEFINITION_NAME, DEFINITION_DUPLICATE (naming both modules), DEFINITION_LOGIC, INLINE_CHILD,
 *   OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE
 */
export function defineActor<Logic extends AnyActorLogic>(
  meta: { readonly url: string },
  name: string,
  logic: Logic,
  options: DefinitionOptions = {},
): ActorDefinition<InputFrom<Logic>, EventFromLogic<Logic>, OutputFrom<Logic>> {
  const url = moduleOf(meta, 'defineActor');
  checkName(name);
  const where = `defineActor("${name}")`;
  checkIsLogic(logic, where);
  checkLogic(logic, `"${name}"`);
  const checked = checkOptions<DefinitionOptions>(options, optionsSpec, where) as CheckedDefinitionOptions;
  const known = definitions.get(name);
  if (known !== undefined && withoutQuery(known.url) !== withoutQuery(url)) {
    const message = `"${name}" is defined by ${known.url} and again by ${url}; rename one of them`;
    throw new TroupeError('DEFINITION_DUPLICATE', message, { field: 'name', value: name });
  }
  const definition: ActorDefinition = Object.freeze({ name, url, version: checked.version, logic, options: checked });
  definitions.set(name, definition);
  return definition as ActorDefinition<InputFrom<Logic>, EventFromLogic<Logic>, OutputFrom<Logic>>;
}

function areEffects(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const functions = Object.values(value);
  return functions.length > 0 && functions.every((each) => typeof each === 'function');
}

function checkName(name: unknown): void {
  if (typeof name === 'string' && name.length <= limits.definitionNameCharsMax && nameLegal.test(name)) return;
  const rule = `a letter, then letters, digits and _ . - (${limits.definitionNameCharsMax} in all)`;
  const message = `the name of a definition must be ${rule}, but is ${describeBriefly(name)}`;
  throw new TroupeError('DEFINITION_NAME', message, { field: 'name', value: name });
}

function checkIsLogic(logic: unknown, where: string): void {
  const { transition, getInitialSnapshot } = (logic ?? {}) as { transition?: unknown; getInitialSnapshot?: unknown };
  if (typeof transition === 'function' && typeof getInitialSnapshot === 'function') return;
  const hint = typeof logic === 'function' ? ' (wrap a function in fromTransition, fromPromise or fromCallback)' : '';
  const message = `${where}: the logic must be XState actor logic, but is ${describeBriefly(logic)}${hint}`;
  throw new TroupeError('DEFINITION_LOGIC', message, { field: 'logic', value: logic });
}

/** D1: a module stays itself when a query asks for a fresh copy of it. */
function withoutQuery(url: string): string {
  const cut = url.search(/[?#]/);
  return cut < 0 ? url : url.slice(0, cut);
}

/** The definition of a name on this thread, or undefined. */
export function lookupDefinition(name: string): ActorDefinition | undefined {
  return definitions.get(name);
}

/** Every definition of this thread, in the order registered. */
export function registeredDefinitions(): { name: string; url: string }[] {
  return Array.from(definitions.values(), ({ name, url }) => ({ name, url }));
}

/** The definition of a name and a module, if this thread has it already. */
export function loadedDefinition(name: string, url: string): ActorDefinition | undefined {
  const known = definitions.get(name);
  if (known === undefined) return undefined;
  return known.url === url || withoutQuery(known.url) === withoutQuery(url) ? known : undefined;
}

/**
 * The definition of a name, importing its module when this thread does not have it yet.
 * @throws TroupeError DEFINITION_IMPORT when the module cannot be imported (`cause` says why), DEFINITION_UNKNOWN
 *   when it does not define the name; and what `defineActor` throws while the module runs
 */
export async function loadDefinition(name: string, url: string): Promise<ActorDefinition> {
  const known = loadedDefinition(name, url);
  if (known !== undefined) return known;
  try {
    await import(url);
  } catch (cause) {
    if (TroupeError.is(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : describeBriefly(cause);
    const message = `the module of "${name}" cannot be imported: ${url}: ${reason}`;
    throw new TroupeError('DEFINITION_IMPORT', message, { field: 'url', value: url, cause });
  }
  const loaded = loadedDefinition(name, url);
  if (loaded !== undefined) return loaded;
  const other = definitions.get(name);
  const elsewhere = other === undefined ? '' : `; ${other.url} does`;
  throw new TroupeError('DEFINITION_UNKNOWN', `${url} does not define "${name}"${elsewhere}`, {
    field: 'name',
    value: name,
  });
}

/** Say that this thread is a host: it runs definitions, so their modules must not create systems here. */
export function markHostThread(): void {
  onHostThread = true;
}

/** Is this thread a host? `createSystem` then refuses with SYSTEM_IN_HOST. */
export function isHostThread(): boolean {
  return onHostThread;
}
