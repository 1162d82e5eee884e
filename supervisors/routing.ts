/**
 * Which child of a supervisor gets a task: a pure decision from the books.
 *
 * T1  Children that handle the task come first; when there are none of them, the default, which handles `*`.
 * T2  Among several it goes by turns, in the order of their start. Whose turn it is stands in the books, by task.
 * T3  Who is down and comes back keeps its mail, and gets more; who is stopped, or will not be restarted, gets none.
 * T4  Nobody is sent mail before it has been there: the task waits until the plan is done that is to start it.
 */
import { type AnyEvent, type EventObject, TroupeError } from '../src/index.js';
import type { Books, ChildBook, RouteRequest } from './books.js';
import { refuse } from './refuse.js';
import { isRestarted } from './strategy.js';

/** What the default says that it handles. */
const anyTask = '*';

/** So many tasks may wait for a child that has not started; more are refused. */
export const routesWaitingMax = 100;

/** What comes of it: a child and the turns from then on; `later`: who is to get it has not started; `nobody`. */
export type Route = { child: ChildBook; turns: Books['turns'] } | 'later' | 'nobody';

/** Decide. */
export function routeFor(books: Books, { by }: RouteRequest): Route {
  if ('child' in by)
    return pick(
      books,
      books.children.filter(({ spec }) => spec.id === by.child),
      undefined,
    );
  for (const task of [by.task, anyTask]) {
    const route = pick(
      books,
      books.children.filter(({ spec }) => spec.handles?.includes(task)),
      task,
    );
    if (route !== 'nobody') return route;
  }
  return 'nobody';
}

/** T2 */
function pick(books: Books, capable: readonly ChildBook[], task: string | undefined): Route {
  const there = capable.filter((child) => presenceOf(child, books) === 'there');
  const [first] = there;
  if (first === undefined) return capable.some((child) => presenceOf(child, books) === 'coming') ? 'later' : 'nobody';
  const { turns } = books;
  if (task === undefined || capable.length === 1) return { child: first, turns };
  const last = turns?.get(task) ?? Number.NEGATIVE_INFINITY;
  const child = there.find(({ rank }) => rank > last) ?? first;
  return { child, turns: new Map([...(turns ?? []), [task, child.rank]]) };
}

/** T3, T4 */
function presenceOf(child: ChildBook, { plan, fallen }: Books): 'there' | 'coming' | 'gone' {
  const { spec, standing, asker, ending } = child;
  const { id, restart } = spec;
  const isPlanned = plan.some((step) => step.do === 'start' && step.id === id);
  const isOther = (child.definition ?? spec.actor.name) !== spec.actor.name;
  if (standing === 'stopped' || isOther) return isPlanned ? 'coming' : 'gone';
  if (standing === 'stopping') return asker === undefined && restart !== 'temporary' ? 'there' : 'gone';
  const how = standing === 'failed' ? 'failed' : ending;
  return fallen.includes(id) && how !== undefined && !isRestarted(restart, how) ? 'gone' : 'there';
}

/** The turns of tasks that several children handle still. */
export function turnsLeft({ turns, children }: Books): Books['turns'] {
  if (turns === undefined) return undefined;
  const isShared = (task: string): boolean => children.filter(({ spec }) => spec.handles?.includes(task)).length > 1;
  return new Map([...turns].filter(([task]) => isShared(task)));
}

/** The event a request came as, or could have come as. */
export function eventOf({ by, message }: RouteRequest): AnyEvent {
  return 'task' in by ? { type: 'route', task: by.task, message } : message;
}

/** Why a task cannot be routed. */
export function unroutable({ by }: RouteRequest, why: string): TroupeError {
  const [field, value] = Object.entries(by)[0] as [string, string];
  return new TroupeError('ROUTE_UNKNOWN', `${field} "${value}": ${why}`, { field, value });
}

/** A request that makes no sense; undefined: it does. */
export function whyNoRoute({ task, message }: { task: unknown; message: unknown }): TroupeError | undefined {
  if (typeof task !== 'string' || task === '' || task === anyTask) {
    const what = `\`task\` of a route must be a text that is not empty and not ${anyTask}`;
    return new TroupeError('EVENT_SHAPE', what, { field: 'task', value: task });
  }
  const type = (message as EventObject | undefined | null)?.type;
  if (typeof type === 'string' && type !== '' && !/^(xstate|troupe)\./.test(type)) return undefined;
  const what = '`message` of a route must be an event, with a `type` that is not reserved';
  return new TroupeError('EVENT_SHAPE', what, { field: 'message.type', value: type });
}

/** Check which tasks a child says it handles. @throws TroupeError SUPERVISOR_SPEC */
export function requireHandles(handles: unknown, field: string): void {
  if (!Array.isArray(handles) || handles.length === 0) refuse(field, handles, 'must be a list of tasks, not empty');
  for (const [at, task] of (handles as unknown[]).entries()) {
    if (typeof task !== 'string' || task === '') refuse(`${field}[${at}]`, task, 'must be a text, not empty');
    if ((handles as unknown[]).indexOf(task) !== at) refuse(`${field}[${at}]`, task, 'must be there only once');
  }
}

/** Is it the default? */
export function isDefault({ handles }: { handles?: readonly string[] | undefined }): boolean {
  return handles?.includes(anyTask) === true;
}
