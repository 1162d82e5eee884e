/**
 * Every durable timer's due time, earliest first: a binary heap. A timer that was cancelled or set
 * anew stays in the heap until it surfaces and is then passed over (its serial no longer matches).
 */

/** One due time. */
export interface HeapTimer {
  dueAt: number;
  aid: number;
  timerId: string;
  serial: number;
}

/** A min-heap by `dueAt`; equal times keep the order they were set in. */
export class TimerHeap {
  private readonly heap: HeapTimer[] = [];

  get size(): number {
    return this.heap.length;
  }

  /** The earliest, or undefined. */
  peek(): HeapTimer | undefined {
    return this.heap[0];
  }

  push(timer: HeapTimer): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as HeapTimer;
      if (!earlier(timer, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  pop(): HeapTimer | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= heap.length) break;
      const right = below + 1;
      if (right < heap.length && earlier(heap[right] as HeapTimer, heap[below] as HeapTimer)) below = right;
      if (!earlier(heap[below] as HeapTimer, last)) break;
      heap[at] = heap[below] as HeapTimer;
      at = below;
    }
    heap[at] = last;
    return top;
  }
}

function earlier(a: HeapTimer, b: HeapTimer): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.serial < b.serial);
}
