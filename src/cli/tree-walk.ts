/**
 * The tree of living actors, from the top down, each parent before its children and those in the order of their start.
 *
 * T1  Memory: the numbers of the children on the way down, not the actors.
 * T2  Of many children of one definition under one parent only the first are shown, unless all are asked for; the rest
 *     is counted by how it stands, so that no trouble is hidden.
 */
import { type ActorRow, RowStatus, statusNames } from '../journal/row.js';
import type { Standing } from '../journal/standing.js';

/** So many children of one definition are shown one by one; of more the first ones. */
const alikeMax = 20;
const shownOfMany = 10;

/** One actor, or those of one definition that are not shown. */
export type TreeItem = {
  /** Its number in the picture, and that of the item it hangs on; 0: on none. */
  id: number;
  on: number;
  /** For each step down to it from the top of what is shown: was that the last one there? */
  lasts: readonly boolean[];
} & ({ kind: 'actor'; row: ActorRow; parent: string | undefined } | { kind: 'more'; more: Hidden });

/** Those that are not shown. */
export interface Hidden {
  definition: string;
  count: number;
  /** Messages that wait for them. */
  mail: number;
  /** How many stand how. */
  statuses: Map<string, number>;
}

/** A child, or where those that are not shown would be. */
type Slot = number | Hidden;

/** Walks the tree once. */
export class TreeWalk {
  private items = 0;

  /** @param isWhole T2: show all */
  constructor(
    private readonly standing: Standing,
    private readonly isWhole: boolean,
  ) {}

  /** Everybody who lives. */
  *everybody(): Generator<TreeItem> {
    yield* this.all(this.slots(this.roots()), undefined, 0, []);
  }

  /** An actor and those below it. */
  *from(row: ActorRow): Generator<TreeItem> {
    const { parent } = row;
    yield* this.one(row, parent === 0 ? undefined : this.standing.pathOf(parent), 0, [true]);
  }

  private *roots(): Generator<ActorRow> {
    for (const row of this.standing.actors()) if (row.parent === 0 && row.status !== RowStatus.ended) yield row;
  }

  private *children(parent: ActorRow): Generator<ActorRow> {
    const { standing } = this;
    const aids = parent.damage === undefined ? parent.children : standing.model.findChildren(parent.aid);
    for (const aid of aids ?? []) {
      const row = standing.row(aid);
      if (row !== undefined && row.status !== RowStatus.ended) yield row;
    }
  }

  /** T2 */
  private slots(rows: Iterable<ActorRow>): Slot[] {
    const all: { aid: number; name: string }[] = [];
    const alike = new Map<string, number>();
    for (const { aid, name } of rows) {
      all.push({ aid, name });
      alike.set(name, (alike.get(name) ?? 0) + 1);
    }
    const shown = new Map<string, number>();
    const hidden = new Map<string, Hidden>();
    const slots: Slot[] = [];
    for (const { aid, name } of all) {
      const before = shown.get(name) ?? 0;
      shown.set(name, before + 1);
      if (this.isWhole || (alike.get(name) ?? 0) <= alikeMax || before < shownOfMany) slots.push(aid);
      else this.hide(aid, name, hidden, slots);
    }
    return slots;
  }

  private hide(aid: number, definition: string, hidden: Map<string, Hidden>, slots: Slot[]): void {
    const row = this.standing.row(aid);
    if (row === undefined) return;
    let more = hidden.get(definition);
    if (more === undefined) {
      more = { definition, count: 0, mail: 0, statuses: new Map() };
      hidden.set(definition, more);
      slots.push(more);
    }
    const status = statusNames[row.status];
    more.count += 1;
    more.mail += row.hasMail ? row.mail.length : 0;
    more.statuses.set(status, (more.statuses.get(status) ?? 0) + 1);
  }

  private *all(
    slots: readonly Slot[],
    parent: string | undefined,
    on: number,
    above: readonly boolean[],
  ): Generator<TreeItem> {
    for (const [index, slot] of slots.entries()) {
      const lasts = [...above, index === slots.length - 1];
      if (typeof slot === 'object') {
        this.items += 1;
        yield { kind: 'more', id: this.items, on, lasts, more: slot };
        continue;
      }
      const row = this.standing.row(slot);
      if (row !== undefined) yield* this.one(row, parent, on, lasts);
    }
  }

  private *one(row: ActorRow, parent: string | undefined, on: number, lasts: readonly boolean[]): Generator<TreeItem> {
    this.items += 1;
    const id = this.items;
    yield { kind: 'actor', id, on, lasts, row, parent };
    yield* this.all(this.slots(this.children(row)), row.path, id, lasts);
  }
}
