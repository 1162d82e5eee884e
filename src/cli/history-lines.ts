/** History entries as lines for people. */
import { isDeepStrictEqual } from 'node:util';
import type { DeedView, HistoryEntryView, MessageView, StateView } from '../system/history.js';
import { readTimerId } from '../cell/address.js';
import { clockTime, dateOf, dateTime, inline } from './text.js';

type Turn = HistoryEntryView & { kind: 'turn' };

/** One entry: a heading and what belongs to it, still of any width. */
export function linesOf(entry: HistoryEntryView): string[] {
  const { turn, at, position } = entry;
  const heading = `turn ${turn}  ${clockTime(at)}  record ${position}`;
  const between = `  ${clockTime(at)}  record ${position}  `;
  switch (entry.kind) {
    case 'spawned': {
      const { definition, version, parent, input } = entry;
      const by = `by ${parent ?? 'a program'}`;
      const given = input === undefined ? [] : [`  input  ${inline(input)}`];
      return [`${heading}  spawned ${by}, as ${definition} version ${version}`, ...given];
    }
    case 'turn':
      return [heading, ...turnLines(entry)];
    case 'failed': {
      const what = entry.message === undefined ? 'its start' : briefly(entry.message);
      const causes = { message: 'failed', thread: 'lost its thread', unrestorable: 'cannot be restored' };
      return [
        `${between}${causes[entry.cause]} (attempt ${entry.attempts}): ${entry.error.message}`,
        `  at     ${what}`,
      ];
    }
    case 'decided':
      return [`${between}decided: ${entry.decision} (${entry.why})`];
    case 'stopping':
      return [`${between}told to stop by ${entry.by ?? 'a program'}`];
    case 'exited':
      return [`${between}exited: ${entry.how}; its supervisor decides`];
    case 'ended':
      return [`${between}ended: ${entry.how}`];
  }
}

/** A time, with its date when that is another one. */
function timeAfter(time: Date, at: Date): string {
  return dateOf(time) === dateOf(at) ? clockTime(time) : dateTime(time);
}

/** A state on one line. */
export function stateText(state: StateView | undefined): string {
  if (state === undefined) return 'none';
  const { value, context } = state;
  if (value === undefined) return inline(context);
  return `${typeof value === 'string' ? value : inline(value)} ${inline(context)}`;
}

function turnLines(turn: Turn): string[] {
  const { isStart, messages, deeds, before, beforeMissing, after, end } = turn;
  const lines = isStart ? ['  start'] : [];
  for (const message of messages) lines.push(...messageLines(message));
  for (const deed of deeds) lines.push(deedLine(deed, messages.length > 1, turn.at));
  if (end !== undefined) return [...lines, ...endLines(turn)];
  if (!isStart && isDeepStrictEqual(before, after)) return [...lines, `  state  ${stateText(after)} (unchanged)`];
  if (beforeMissing !== undefined) lines.push(`  from   ? (${beforeMissing})`);
  else if (!isStart) lines.push(`  from   ${stateText(before)}`);
  return [...lines, `  to     ${stateText(after)}`];
}

function endLines({ end }: Turn): string[] {
  if (end === undefined) return [];
  if (end.how === 'done') return [`  end    done, with ${inline(end.output)}`];
  return [end.error === undefined ? `  end    ${end.how}` : `  end    ${end.how}: ${end.error.message}`];
}

function messageLines(message: MessageView): string[] {
  const lines = [`  got    ${briefly(message)}`];
  if (message.traceparent !== undefined) lines.push(`  trace  ${message.traceparent}`);
  return lines;
}

/** A message, who it is from, and its number. */
export function briefly(message: MessageView): string {
  const { seq, event, missing } = message;
  if (event === undefined) return `message ${seq}: ${missing ?? 'unknown'}`;
  return `#${seq} from ${senderOf(message)}: ${eventText(event)}`;
}

function senderOf({ kind, from, effectId }: MessageView): string {
  if (kind === 'effect') return effectId === undefined || effectId === '' ? 'itself' : `its effect ${effectId}`;
  if (kind === 'timer') return 'its timer';
  if (kind === 'ended' || kind === 'child') return 'the journal';
  return from ?? 'a program';
}

function eventText(event: { type: string }): string {
  const { type, ...rest } = event;
  return Object.keys(rest).length === 0 ? type : `${type} ${inline(rest)}`;
}

function deedLine(deed: DeedView, isShared: boolean, at: Date): string {
  const by = isShared && deed.cause !== undefined ? ` (by #${deed.cause})` : '';
  return `  ${deedText(deed, at)}${by}`;
}

function deedText(deed: DeedView, at: Date): string {
  switch (deed.kind) {
    case 'sent': {
      const { to, seq, event } = deed.message;
      return `sent   #${seq} to ${to}: ${event === undefined ? '?' : eventText(event)}`;
    }
    case 'spawned':
      return `spawn  ${deed.path}, as ${deed.definition}`;
    case 'timerSet':
      return `timer  ${deed.event === undefined ? '' : eventText(deed.event)} due ${timeAfter(deed.dueAt, at)}`;
    case 'timerCancelled':
      return `cancel ${readTimerId(deed.timerId).sendId}`;
    case 'replied':
      return `reply  ${inline(deed.value)}`;
    case 'watched':
      return `watch  ${deed.path}`;
    case 'stopped':
      return `stop   ${deed.path}`;
  }
}
