/** What a contender may find out about itself besides figures: that its result is wrong, or that it cannot run here. */

/** A result that does not add up: whatever was measured is void. The other contenders go on. */
export class WrongResult extends Error {
  override readonly name = 'WrongResult';
}

/** Something it needs is not here, a server for instance: it is absent, which is not slow. */
export class Absent extends Error {
  override readonly name = 'Absent';
}

/** @throws WrongResult when the two differ */
export function prove(what: string, actual: number | string, expected: number | string): void {
  if (actual !== expected) throw new WrongResult(`${what}: ${actual}, and it must be ${expected}`);
}
