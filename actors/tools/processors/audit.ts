/** A record of each call, in a log that outlives it. */
import { createHash } from 'node:crypto';
import { ActorRef, describeBriefly, TroupeError } from '../../../src/index.js';
import { checkOptions } from '../../../src/core/options.js';
import { element } from '../../managers/element.js';
import type { LogRecord } from '../../managers/manager.js';
import type { PileEvents } from '../../managers/pile-words.js';
import type { ToolProcessor } from '../processor.js';

/** Where and what. */
export interface AuditOptions {
  /** The actor of a `logManager` of this system, or its path. */
  log: ActorRef<PileEvents<AuditRecord>> | string;
  /** Write the arguments down as well. Default false: they may be what nobody should read. */
  args?: boolean;
  /** Of which tools. Default: of all of the bus. */
  tools?: readonly string[];
}

/** What is written down of a call: `info` when it went well, else `warn`. */
export interface AuditRecord extends LogRecord {
  data: {
    tool: string;
    from: string;
    callId: string;
    effectId: string;
    depth: number;
    ok: boolean;
    /** Of its error. */
    code?: string;
    /** It was answered out of the cache. */
    cached?: true;
    args?: unknown;
  };
}

/** How long the log may take, in milliseconds; the tool's own time is often shorter. */
const logMs = 60_000;

/**
 * A processor that writes each call down, whatever it comes to, before whoever called is answered: a call that cannot
 * be written down is TOOL_PROCESSOR. A crash repeats no record of the same outcome. Calls that a bus does not let in
 * (without a grant, too deep, one too many) are in its metrics only. Declare it first: then it sees what gets out.
 *
 *   toolBus(import.meta, 'tools', { tools, processors: [audit({ log: '/audit' }), redact({ ... })] })
 *
 * @throws TroupeError TOOL_SPEC, OPTION_UNKNOWN, OPTION_TYPE
 */
export function audit(options: AuditOptions): ToolProcessor {
  const { log, args, tools } = checkOptions<Required<AuditOptions>>(
    options,
    { log: { type: 'any', required: true }, args: { type: 'boolean', default: false }, tools: { type: 'array' } },
    'audit',
  );
  const to = typeof log === 'string' ? new ActorRef<PileEvents<AuditRecord>>(log) : log;
  if (!(to instanceof ActorRef)) {
    const message = `audit: log must be the ref of a log or its path, and is ${describeBriefly(log)}`;
    throw new TroupeError('TOOL_SPEC', message, { field: 'log', value: log });
  }
  return {
    name: 'audit',
    seesCached: true,
    ...(tools === undefined ? {} : { tools }),
    async after({ tool, from, callId, effectId, depth, args: given, at, signal }, outcome) {
      const data: AuditRecord['data'] = { tool, from, callId, effectId, depth, ok: outcome.ok };
      if (!outcome.ok) data.code = outcome.error.code;
      else if (outcome.cachedAt !== undefined) data.cached = true;
      if (args) data.args = given;
      const text = `${from} called ${tool}: ${data.code ?? (data.cached ? 'answered out of the cache' : 'done')}`;
      const value: AuditRecord = { level: outcome.ok ? 'info' : 'warn', text, data };
      // The same when a crash repeats it, so that the log has it once.
      const id = createHash('sha256').update(`${effectId} ${at} ${text}`).digest('hex');
      const made = element(value, { id, clock: { now: () => at } });
      await to.ask({ type: 'put', element: made }, { signal, timeoutMs: logMs });
      return undefined;
    },
  };
}
