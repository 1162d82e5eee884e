/**
 * Actors that begin, and those that may not. Part of the model's fold.
 *
 * What I own: whether a path may be taken, by how many, and what whoever asked for it hears. What `deciding` owns: what
 * a supervisor hears of its children.
 *
 * S1  At most one living actor has a path. Who spawns it again as it is finds it there; as another one is refused.
 */
import { encode } from '../core/codec.js';
import { type ErrorCode, TroupeError, type TroupeErrorDetails } from '../core/errors.js';
import type { Deciding } from './deciding.js';
import type { Ending } from './ending.js';
import type { JournalModel } from './model.js';
import { type SpawnSpec, Supervises } from './ops.js';
import { refusal } from './refusal.js';
import { ActorRow, RowStatus } from './row.js';

/** See the file's header. */
export class Spawning {
  constructor(
    private readonly books: JournalModel,
    private readonly ending: Ending,
    private readonly deciding: Deciding,
  ) {}

  /** @param index of the receipt that is waited for; -1: nobody waits */
  spawn(spec: SpawnSpec, index: number): void {
    const { books } = this;
    const aid = books.counters.aid + 1;
    const path = spec.autoId ? `${spec.path}${aid}` : spec.path;
    const existing = books.rows.at(path);
    if (existing !== undefined && existing.status !== RowStatus.ended && this.spawnAgain(existing, spec, index)) return;
    const parent = books.rows.get(spec.parent);
    if (spec.parent !== 0 && (parent === undefined || parent.end || parent.status === RowStatus.stopping)) {
      const message = `cannot spawn ${path}: its parent has ended`;
      if (spec.supervision?.asker === undefined) this.refuseSpawn(path, 'SPAWN_PARENT', message, index);
      else this.deciding.refused(spec, 'conflict', new TroupeError('SPAWN_PARENT', message));
      return;
    }
    if (books.livingCount >= books.limitOfActors) {
      this.refuseForRoom(spec, path, index);
      return;
    }
    const { childrenMax = Number.POSITIVE_INFINITY, isChildrenMaxShared = false } = spec.supervision ?? {};
    const above = isChildrenMaxShared ? books.rows.get(parent?.parent ?? 0) : undefined;
    if (parent !== undefined && this.childCountOf(parent, above) >= childrenMax) {
      const message = `${(above ?? parent).path} has ${childrenMax} children already`;
      this.deciding.refused(spec, 'max-children', new TroupeError('CHILDREN_MAX', message));
      return;
    }
    books.counters.aid = aid;
    const row = ActorRow.of(aid, path, spec);
    books.rows.add(row);
    books.livingCount += 1;
    if (parent !== undefined) {
      parent.children ??= new Set();
      parent.children.add(aid);
      books.touch(parent);
    }
    books.touch(row);
    if (row.supervises !== Supervises.no) this.ending.tellBegin(row);
    this.answerSpawn(row, true, index);
    books.outcomes.wake(row);
  }

  /** How many children a row has, or, where `above` is given, all rows below that one. */
  private childCountOf(row: ActorRow, above: ActorRow | undefined): number {
    if (above === undefined) return row.children?.size ?? 0;
    let count = 0;
    for (const aid of above.children ?? []) count += this.books.rows.get(aid)?.children?.size ?? 0;
    return count;
  }

  /** Somebody lives at the path. Returns false when the path is free after all. */
  private spawnAgain(existing: ActorRow, spec: SpawnSpec, index: number): boolean {
    const same = existing.name === spec.name && existing.input.equals(spec.input);
    const refuse = (why: string): true => {
      const message = `${existing.path} ${why}`;
      const about = { field: 'id', value: existing.path.slice(existing.path.lastIndexOf('/') + 1) };
      if (spec.supervision?.supervised === true) {
        this.deciding.refused(spec, 'conflict', new TroupeError('SPAWN_CONFLICT', message, about));
      } else this.refuseSpawn(existing.path, 'SPAWN_CONFLICT', message, index, about);
      return true;
    };
    if (existing.status === RowStatus.stopping) return refuse('is stopping; spawn again when it has ended');
    if (existing.damage !== undefined) {
      return refuse(`is damaged (${existing.damage.message}); stop it to free its path`);
    }
    if (existing.supervised && !this.deciding.startAgain(existing, spec, same)) return false;
    if (!same) {
      return refuse(
        `already lives, with ${existing.name === spec.name ? 'another input' : `definition ${existing.name}`}`,
      );
    }
    if (existing.url !== spec.url) {
      existing.url = spec.url;
      this.books.touch(existing);
    }
    if (existing.status === RowStatus.quarantined) {
      this.books.outcomes.notice({ kind: 'unquarantined', aid: existing.aid });
      existing.status = RowStatus.running;
      existing.failure = undefined;
      this.books.touch(existing);
    }
    this.answerSpawn(existing, false, index);
    this.books.outcomes.wake(existing);
    return true;
  }

  private refuseSpawn(path: string, code: ErrorCode, message: string, index: number, about?: TroupeErrorDetails): void {
    if (index >= 0) this.books.outcomes.result(index, false, refusal(code, message, about));
    else this.books.outcomes.notice({ kind: 'refused', path, code, message });
  }

  private refuseForRoom(spec: SpawnSpec, path: string, index: number): void {
    const { livingCount, limitOfActors } = this.books;
    const message = `${path} was not spawned: ${livingCount} actors live, and ${limitOfActors} may`;
    if (spec.supervision?.supervised !== true) this.refuseSpawn(path, 'ACTORS_MAX', message, index);
    else this.deciding.refused(spec, 'max-children', new TroupeError('ACTORS_MAX', message));
  }

  private answerSpawn(row: ActorRow, isNew: boolean, index: number): void {
    if (index < 0) return;
    const value = encode({ aid: row.aid, path: row.path, isNew }, 'spawned');
    const isComing = row.supervises !== Supervises.no && !row.isUp && row.status !== RowStatus.quarantined;
    if (isComing) this.books.outcomes.awaitUp(row, index, value);
    else this.books.outcomes.result(index, true, value);
  }
}
