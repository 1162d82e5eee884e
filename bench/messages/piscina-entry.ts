/** The task of the piscina contender. Its thread is the only one, so it can count. */
let total = 0;

export default function next(): number {
  total += 1;
  return total;
}
