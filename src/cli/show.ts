/** `troupe journal show`: a journal, one actor of it, or one record of its log. */
import { viewStored } from '../cell/stored.js';
import { decode } from '../core/codec.js';
import { parseEnvelope } from '../core/envelope.js';
import { fromPlain, TroupeError } from '../core/errors.js';
import { endOf } from '../host/failure.js';
import { framesOf, readGroup } from '../journal/group.js';
import { durabilityNames, type FailureReport } from '../journal/ops.js';
import type { ActorRow } from '../journal/row.js';
import { statusNames } from '../journal/row.js';
import type { Standing } from '../journal/standing.js';
import { viewEnvelope } from '../system/history.js';
import { requireActor, withStanding } from './open.js';
import { ExitCode, type ExitCodeValue, type Output } from './output.js';
import { opsOf } from './record-ops.js';
import { block, bytesOf, count, countOf, dateTime, inline } from './text.js';

/** Waiting messages shown. */
const mailShownMax = 10;

/** Show the journal as a whole. */
export async function showJournal({ journal }: { journal: string }, out: Output): Promise<ExitCodeValue> {
  return withStanding(journal, (standing) => {
    const { model, reader } = standing;
    const log = { records: 0, bytes: 0, first: 0, last: 0, from: new Date(Number.NaN), to: new Date(Number.NaN) };
    for (const { position, bytes } of reader.readLog()) {
      const { time } = readGroup(bytes, `log record ${position}`);
      if (log.records === 0) Object.assign(log, { first: position, from: new Date(time) });
      Object.assign(log, {
        records: log.records + 1,
        bytes: log.bytes + bytes.length,
        last: position,
        to: new Date(time),
      });
    }
    const statuses: Record<string, number> = {};
    for (const row of standing.actors())
      statuses[statusNames[row.status]] = (statuses[statusNames[row.status]] ?? 0) + 1;
    const { counters, waiting, deadLetterCount: deadLetters } = model;
    const { seq: messages, aid: actors, session: sessions } = counters;
    out.json({ kind: 'journal', folder: journal, log, actors: statuses, waiting, deadLetters, counters });
    out.line(`journal   ${journal}`);
    const words = Object.entries(statuses).map(([status, number]) => `${count(number)} ${status}`);
    out.line(`actors    ${words.join(', ') || 'none'}`);
    out.line(`mail      ${countOf(waiting, 'message')} waiting, ${countOf(deadLetters, 'dead letter')}`);
    out.line(
      `given out ${countOf(messages, 'message number')}, ${countOf(actors, 'actor')}, ${countOf(sessions, 'session')}`,
    );
    if (log.records === 0) out.line('history   none is kept');
    else {
      out.line(`history   ${countOf(log.records, 'record')} of ${bytesOf(log.bytes)}, ${log.first} to ${log.last}`);
      out.line(`          ${dateTime(log.from)} to ${dateTime(log.to)}`);
    }
    return ExitCode.ok;
  });
}

/** Show one actor as it stands. */
export async function showActor(target: string, { journal }: { journal: string }, out: Output): Promise<ExitCodeValue> {
  return withStanding(journal, (standing) => {
    const row = requireActor(standing, target);
    const facts = factsOf(standing, row);
    out.json({ kind: 'actor', ...facts });
    const { state, error, output, waiting, ...plain } = facts;
    for (const [name, value] of Object.entries(plain)) {
      if (value !== undefined) out.line(`${name.padEnd(11)} ${typeof value === 'string' ? value : inline(value)}`);
    }
    for (const [name, value] of Object.entries({ state, error, output })) {
      if (value === undefined) continue;
      out.line(name);
      out.lines(block(value, out.width - 2).map((line) => `  ${line}`));
    }
    if (waiting.length > 0)
      out.line(`waiting${row.mail.length > waiting.length ? ` (the first ${waiting.length})` : ''}`);
    for (const { seq, from, event } of waiting) out.line(`  ${seq} from ${from ?? 'a program'}: ${inline(event)}`);
    return ExitCode.ok;
  });
}

function factsOf(standing: Standing, row: ActorRow) {
  const { aid, path, name, url, version, mail, timers, children, failure, end, input } = row;
  const state = standing.stateOf(row);
  const waiting = [];
  for (const item of mail.items(standing.model)) {
    if (waiting.length >= mailShownMax) break;
    const envelope = parseEnvelope(item.bytes.subarray(item.offset, item.offset + item.length));
    waiting.push(viewEnvelope(item.seq, envelope, (of) => standing.pathOf(of)));
  }
  const timerList = [...(timers ?? [])].map(([timerId, { dueAt }]) => ({ timerId, dueAt: new Date(dueAt) }));
  return {
    path,
    aid,
    definition: name,
    version,
    module: url,
    status: statusNames[row.status],
    durability: durabilityNames[row.durability],
    parent: row.parent === 0 ? undefined : standing.pathOf(row.parent),
    children: children?.size ?? 0,
    mail: mail.length,
    timers: timerList.length === 0 ? undefined : timerList,
    input: input.length === 0 ? undefined : decode(input),
    state: state && viewStored(state),
    error: failure && fromPlain((decode(failure.error) as FailureReport).error),
    ...(end === undefined ? {} : endOf(end.how, end.value)),
    waiting,
  };
}

/** Show one record of the log, operation by operation. */
export async function showRecord(
  position: number,
  { journal }: { journal: string },
  out: Output,
): Promise<ExitCodeValue> {
  return withStanding(journal, (standing) => {
    for (const record of standing.reader.readLog(position, position + 1)) {
      const header = readGroup(record.bytes, `log record ${position}`);
      const frames = [...framesOf(record.bytes)].length;
      const at = new Date(header.time);
      out.json({ kind: 'record', position, at, level: header.level, bytes: record.bytes.length, frames });
      out.line(`record ${position}  ${dateTime(at)}  ${header.level}  ${bytesOf(record.bytes.length)}`);
      for (const { frame, session, offset, op, ...fields } of opsOf(record.bytes, header, standing)) {
        out.json({ position, frame, session, offset, op, ...fields, kind: 'op' });
        out.line(`  ${String(offset).padStart(6)}  ${op.padEnd(9)} ${inline(fields)}`);
      }
      return ExitCode.ok;
    }
    const message = `there is no record ${position}; \`troupe journal show\` says which there are`;
    throw new TroupeError('HISTORY_GONE', message, { field: 'record', value: position });
  });
}
