/** Numbers that look like chance and are the same for all contenders, in whichever language. */

/** Savina's own generator: 16 bits. */
export class SavinaRandom {
  constructor(private value: number = 74_755) {}

  /** What to go on with later: another one made of it gives the same numbers. */
  get current(): number {
    return this.value;
  }

  /** The next number, from 0 to 65,535. */
  next(): number {
    this.value = (this.value * 1_309 + 13_849) & 65_535;
    return this.value;
  }

  /** The next number below `end`. */
  below(end: number): number {
    return this.next() % end;
  }
}

/** Keys of the dictionary need more than 16 bits: a generator of 31. */
export class KeyRandom {
  constructor(private value: number) {}

  /** The next number, from 0 to 2^31 - 1. */
  next(): number {
    this.value = (Math.imul(this.value, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return this.value;
  }

  /** The next number below `end`; the lower bits repeat soon, so the upper ones count. */
  below(end: number): number {
    return (this.next() >>> 8) % end;
  }
}
