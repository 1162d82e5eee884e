/**
 * The log: a pino logger that listens to the channels. Failures are loud by default (G11): warnings and errors
 * go to standard error as JSON lines; a program that has a logger of its own hands it over.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  type ActorEnded,
  type ActorFailed,
  type ActorQuarantined,
  channels,
  type CircuitChanged,
  type DeadLettered,
  type HealthChanged,
  type JournalWarned,
  type Published,
  type Refused,
  type SystemState,
  type ThreadLost,
} from './channels.js';

/** What the kernel needs of a logger; pino's fits. */
export interface Logger {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** The log when none is given: warnings and errors, to standard error. Pino is loaded only then. */
export async function defaultLogger(level: string = process.env.TROUPE_LOG ?? 'warn'): Promise<Logger> {
  const { pino } = await import('pino');
  const logger: Logger = pino({ name: 'troupe', level }, pino.destination({ dest: 2, sync: true }));
  return logger;
}

/** Write what one system says on the channels. Returns a function that stops it. */
export function logChannels(log: Logger, system: string): () => void {
  const listen = listenTo(system);
  const listeners: Listener[] = [
    listen<ActorFailed>('actorFailed', ({ error, ...rest }) =>
      log.warn({ ...rest, err: error }, `${rest.path} failed`),
    ),
    listen<ActorEnded>('actorEnded', ({ error, ...rest }) => {
      if (rest.how === 'failed') log.error({ ...rest, err: error }, `${rest.path} has given up`);
      else log.info(rest, `${rest.path} ${rest.how}`);
    }),
    listen<ActorQuarantined>('actorQuarantined', ({ error, ...rest }) =>
      log.error({ ...rest, err: error }, `${rest.path} is quarantined; its mail is kept`),
    ),
    listen<DeadLettered>('deadLetter', (letter) => log.warn(letter, `dead letter for ${letter.path}`)),
    listen<Refused>('refused', (refused) => log.error(refused, refused.message)),
    listen<JournalWarned>('journalWarned', (warned) => log.warn(warned, warned.message)),
    listen<CircuitChanged>('circuitChanged', (changed) => {
      const text = `circuit ${changed.path} is ${changed.state}: ${changed.why}`;
      if (changed.state === 'open') log.warn(changed, text);
      else log.info(changed, text);
    }),
    listen<HealthChanged>('healthChanged', (changed) => {
      const whys = changed.checks.flatMap(({ name, why }) => (why === undefined ? [] : [`${name}: ${why}`]));
      if (changed.status === 'degraded') log.warn(changed, `system is degraded: ${whys.join('; ')}`);
      else log.info(changed, `system is ${changed.status}`);
    }),
    listen<ThreadLost>('threadLost', (lost) => log.error(lost, `thread ${lost.thread} was lost`)),
    listen<SystemState>('systemState', (state) => log.info(state, `system ${state.state}`)),
  ];
  return () => {
    for (const [name, listener] of listeners) unsubscribe(name, listener);
  };
}

type Listener = [name: string, listener: (message: unknown) => void];

function listenTo(
  system: string,
): <Message>(key: keyof typeof channels, write: (message: Message) => void) => Listener {
  return <Message>(key: keyof typeof channels, write: (message: Message) => void) => {
    const name = String(channels[key].name);
    const listener = (message: unknown) => {
      if ((message as Published).system === system) write(message as Message);
    };
    subscribe(name, listener);
    return [name, listener];
  };
}
