/** Waiting for news on the channels, so that a test awaits what happens instead of sleeping. */
import { systemClock } from '../core/clock.js';
import { limits } from '../core/limits.js';
import { type ChannelMessages, channels, type Published } from '../observe/channels.js';

/**
 * Wait for the next message on a channel, in real time. Listens from the call on, so call it before what causes it.
 *
 *   const failed = waitFor('actorFailed', ({ path }) => path === '/orders');
 *   await system.injectFailure('/orders', 'exit');
 *   await orders.tell({ type: 'ship' });
 *   expect((await failed).error).to.have.property('code', 'THREAD_LOST');
 *
 * @param channel a key of `channels`
 * @param isIt says of a message whether it is the one; default: the first is
 * @param timeoutMs milliseconds; default 10,000
 * @returns the message; rejects when the time is up
 */
export function waitFor<K extends keyof ChannelMessages>(
  channel: K,
  isIt: (message: ChannelMessages[K] & Published) => boolean = () => true,
  timeoutMs = 2 * limits.shutdownMsDefault,
): Promise<ChannelMessages[K] & Published> {
  return new Promise((resolve, reject) => {
    const listen = (message: unknown): void => {
      const news = message as ChannelMessages[K] & Published;
      if (!isIt(news)) return;
      leave();
      resolve(news);
    };
    const timer = systemClock.after(timeoutMs, () => {
      leave();
      reject(new Error(`nothing of the kind on ${String(channels[channel].name)} within ${timeoutMs} ms`));
    });
    const leave = (): void => {
      timer.cancel();
      channels[channel].unsubscribe(listen);
    };
    channels[channel].subscribe(listen);
  });
}
