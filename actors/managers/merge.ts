/**
 * Merging a fork into what it was forked from. What has changed in the fork since then is compared with how the target
 * is now. Elements are not changed in place, so there are three kinds of change: an element is new, is gone, or another
 * one stands under its id.
 *
 * MG1  What the target has of the same id and another value is never overwritten: it is a conflict, and is reported.
 * MG2  Every step asks how it is first. So a merge that is made again, or was cut off and begins anew, comes to the
 *      same end.
 */
import { ActorRef, TroupeError } from '../../src/index.js';
import type { Element } from './element.js';
import { isSame } from './pile-page.js';
import type { Descent, Page, PileEvents } from './pile-words.js';
import { allOf } from './progression.js';

/** Why something of a fork was not taken over. */
export interface MergeConflict {
  /** The manager's id. */
  manager: string;
  /** The element's id. */
  id: string;
  /**
   * `put`: another one was put into both; `removed`: it was removed in the fork, and the target has another one by
   * now; `replaced`: another one was put in its place in the fork.
   */
  kind: 'put' | 'removed' | 'replaced';
  /** As it is in the target; undefined: it is not there. */
  ours: Element | undefined;
  /** As it is in the fork; undefined: it is not there. */
  theirs: Element | undefined;
}

/** What a merge came to. */
export interface MergeReport {
  /** How many elements were put into the target, and removed from it. */
  added: number;
  removed: number;
  /** In the order of managers, and of arrival. */
  conflicts: MergeConflict[];
}

type Ref = ActorRef<PileEvents<unknown>>;

/**
 * Merge one manager. Order of arrival is the fork's; places in progressions are not merged.
 * @param name the manager's
 * @param from path of the fork's
 * @param to path of the target's
 * @param report is added to
 * @throws TroupeError BRANCH_FOREIGN when it was not forked from there; PILE_FULL; what asking throws, with
 *   the field `from` when nobody is there
 */
export async function mergeManager(name: string, from: string, to: string, report: MergeReport): Promise<void> {
  const [theirs, ours]: Ref[] = [new ActorRef(from), new ActorRef(to)] as const;
  const { base, first } = await descentOf(theirs!);
  if (base?.path !== to) {
    const message = `${from} was not forked from ${to}, so there is nothing to compare them by`;
    throw new TroupeError('BRANCH_FOREIGN', message, { field: 'from', value: from });
  }
  const merge = new Merge(name, theirs!, ours!, report);
  const removals = (begin: number): Promise<Page<unknown>> => theirs!.ask({ type: 'removals', from: begin });
  for await (const gone of allOf(removals)) await merge.removal(gone);
  const additions = (begin: number): Promise<Page<unknown>> =>
    theirs!.ask({ type: 'page', from: Math.max(begin, first) });
  for await (const added of allOf(additions)) await merge.addition(added);
}

/** What a branch is that is not there, or is no branch, shows here first. */
async function descentOf(theirs: Ref): Promise<Descent> {
  try {
    return await theirs.ask({ type: 'descent' });
  } catch (error) {
    if (!TroupeError.is(error, 'ACTOR_UNKNOWN') && !TroupeError.is(error, 'ACTOR_STOPPED')) throw error;
    const value = theirs.path.slice(0, theirs.path.lastIndexOf('/'));
    const message = `merge: from must be the path of a branch, and there is none at ${value}: ${error.message}`;
    throw new TroupeError(error.code, message, { field: 'from', value });
  }
}

class Merge {
  /** Ids of the base that the fork has removed. */
  private readonly removed = new Set<string>();

  constructor(
    private readonly manager: string,
    private readonly theirs: Ref,
    private readonly ours: Ref,
    private readonly report: MergeReport,
  ) {}

  async removal(was: Element): Promise<void> {
    const { id } = was;
    this.removed.add(id);
    const [now, mine] = await Promise.all([this.theirs.ask({ type: 'get', id }), this.ours.ask({ type: 'get', id })]);
    if (now !== undefined) {
      const isGood = isSame(now, was) || (mine !== undefined && isSame(mine, now));
      if (!isGood) this.conflict(id, 'replaced', mine, now);
      return;
    }
    if (mine === undefined) return;
    if (!isSame(mine, was)) this.conflict(id, 'removed', mine, undefined);
    else if (await this.ours.ask({ type: 'remove', id })) this.report.removed += 1;
  }

  async addition(element: Element): Promise<void> {
    const { id } = element;
    if (this.removed.has(id)) return;
    try {
      const { added } = await this.ours.ask({ type: 'put', element });
      if (added) this.report.added += 1;
    } catch (error) {
      if (!TroupeError.is(error, 'PILE_CONFLICT')) throw error;
      this.conflict(id, 'put', await this.ours.ask({ type: 'get', id }), element);
    }
  }

  private conflict(id: string, kind: MergeConflict['kind'], ours?: Element, theirs?: Element): void {
    this.report.conflicts.push({ manager: this.manager, id, kind, ours, theirs });
  }
}
