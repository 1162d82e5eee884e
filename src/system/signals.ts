/**
 * SIGTERM and SIGINT: the first stops the system in order and exits 0, the second exits at once with 1. What was
 * accepted is in the journal either way.
 */
import type { System } from './system.js';

const signals = ['SIGTERM', 'SIGINT'] as const;

/** Listen for the process. Returns a function that stops listening. */
export function onSignals(system: System): () => void {
  let isStopping = false;
  const onSignal = () => {
    if (isStopping) {
      system.abandon();
      process.exit(1);
    }
    isStopping = true;
    system.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.emitWarning(error instanceof Error ? error : String(error));
        process.exit(1);
      },
    );
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    // Still heard while stopping, so that a second signal can force.
    if (isStopping) return;
    for (const signal of signals) process.off(signal, onSignal);
  };
}
