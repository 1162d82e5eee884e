/**
 * Managers: piles of what agents keep (messages, log records, facts about tools), each with its progression, behind
 * one contract. A manager is a pile; `manager` is its face for programs and effects, and holds no state.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ActorDefinition, ActorRef } from '../../src/index.js';
import { element, type Element, type ElementOptions, type ElementId } from './element.js';
import { pile } from './pile.js';
import type { PileOptions } from './pile-options.js';
import type { Page, PageQuery, PileEvents, PileSeed, Put } from './pile-words.js';
import { allOf, type Progression, progression } from './progression.js';

/** The definition of a manager of T. */
export type ManagerDefinition<T> = ActorDefinition<PileSeed | undefined, PileEvents<T>>;

/** What all managers can do. All methods reject as `ask` does, and with what the pile refuses. */
export interface Manager<T> {
  readonly ref: ActorRef<PileEvents<T>>;
  /** Make an element of a value, and put it. */
  add(value: T, options?: Omit<ElementOptions, 'clock'>): Promise<Element<T>>;
  put(element: Element<T>): Promise<Put>;
  get(id: ElementId): Promise<Element<T> | undefined>;
  has(id: ElementId): Promise<boolean>;
  remove(id: ElementId): Promise<boolean>;
  size(): Promise<number>;
  page(query?: PageQuery): Promise<Page<T>>;
  /** All of it, or of a view of it, page by page. */
  all(query?: Omit<PageQuery, 'from'>): AsyncGenerator<Element<T>, void>;
  clear(): Promise<number>;
  /** One of its progressions. */
  order(name: string): Progression<T>;
}

/**
 * The face of a manager, or of any pile.
 * @param ref the actor's
 * @param clock whose time new elements get
 */
export function manager<T>(ref: ActorRef<PileEvents<T>>, clock: ElementOptions['clock']): Manager<T> {
  const put = (each: Element<T>): Promise<Put> => ref.ask({ type: 'put', element: each });
  const page = (query: PageQuery = {}): Promise<Page<T>> => ref.ask({ type: 'page', ...query });
  return {
    ref,
    async add(value, options = {}) {
      const made = element(value, { ...options, clock });
      await put(made);
      return made;
    },
    put,
    get: (id) => ref.ask({ type: 'get', id }),
    has: (id) => ref.ask({ type: 'has', id }),
    remove: (id) => ref.ask({ type: 'remove', id }),
    size: () => ref.ask({ type: 'size' }),
    page,
    all: (query = {}) => allOf((from) => page({ ...query, from })),
    clear: () => ref.ask({ type: 'clear' }),
    order: (name) => progression(ref, name),
  };
}

/** What a conversation's messages have at least. */
export interface AnyMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  text: string;
}

/** A record of a log. */
export interface LogRecord {
  level: 'debug' | 'info' | 'warn' | 'error';
  text: string;
  /** Plain data. */
  data?: unknown;
}

/** What a model is told about a tool. */
export interface ToolRecord {
  name: string;
  description: string;
  /** JSON Schema of its arguments. */
  input: { readonly [key: string]: unknown };
}

/** What may be chosen of a manager. */
export type ManagerOptions<T> = Omit<PileOptions<T>, 'orders'>;

/**
 * Messages of a conversation. Progression `said`: as they were said; it can be rearranged. Views: one for each role.
 *
 *   export const talk = messageManager(import.meta, 'talk');
 *   const messages = manager(await system.spawn(talk, { id: 'talk' }), clock);
 *   await messages.add({ role: 'user', text: 'hello' });
 *   await messages.order('said').page({ reverse: true, limit: 10 });
 *
 * @param options as `pile`'s; `schema` takes the place of the check that there is a role and a text
 * @throws what `pile` throws
 */
export function messageManager<T extends AnyMessage = AnyMessage>(
  meta: { readonly url: string },
  name: string,
  options: ManagerOptions<T> = {},
): ManagerDefinition<T> {
  const byRole = (role: string) => (each: Element<T>) => each.value.role === role;
  const filters = Object.fromEntries(roles.map((role) => [role, byRole(role)]));
  const schema = shape<T>({ role: oneOf(roles), text: isText });
  return managerOf(meta, name, { schema, filters }, 'said', options);
}

/**
 * A log. Progression `logged`: as the records came. Views: `warnings` (and errors), `errors`.
 * @param options as `pile`'s
 * @throws what `pile` throws
 */
export function logManager<T extends LogRecord = LogRecord>(
  meta: { readonly url: string },
  name: string,
  options: ManagerOptions<T> = {},
): ManagerDefinition<T> {
  const filters = {
    warnings: ({ value }: Element<T>) => value.level === 'warn' || value.level === 'error',
    errors: ({ value }: Element<T>) => value.level === 'error',
  };
  const schema = shape<T>({ level: oneOf(['debug', 'info', 'warn', 'error']), text: isText });
  return managerOf(meta, name, { schema, filters }, 'logged', options);
}

/**
 * Facts about tools: put each with its name as the element's id, so that a name is there once. Progression `offered`:
 * the order in which a model is told of them.
 * @param options as `pile`'s
 * @throws what `pile` throws
 */
export function toolManager<T extends ToolRecord = ToolRecord>(
  meta: { readonly url: string },
  name: string,
  options: ManagerOptions<T> = {},
): ManagerDefinition<T> {
  const schema = shape<T>({ name: isText, description: isText, input: isObject });
  return managerOf(meta, name, { schema }, 'offered', options);
}

function managerOf<T>(
  meta: { readonly url: string },
  name: string,
  own: PileOptions<T>,
  order: string,
  options: ManagerOptions<T>,
): ManagerDefinition<T> {
  const filters = { ...own.filters, ...options.filters };
  return pile(meta, name, { ...own, ...options, filters, orders: { [order]: 'arrival' } });
}

const roles = ['system', 'user', 'assistant', 'tool'] as const;

/** What a property must be: undefined when it is good. */
type Rule = (value: unknown) => string | undefined;

const isText: Rule = (value) => (typeof value === 'string' ? undefined : 'must be a text');
const isObject: Rule = (value) => (typeof value === 'object' && value !== null ? undefined : 'must be an object');
const oneOf =
  (names: readonly string[]): Rule =>
  (value) =>
    names.includes(value as string) ? undefined : `must be one of ${names.join(', ')}`;

/** A schema that looks at some properties, and lets the others pass. */
function shape<T>(rules: Record<string, Rule>): StandardSchemaV1<unknown, T> {
  const validate = (value: unknown): StandardSchemaV1.Result<T> => {
    const given = (isObject(value) === undefined ? value : {}) as Record<string, unknown>;
    const issues = Object.entries(rules).flatMap(([name, rule]) => {
      const message = rule(given[name]);
      return message === undefined ? [] : [{ message, path: [name] }];
    });
    return issues.length === 0 ? { value: value as T } : { issues };
  };
  return { '~standard': { version: 1, vendor: 'troupe', validate } };
}
