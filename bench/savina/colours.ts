/** The colours of chameneos, as numbers: 0 blue, 1 red, 2 yellow. */

/** Two that meet keep a colour they share, and else both take the third. */
export function complement(own: number, other: number): number {
  return own === other ? own : 3 - own - other;
}
