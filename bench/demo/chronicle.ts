/**
 * What the system says of itself on its channels while the demo runs: put into words as it happens, and kept for the
 * report. Every system publishes these; logs and metrics subscribe in the same way.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  type ActorFailed,
  type ChannelMessages,
  channels,
  type DeadLettered,
  type ThreadLost,
} from '../../src/index.js';
import type { Screen } from './screen.js';

/** Listens from `listen` to `close`. */
export class Chronicle {
  readonly failures: ActorFailed[] = [];
  readonly deadLetters: DeadLettered[] = [];
  readonly threadsLost: ThreadLost[] = [];
  private readonly listeners: [name: string, listener: (message: unknown) => void][] = [];

  constructor(private readonly screen: Screen) {}

  /** From now on. */
  listen(): this {
    const { screen } = this;
    this.on('actorFailed', (failure) => {
      this.failures.push(failure);
      const { path, error } = failure;
      const [decision, why] = failure.decision.split(': ');
      screen.event('yellow', '!', `${path} failed: ${error.message}`);
      screen.event('green', '→', `rolled back; supervision: ${decision} (${why})`);
    });
    this.on('deadLetter', (letter) => {
      this.deadLetters.push(letter);
      screen.event('green', '→', `dead letter: the message is put aside, ${letter.path} goes on`);
    });
    this.on('threadLost', (lost) => {
      this.threadsLost.push(lost);
      screen.event('yellow', '!', `lost ${lost.thread}: ${lost.why}`);
      screen.event('green', '→', 'replaced; its actors go on elsewhere from what was committed');
    });
    this.on('actorQuarantined', ({ path, error }) =>
      screen.event('red', '!', `${path} is quarantined: ${error.message}`),
    );
    this.on('refused', ({ path, message }) => screen.event('red', '!', `${path}: ${message}`));
    return this;
  }

  /** No more. */
  close(): void {
    for (const [name, listener] of this.listeners.splice(0)) unsubscribe(name, listener);
  }

  private on<Key extends keyof ChannelMessages>(key: Key, hear: (message: ChannelMessages[Key]) => void): void {
    const name = String(channels[key].name);
    const listener = (message: unknown) => hear(message as ChannelMessages[Key]);
    subscribe(name, listener);
    this.listeners.push([name, listener]);
  }
}
