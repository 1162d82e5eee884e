/** What people and programs are shown of a run, and of a flow. */
import type { PlainError } from '../../src/core/errors.js';
import type { CompiledFlow } from './compiled.js';
import { countOf, keyOf, type NodeCount, type RunState, type SagaEntry, type Undone } from './run-state.js';

/** Something a run is at. */
export interface ActiveView {
  /** Where: `order/each[3]/charge`. */
  at: string;
  /** The kind of its node; `compensation` for one that is being undone. */
  kind: string;
  /** Of steps and compensations. */
  attempt?: number;
  /** Since when, in milliseconds since 1970; for a `sleep`: until when. */
  since?: number;
  until?: number;
  /** Of a `waitFor`: the signal's name. */
  signal?: string;
  /** Of an actor: its path. */
  path?: string;
}

/** A run, as it is shown. */
export interface RunView {
  workflow: string;
  /**
   * `waiting`: nothing runs, and it waits for a signal or for time to pass. `suspended`: it was told to begin nothing.
   * `undoing`: what it had done is being compensated.
   */
  status: 'running' | 'waiting' | 'suspended' | 'undoing' | 'done' | 'failed' | 'cancelled';
  startedAt: number;
  endedAt?: number | undefined;
  active: ActiveView[];
  /** What each node has done so far, by its key. */
  counts: Readonly<Record<string, NodeCount>>;
  /** Steps that will be undone if it fails now, in the order they were done. */
  compensable: string[];
  undone: Undone[];
  error?: PlainError | undefined;
  /** Where that error comes from: `order/pay`, `order/each[3]/charge`. */
  failedAt?: string;
  cancelled?: string | undefined;
  output?: unknown;
}

/** Show a run. */
export function viewOf(flow: CompiledFlow, run: RunState): RunView {
  const { startedAt, endedAt, counts, saga = [], undone = [], error, cancelled } = run;
  const view: RunView = {
    workflow: flow.root.id,
    status: statusOf(run),
    startedAt,
    endedAt,
    active: activeIn(flow, run),
    counts: Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, countOf(count)])),
    compensable: saga.map(({ at }: SagaEntry) => at),
    undone,
    error,
    cancelled,
  };
  if (run.failedAt !== undefined) view.failedAt = run.failedAt;
  if (run.phase === 'done') view.output = run.output;
  return view;
}

const working: ReadonlySet<string> = new Set(['step', 'actor', 'undo', 'closing']);

function statusOf({ phase, suspended, frames }: RunState): RunView['status'] {
  if (suspended && (phase === 'running' || phase === 'undoing')) return 'suspended';
  if (phase !== 'running') return phase;
  const isAtWork = Object.values(frames).some(({ is }) => working.has(is));
  return isAtWork ? 'running' : 'waiting';
}

function activeIn(flow: CompiledFlow, run: RunState): ActiveView[] {
  const active: ActiveView[] = [];
  for (const [at, frame] of Object.entries(run.frames)) {
    const kind = flow.nodes.get(keyOf(at))?.kind ?? frame.is;
    switch (frame.is) {
      case 'step':
        active.push({ at, kind, attempt: frame.attempt, since: frame.since });
        break;
      case 'actor':
      case 'closing':
        active.push({ at, kind, path: frame.path, since: frame.since });
        break;
      case 'wait':
        active.push({ at, kind, signal: frame.signal, since: frame.since });
        break;
      case 'sleep':
        active.push({ at, kind, until: frame.until });
        break;
      case 'undo':
        active.push({ at: frame.entry.at, kind: 'compensation', attempt: frame.attempt, since: frame.since });
        break;
      default:
    }
  }
  return active;
}
