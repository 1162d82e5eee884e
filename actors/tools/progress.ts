/**
 * Progress of a running tool, on its way to whoever wants to see it. A tool may report as fast as it likes: one text
 * is under way at a time, of those behind it the last is kept, and after so many there is silence.
 *
 * What I own: the text that waits. What the kernel owns: the one under way.
 */
import type { ActorRef } from '../../src/index.js';
import type { ToolProgress } from './bus-events.js';

/** Characters of one text. */
const progressCharsMax = 1_000;

/** Where a tool reports to. */
export interface ProgressSender {
  /** Never waits and never throws. */
  say(text: unknown): void;
  /** The tool is done: what waits is sent, what comes later is dropped. */
  close(): void;
}

/**
 * A sender for one attempt.
 * @param to undefined: nobody wants to know
 * @param max texts sent at most
 */
export function progressSender(
  to: ActorRef<ToolProgress> | undefined,
  call: { readonly callId: string; readonly tool: string },
  max: number,
): ProgressSender {
  let left = to === undefined ? 0 : max;
  let number = 0;
  let isUnderWay = false;
  let waiting: ToolProgress | undefined;

  const send = (news: ToolProgress): void => {
    left -= 1;
    isUnderWay = true;
    // Whoever does not exist any more does not mind: progress is news, the answer is what counts.
    void (to as ActorRef<ToolProgress>).tell(news).then(next, next);
  };
  const next = (): void => {
    isUnderWay = false;
    const news = waiting;
    waiting = undefined;
    if (news !== undefined && left > 0) send(news);
  };

  return {
    say(text) {
      number += 1;
      if (left <= 0) return;
      const { callId, tool } = call;
      const words = typeof text === 'string' ? text.slice(0, progressCharsMax) : typeof text;
      const news: ToolProgress = { type: 'toolProgress', callId, tool, text: words, number };
      if (isUnderWay) waiting = news;
      else send(news);
    },
    close() {
      const news = waiting;
      waiting = undefined;
      if (news !== undefined && left > 0) send(news);
      left = 0;
    },
  };
}
