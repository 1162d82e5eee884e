/** The operations of a log record as people read them: decoded, with paths for numbers. */
import { decode } from '../core/codec.js';
import { parseEnvelope } from '../core/envelope.js';
import type { GroupHeader } from '../journal/group.js';
import { Decision, type FailureReport } from '../journal/ops.js';
import { OpsWalk } from '../journal/ops-walk.js';
import type { Standing } from '../journal/standing.js';
import { viewState } from '../system/history.js';
import { viewEnvelope } from '../system/history.js';

/** One operation. */
export type OpView = { frame: number; session: number; offset: number; op: string } & Record<string, unknown>;

const ends = ['done', 'failed', 'stopped'] as const;

/** All of a record's operations, in order. @throws RangeError when it cannot be read */
export function opsOf(record: Buffer, header: GroupHeader, standing: Standing): OpView[] {
  const found: OpView[] = [];
  const pathOf = (aid: number): string | undefined => standing.pathOf(aid);
  const nameOf = (aid: number): string => pathOf(aid) ?? `#${aid}`;
  let offset = 0;
  const add = (op: string, fields: object): void => {
    const { frame, session } = walk.place;
    found.push({ frame, session, offset, op, ...fields });
    offset = walk.at;
  };
  const valueIn = (bytes: Buffer): unknown => (bytes.length === 0 ? undefined : decode(bytes));
  const walk: OpsWalk = new OpsWalk({
    frameBegins: () => {
      offset = walk.at;
    },
    envelope: (seq, how, at, length) => {
      const envelope = parseEnvelope(record.subarray(at, at + length));
      const to = envelope.toPath ?? nameOf(envelope.to);
      add(how, { to, ...viewEnvelope(seq, envelope, pathOf) });
    },
    consume: (aid, seq) => add('consume', { path: nameOf(aid), seq }),
    state: (aid, at, length) =>
      add('state', { path: nameOf(aid), ...viewState(record.subarray(at, at + length)), bytes: length }),
    ended: (aid, how, value) => add('ended', { path: nameOf(aid), how: ends[how], value: valueIn(value) }),
    timerSet: (aid, timerId, dueAt) => add('timer', { path: nameOf(aid), timerId, dueAt: new Date(dueAt) }),
    timerCancel: (aid, timerId) => add('cancel', { path: nameOf(aid), timerId }),
    timerDue: (aid, timerId, seq) => add('due', { path: nameOf(aid), timerId, seq }),
    spawn: ({ path, autoId, name, parent }) =>
      add('spawn', {
        path: autoId ? `${path}*` : path,
        definition: name,
        parent: parent === 0 ? undefined : nameOf(parent),
      }),
    stop: (aid, path) => add('stop', { path: path === '' ? nameOf(aid) : path }),
    reply: (session, askId, ok, value) => add('reply', { to: session, askId, ok, value: valueIn(value) }),
    fail: (aid, seq, _kind, report) =>
      add('fail', { path: nameOf(aid), seq, error: (decode(report) as FailureReport).error.message }),
    decide: (aid, seq, decision, why) =>
      add('decide', { path: nameOf(aid), seq, decision: decisionName(decision), why }),
    hostDown: (aid, seq) => add('hostDown', { path: nameOf(aid), seq }),
    watch: (watcher, target, path) =>
      add('watch', { path: nameOf(watcher), target: path === '' ? nameOf(target) : path }),
    passivate: (aid) => add('passivate', { path: nameOf(aid) }),
    session: (kind) => add('session', { of: kind === 0 ? 'main' : 'host' }),
    told: (aid, seq) => add('told', { path: nameOf(aid), seq }),
    over: (aid, how) => add('over', { path: nameOf(aid), how: ends[how] }),
    held: (aid, how) => add('held', { path: nameOf(aid), how: ends[how] }),
    up: (aid) => add('up', { path: nameOf(aid) }),
    declared: (aid) => add('declared', { path: nameOf(aid) }),
    actorsMax: (count) => add('actorsMax', { count }),
    overdue: (aid) => add('overdue', { path: nameOf(aid) }),
  });
  walk.walk(record, header);
  return found;
}

function decisionName(decision: number): string | undefined {
  return Object.entries(Decision).find(([, number]) => number === decision)?.[0];
}
