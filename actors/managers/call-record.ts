/** A call as data: how it stands, and the record that is left of it. */
import { invalid, type Element } from './element.js';
import type { LogRecord } from './manager.js';

/** Where a call stands. */
export type CallState = 'pending' | 'running' | 'done' | 'failed' | 'cancelled';

/** Why a call came to nothing: of what was thrown, or (`Cancelled`) the reason given. */
export interface CallFailure {
  name: string;
  message: string;
  code?: string | number;
}

/** A call, seen from outside. Times are in milliseconds since 1970. */
export interface CallView<Req = unknown, Res = unknown> {
  /** The actor's path. */
  path: string;
  state: CallState;
  request: Req;
  /** Undefined unless it is done. */
  response: Res | undefined;
  /** Undefined unless it failed, or was cancelled for a reason. */
  failure: CallFailure | undefined;
  createdAt: number;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** From its start to its end, in milliseconds; undefined as long as it has not both. */
  durationMs: number | undefined;
}

/** What is left of a call in a log. */
export interface CallRecord extends LogRecord {
  data: CallView;
}

/**
 * The record of a call that has ended: `info` when it is done, `warn` when it was cancelled, `error` when it failed.
 * It has the same id whenever it is made, so that a log has it once.
 * @throws TroupeError ELEMENT_INVALID when the call has not ended
 */
export function callRecord(view: CallView): Element<CallRecord> {
  const { path, state, failure, endedAt, durationMs } = view;
  if (endedAt === undefined) throw invalid('state', state, 'must be done, failed or cancelled');
  const level = state === 'done' ? 'info' : state === 'cancelled' ? 'warn' : 'error';
  const took = durationMs === undefined ? '' : ` after ${durationMs} ms`;
  const why = failure === undefined ? '' : `: ${failure.message}`;
  const text = `${path} ${state}${took}${why}`;
  const id = `call-${endedAt}-${path}`.slice(0, 128);
  return { id, time: endedAt, metadata: { call: path, state }, value: { level, text, data: view } };
}
