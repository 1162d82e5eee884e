/** What the engine hears, and what it says is to be done. */
import type { PlainError } from '../../src/core/errors.js';
import type { Address, RunState } from './run-state.js';

/** Something to be done within the turn. */
export type Deed =
  /** Start an effect, under the address of its frame. `output`: it is a compensation of what `at` gave. */
  | { do: 'run'; id: Address; at: Address; attempt: number; input: unknown; undo?: { output: unknown } }
  /** End an effect. */
  | { do: 'stop'; id: Address }
  | { do: 'timer'; id: string; ms: number }
  | { do: 'cancelTimer'; id: string }
  | { do: 'spawn'; at: Address; id: string; input: unknown }
  | { do: 'stopActor'; path: string }
  /** Cancel a run of another workflow: it undoes what it did, and ends. */
  | { do: 'cancelActor'; path: string }
  /** The run is over. */
  | { do: 'finish' };

/** What has happened. */
export type Happening =
  | { is: 'begin'; input: unknown }
  | { is: 'settled'; id: Address; ok: true; output: unknown }
  | { is: 'settled'; id: Address; ok: false; error: PlainError }
  | { is: 'ended'; path: string; ok: true; output: unknown }
  | { is: 'ended'; path: string; ok: false; error: PlainError }
  | { is: 'timer'; id: string }
  | { is: 'signal'; name: string; payload: unknown }
  | { is: 'cancel'; reason: string }
  | { is: 'suspend' }
  | { is: 'resume' };

/** What follows from it. */
export interface Advance {
  run: RunState;
  deeds: Deed[];
}
