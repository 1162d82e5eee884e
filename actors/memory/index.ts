/** Memory of agents, as actors: what a run has at hand, and what happened. */
export { type Remembered, type WorkingEvents, workingMemory, type WorkingOptions } from './working.js';
export {
  type Episode,
  type EpisodicEvents,
  episodicMemory,
  type EpisodicOptions,
  type Recalled,
  type RecallQuery,
} from './episodic.js';
