/** A sorted list that is walked from its head. */

interface Node {
  value: number;
  next: Node | undefined;
}

/** See the file's header. */
export class LinkedList {
  private head: Node | undefined;

  /** Behind those that are not greater. */
  add(value: number): void {
    let before: Node | undefined;
    let after = this.head;
    while (after !== undefined && value >= after.value) {
      before = after;
      after = after.next;
    }
    const node = { value, next: after };
    if (before === undefined) this.head = node;
    else before.next = node;
  }

  /** Looked for to the end when it is not there. */
  contains(value: number): boolean {
    for (let node = this.head; node !== undefined; node = node.next) if (node.value === value) return true;
    return false;
  }

  /** Counted anew each time. */
  get size(): number {
    let count = 0;
    for (let node = this.head; node !== undefined; node = node.next) count += 1;
    return count;
  }

  /** No value is smaller than the one before. */
  get isSorted(): boolean {
    for (let node = this.head; node?.next !== undefined; node = node.next) {
      if (node.value > node.next.value) return false;
    }
    return true;
  }
}
