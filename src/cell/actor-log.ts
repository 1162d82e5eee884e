/**
 * Where XState's `log` action goes: to a diagnostics channel, so that nothing is printed unless somebody listens.
 * XState takes the logger when an actor is made and calls it bare, so the path of the actor that is running is kept
 * here, for all cells of the thread.
 */
import { channel } from 'node:diagnostics_channel';

/** What is published for one `log` action. */
export interface ActorLogEntry {
  /** The actor's path. */
  path: string;
  /** The action's arguments: value, or label and value. */
  values: readonly unknown[];
}

/** The channel's name. Its messages are of type `ActorLogEntry`. */
export const actorLogChannelName = 'troupe:actor.log';

const actorLog = channel(actorLogChannelName);
let runningPath = '';

/** Say whose `log` actions are to come. */
export function logAs(path: string): void {
  runningPath = path;
}

/** The logger handed to XState. */
export function actorLogger(...values: unknown[]): void {
  if (!actorLog.hasSubscribers) return;
  const entry: ActorLogEntry = { path: runningPath, values };
  actorLog.publish(entry);
}
