/**
 * What of a conversation fits: a pure function. Models read only so much, and everything they read is paid for.
 *
 * W1  What is kept is at most as long as asked, by the estimate of models, except for what must be kept: the system's
 *     messages, a summary, and the last turn.
 * W2  A turn is kept whole or dropped whole: no answer of a tool without the call it answers, and no call without its
 *     answers.
 * W3  The newest turns are kept; the order stays.
 */
import { tokensOf } from '../model/estimate.js';
import type { ModelMessage } from '../model/index.js';

/** What fits, and what does not. */
export interface Window {
  kept: ModelMessage[];
  /** Oldest first. */
  dropped: ModelMessage[];
}

/**
 * Keep what fits.
 * @param messages the conversation; system messages may stand anywhere
 * @param tokensMax how long what is kept may be
 */
export function fitWindow(messages: readonly ModelMessage[], tokensMax: number): Window {
  const turns = turnsOf(messages.filter(({ role }) => role !== 'system'));
  const system = messages.filter(({ role }) => role === 'system');
  let left = tokensMax - sum(system);
  let first = turns.length;
  while (first > 0) {
    const tokens = sum(turns[first - 1] as ModelMessage[]);
    // W1: the last turn is what it is about.
    if (tokens > left && first < turns.length) break;
    left -= tokens;
    first -= 1;
  }
  return { kept: [...system, ...turns.slice(first).flat()], dropped: turns.slice(0, first).flat() };
}

/** W2: a message of a user, or of a model with what the tools said to it. */
function turnsOf(messages: readonly ModelMessage[]): ModelMessage[][] {
  const turns: ModelMessage[][] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (message.role === 'tool' && last !== undefined) last.push(message);
    else turns.push([message]);
  }
  return turns;
}

function sum(messages: readonly ModelMessage[]): number {
  return messages.reduce((all, message) => all + tokensOf(message), 0);
}
