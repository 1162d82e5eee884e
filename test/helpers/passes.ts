/**
 * How often a process passes a place until it dies there, life after life. One that starts again passes it some times
 * before its work goes on, and how many differs with what is committed together: so it is once more while nothing new
 * is on record, and less again when something is.
 */
const fewest = 3;

/** @returns to be asked before each life: from how much is on record to how often the place is passed */
export function passesByProgress(): (recorded: number) => number {
  let passes = fewest - 1;
  let before = 0;
  return (recorded) => {
    passes = recorded > before ? Math.max(fewest, passes - 2) : passes + 1;
    before = recorded;
    return passes;
  };
}
