/** A workflow with a saga: the car cannot be had, so the hotel and the flight are given back, last one first. */
import { isMainThread } from 'node:worker_threads';
import { defineWorkflow, sequence, startRun, step } from '../../actors/index.js';
import { createSystem, TroupeError } from '../../src/index.js';

interface Trip {
  to: string;
}

const book = (what: string) =>
  step(
    what,
    ({ input }: { input: Trip }) => {
      if (what === 'car') throw new Error('there is no car to be had');
      console.log(`${what} to ${input.to} booked`);
      return input;
    },
    { retry: { attempts: 1 }, compensate: () => console.log(`${what} given back`) },
  );

/** A flight, a hotel, a car: all of them, or none. */
export const trip = defineWorkflow(
  import.meta,
  'example.trip',
  sequence('trip', book('flight'), book('hotel'), book('car')),
);

if (isMainThread) {
  const system = await createSystem({ journal: process.argv[2] ?? './data', logger: false });
  const run = await startRun(system, trip, { id: 'trip-1', input: { to: 'Oslo' } });
  await run.result().catch((error: unknown) => {
    if (TroupeError.is(error, 'WORKFLOW_FAILED')) console.log(error.message);
  });
  await system.stop();
}
