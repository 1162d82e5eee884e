/** How much each contender of the messages suite does. The quick sizes show that everything runs. */
import { type Sizes as KernelSizes, fullSizes as kernelFull, quickSizes as kernelQuick } from '../kernel/sizes.js';

/** See the fields. */
export interface Sizes extends KernelSizes {
  /** Machines that are told by turns, where they are few and where they are many. */
  fewMachines: number;
  manyMachines: number;
  /** Messages to the many: several for each of them. */
  manyTells: number;
  /** Questions with a pause before each. */
  idleAsks: number;
  /** Milliseconds of that pause. */
  pauseMs: number;
  /** Questions of which many are on their way, and how many of them at a time. */
  askMany: number;
  asksAhead: number;
  /** Messages that two actors send each other by turns. */
  pingPongs: number;
}

/** The sizes the targets are about. */
export const fullSizes: Sizes = {
  ...kernelFull,
  fewMachines: 16,
  manyMachines: 100_000,
  manyTells: 1_000_000,
  asks: 10_000,
  idleAsks: 500,
  pauseMs: 1,
  askMany: 100_000,
  asksAhead: 1_000,
  pingPongs: 200_000,
};

/** For a look in half a minute. */
export const quickSizes: Sizes = {
  ...fullSizes,
  ...kernelQuick,
  tells: 20_000,
  functionTells: 20_000,
  tellsAhead: 4_000,
  manyMachines: 2_000,
  manyTells: 20_000,
  asks: 300,
  idleAsks: 20,
  askMany: 2_000,
  asksAhead: 200,
  pingPongs: 2_000,
  idleActors: 2_000,
};
