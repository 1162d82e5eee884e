/**
 * The supervisor's judgement: from its books and what it hears to new books and what is to be done. It does nothing
 * itself, knows no actor and no journal, and is given the time: the whole of OTP's `supervisor` as a function.
 *
 * What I own: the order of things. Starts go in order, each when the one before is up; stops in reverse, each when the
 * one before has exited; one plan at a time, and who falls meanwhile, or asks, is heard after it.
 *
 * V1  A restart is granted by the budget before anything of it is done; a failed attempt is another restart.
 * V2  Who gives up ends itself: the kernel then stops the children that are left, in reverse order of their start.
 * V3  Words of children are believed only if they fit where the child stands: late ones change nothing.
 */
import {
  type ActorRef,
  type ChildDecision,
  type ChildWord,
  idOfPath,
  type ReplyTo,
  TroupeError,
} from '../src/index.js';
import { backoffMs, scattered } from './backoff.js';
import {
  type Books,
  type ChildBook,
  type ManagementRequest,
  newPage,
  type Routed,
  type Step,
  type Waiting,
  type WaitIsOver,
} from './books.js';
import type { Deed, ManagementAnswer } from './deeds.js';
import { restartIntensity } from './restart-intensity.js';
import { hintOf, onFailureBy, pauseMs } from './recovery.js';
import { eventOf, isDefault, routeFor, routesWaitingMax, turnsLeft, unroutable } from './routing.js';
import type { CheckedSupervisor, ChildData } from './spec.js';
import { concerned, decisionFor, type Ending, isBegunAnew, isRestarted } from './strategy.js';

/** What a supervisor hears. */
export type Heard =
  | { type: 'troupe.begin' }
  | { type: 'troupe.declared' }
  | ChildWord
  | WaitIsOver
  | { type: 'asked'; request: ManagementRequest; asker: ReplyTo }
  | ({ type: 'routed' } & Routed);

/** Where a judgement is made. */
export interface Where {
  /** Who judges: backoffs of different supervisors differ by it. */
  scatter: string;
}

/** Judge. The books handed in are not changed. */
export function judge(
  books: Books,
  heard: Heard,
  spec: CheckedSupervisor,
  where: Where,
): { books: Books; deeds: Deed[] } {
  const judgement = new Judgement(structuredBooks(books), spec, where);
  judgement.hear(heard);
  return { books: judgement.books, deeds: judgement.deeds };
}

function structuredBooks(books: Books): Books {
  const { children, plan, fallen, again, waiting } = books;
  const copies = children.map((child) => ({ ...child }));
  return { ...books, children: copies, plan: [...plan], fallen: [...fallen], again: [...again], waiting: [...waiting] };
}

/** One judgement under way. */
class Judgement {
  readonly deeds: Deed[] = [];

  constructor(
    readonly books: Books,
    private readonly spec: CheckedSupervisor,
    private readonly where: Where,
  ) {}

  hear(heard: Heard): void {
    const { books } = this;
    if (heard.type === 'routed') return this.routed(heard);
    if (heard.type === 'troupe.begin') this.begin();
    else if (books.phase === 'idle' || books.phase === 'over') return;
    else if (heard.type === 'troupe.declared') this.declared();
    else if (heard.type === 'troupe.child') this.childSays(heard);
    else if (heard.type === 'asked') this.asked(heard.request, heard.asker);
    else this.waitIsOver(heard);
    this.goOn();
  }

  private begin(): void {
    const { books, spec } = this;
    this.turnAway();
    Object.assign(books, { phase: 'starting', recent: [], fallen: [], again: [], waiting: [] });
    books.children = spec.children.map(newPage);
    books.nextRank = books.children.length;
    books.declared = spec.children.map(({ id }) => id);
    books.plan = spec.children.map(({ id }): Step => ({ do: 'start', id }));
  }

  /**
   * The declaration may be another one: children that are new in it are started, those of another definition are
   * replaced, all others go on under what is declared of them now. Who is not declared any more is left alone.
   */
  private declared(): void {
    const { books, spec } = this;
    const known = books.declared ?? books.children.map((child) => child.spec.id);
    books.declared = spec.children.map(({ id }) => id);
    const plan: Step[] = [];
    let before: ChildBook | undefined;
    for (const data of spec.children) {
      const { id } = data;
      const present = this.pageOf(id);
      if (present === undefined && !known.includes(id)) {
        before = this.insert(data, before);
        plan.push({ do: 'start', id });
      } else if (present !== undefined) {
        if (present.spec.actor.name !== data.actor.name && isAlive(present)) {
          plan.push({ do: 'stop', id }, { do: 'start', id });
        } else if (present.standing === 'running' && data.actor.options.supervises !== undefined && present.ref) {
          this.deeds.push({ do: 'declared', ref: present.ref });
        }
        present.spec = data;
        before = present;
      }
    }
    books.turns = turnsLeft(books);
    if (plan.length === 0) return;
    books.plan.push(...plan);
    if (books.phase === 'running') Object.assign(books, { phase: 'restarting', rule: 'declared anew' });
  }

  /** A new child, in its place: started after the one before it, and stopped before that one. */
  private insert(spec: ChildData, before: ChildBook | undefined): ChildBook {
    const { books } = this;
    const at = before === undefined ? 0 : books.children.indexOf(before) + 1;
    const next = books.children[at];
    const lowest = before?.rank ?? (next === undefined ? books.nextRank - 1 : next.rank - 2);
    const rank = next === undefined ? books.nextRank : (lowest + next.rank) / 2;
    if (next === undefined) books.nextRank += 1;
    const page = newPage(spec, rank);
    books.children.splice(at, 0, page);
    return page;
  }

  // Children's words

  private childSays(word: ChildWord): void {
    const child = this.pageOf(idOfPath(word.child.path));
    if (word.what === 'refused') {
      if (child?.standing === 'starting') this.startFailed(child, word.error);
      return;
    }
    if (child === undefined) {
      // Started by an earlier declaration of this supervisor, or already given up.
      if (word.what !== 'started') this.decide(word.child, word.what === 'failed' ? word.seq : 0, 'stop', 'not known');
      return;
    }
    child.ref = word.child;
    child.heardAt = word.at;
    child.definition = word.definition;
    if (word.what === 'started') this.isUp(child);
    else if (word.what === 'failed') this.failed(child, word);
    else this.exited(child, word.how === 'failed' ? 'failed' : word.how, word.error);
  }

  private isUp(child: ChildBook): void {
    if (child.standing !== 'starting') return;
    child.standing = 'running';
    this.answer(child, { ok: true, path: child.ref?.path ?? '' });
    this.stepDone('start', child.spec.id);
  }

  private failed(child: ChildBook, word: ChildWord & { what: 'failed' }): void {
    const { standing } = child;
    if (standing !== 'running' && standing !== 'starting' && standing !== 'stopping') return;
    child.failure = { seq: word.seq, mayRetry: word.retry && word.attempts < word.attemptsMax };
    child.error = word.error;
    // It is stopped all the same; how it goes on is another question.
    if (standing === 'stopping') return;
    child.standing = 'failed';
    if (standing === 'starting') this.startFailed(child, word.error);
    else this.fall(child);
  }

  private exited(child: ChildBook, ending: Ending, error: Error | undefined): void {
    const { standing } = child;
    child.error = error;
    if (standing === 'stopping') {
      child.standing = 'held';
      this.stepDone('stop', child.spec.id);
      this.isDown(child);
    } else if (standing === 'waiting') {
      child.wasHeld = true;
      child.ending = ending;
    } else if (standing === 'starting' && ending === 'failed') {
      child.standing = 'held';
      this.startFailed(child, error ?? new Error('it ended while it started'));
    } else if (standing === 'starting' || standing === 'running' || standing === 'failed') {
      // Who had nothing to do but to start has started.
      if (standing === 'starting') this.isUp(child);
      child.standing = 'held';
      child.ending = ending;
      this.fall(child);
    }
  }

  /** A child is down that should be up. */
  private fall(child: ChildBook): void {
    const { plan, fallen } = this.books;
    const { id } = child.spec;
    // It is to be stopped anyway: it has only come before.
    if (plan.some((step) => step.do === 'stop' && step.id === id)) return;
    if (plan.length > 0) {
      fallen.push(id);
      return;
    }
    this.judgeFallen(child);
  }

  private judgeFallen(child: ChildBook): void {
    if (child.standing !== 'failed' && child.standing !== 'held') return;
    const ending = child.standing === 'failed' ? 'failed' : (child.ending ?? 'stopped');
    const { id, restart, significant } = child.spec;
    const asked = ending === 'failed' ? hintOf(child.error, this.spec.recovery) : undefined;
    child.hint = asked?.hint;
    const what = `${id} ${ending === 'failed' ? 'failed' : 'ended'}`;
    const why = asked === undefined ? what : `${what}: ${asked.code} asks for ${asked.hint}`;
    if (child.hint === 'ignore' && this.ignore(child, why)) return;
    if (isRestarted(restart, ending) && child.hint !== 'reload') {
      this.restart(child, why);
      return;
    }
    this.letGo(child, child.hint === 'reload' ? why : `${restart}: not restarted when ${ending}`);
    if (significant && this.endsWith(child)) this.end();
  }

  /** The message is given up, and nothing else happens. False when it was no message that failed. */
  private ignore(child: ChildBook, why: string): boolean {
    const { ref, failure } = child;
    if (child.standing !== 'failed' || ref === undefined || failure === undefined || failure.seq === 0) return false;
    this.decide(ref, failure.seq, 'resume', why);
    this.goesOn(child);
    return true;
  }

  /** It is well again, or about to be. */
  private goesOn(child: ChildBook, standing: 'running' | 'starting' = 'running'): void {
    Object.assign(child, { standing, failure: undefined, error: undefined, hint: undefined });
  }

  private endsWith(gone: ChildBook): boolean {
    if (this.spec.autoShutdown === 'any') return true;
    if (this.spec.autoShutdown !== 'all') return false;
    return !this.books.children.some((other) => other !== gone && other.spec.significant && isAlive(other));
  }

  // Restarting

  /** V1 */
  private restart(child: ChildBook, why: string): void {
    const { books, spec } = this;
    if (child.hint === 'escalate' || spec.strategy === 'escalate') {
      this.end(new TroupeError('SUPERVISOR_ESCALATED', why, { cause: child.error }));
      return;
    }
    const now = Math.max(child.heardAt, books.recent[0] ?? 0);
    const verdict = restartIntensity(books.recent, now, spec.intensity);
    books.recent = verdict.recent;
    const { restarts, periodMs } = spec.intensity;
    if (!verdict.granted) {
      const message = `${why}, and more than ${restarts} restarts in ${periodMs} ms are not granted`;
      this.end(new TroupeError('SUPERVISOR_GAVE_UP', message));
      return;
    }
    child.rule = `${why}; restart ${verdict.recent.length} of ${restarts} in ${periodMs} ms`;
    const ms = this.backoffOf(child, now);
    if (ms <= 0) {
      this.planRestart(child.spec.id);
      return;
    }
    child.wasHeld = child.standing === 'held';
    child.standing = 'waiting';
    child.waker = 'troupe.again';
    this.deeds.push({ do: 'wait', id: child.spec.id, ms });
  }

  private backoffOf(child: ChildBook, now: number): number {
    const { backoff } = this.spec;
    if (child.hint === 'breaker') return pauseMs(backoff);
    if (backoff === undefined) return 0;
    if (now - child.restartedAt > (backoff.resetAfterMs ?? backoff.maxMs)) child.restarts = 0;
    child.restarts += 1;
    child.restartedAt = now;
    return backoffMs(child.restarts, backoff, scattered(`${this.where.scatter}/${child.spec.id} ${now}`));
  }

  private waitIsOver({ type, id }: WaitIsOver): void {
    const child = this.pageOf(id);
    if (child?.standing !== 'waiting' || (child.waker ?? 'again') !== type) return;
    child.standing = child.wasHeld === true ? 'held' : 'failed';
    if (this.books.plan.length > 0) this.books.again.push(id);
    else this.planRestart(id);
  }

  private planRestart(id: string): void {
    const { books, spec } = this;
    const ids = concerned(
      spec.strategy,
      books.children.map((child) => child.spec.id),
      id,
    );
    const stops = ids.filter((other) => other !== id).map((other): Step => ({ do: 'stop', id: other }));
    const starts = ids.map((other): Step => ({ do: 'start', id: other }));
    books.plan = [...stops.reverse(), ...starts];
    books.phase = 'restarting';
    const rule = this.pageOf(id)?.rule ?? 'restarted';
    books.rule = spec.strategy === 'one-for-one' ? rule : `${spec.strategy}: ${rule}`;
  }

  private startFailed(child: ChildBook, error: Error): void {
    const { books } = this;
    if (books.phase === 'starting') {
      const message = `${child.spec.id} could not start: ${error.message}`;
      this.end(new TroupeError('SUPERVISOR_START', message, { cause: error }));
      return;
    }
    if (child.asker !== undefined) {
      const isNew = child.isNew === true;
      this.answer(child, { ok: false, reason: 'start-failed', error });
      this.letGo(child, 'its start was asked for, and failed');
      if (isNew) this.forget(child);
      this.stepDone('start', child.spec.id);
      return;
    }
    // One by one, the others have nothing to do with it: those that a new declaration has brought are still to start.
    const { id } = child.spec;
    const others = this.spec.strategy === 'one-for-one' ? books.plan.filter((step) => step.id !== id) : [];
    books.plan = [];
    this.restart(child, `${id} could not be restarted (${error.message})`);
    if (!this.isOver) books.plan.push(...others);
  }

  // The plan

  /** Do what can be done now. */
  private goOn(): void {
    const { books } = this;
    for (;;) {
      if (this.isOver) return;
      const [step] = books.plan;
      if (step !== undefined) {
        if (!this.take(step)) return;
        books.plan.shift();
      } else {
        if (books.phase === 'starting') this.deeds.push({ do: 'up' });
        books.phase = 'running';
        if (!this.takeNext()) return;
      }
    }
  }

  /** What waited for the plan to be done. Returns false when there is nothing. */
  private takeNext(): boolean {
    const { books } = this;
    const again = books.again.shift();
    if (again !== undefined) {
      const child = this.pageOf(again);
      if (child !== undefined && (child.standing === 'failed' || child.standing === 'held')) this.planRestart(again);
      return true;
    }
    const fallen = books.fallen.shift();
    if (fallen !== undefined) {
      const child = this.pageOf(fallen);
      if (child !== undefined) this.judgeFallen(child);
      return true;
    }
    const next = books.waiting.shift();
    if (next === undefined) return false;
    this.takeUp(next);
    return true;
  }

  /** Begin a step. Returns true when it is done already. */
  private take(step: Step): boolean {
    const child = this.pageOf(step.id);
    if (child === undefined) return true;
    return step.do === 'stop' ? this.takeStop(child) : this.takeStart(child);
  }

  private takeStop(child: ChildBook): boolean {
    const { standing, ref, spec } = child;
    if (standing === 'stopping') return false;
    if (standing === 'running' && ref !== undefined) {
      child.standing = 'stopping';
      this.deeds.push({ do: 'stop', ref });
      return false;
    }
    if (standing === 'waiting') {
      this.deeds.push({ do: 'forgetWait', id: spec.id });
      child.standing = child.wasHeld === true ? 'held' : 'failed';
    }
    this.isDown(child);
    return true;
  }

  /** It is down, as was wanted. */
  private isDown(child: ChildBook): void {
    if (child.asker !== undefined) {
      this.letGo(child, 'its stop was asked for');
      this.answer(child, { ok: true });
      if (child.spec.restart === 'temporary') this.forget(child);
    } else if (child.spec.restart === 'temporary') {
      this.letGo(child, 'temporary: not restarted with the others');
    }
  }

  private takeStart(child: ChildBook): boolean {
    const { standing, spec, ref, failure } = child;
    if (standing === 'starting') return false;
    if (standing === 'running') return true;
    const onFailure = onFailureBy(child.hint, spec.onFailure);
    const isSupervisor = spec.actor.options.supervises !== undefined;
    const decision = decisionFor(onFailure, isSupervisor, failure);
    const isOther = (child.definition ?? spec.actor.name) !== spec.actor.name;
    if (standing === 'failed' && ref !== undefined && failure !== undefined && !isOther) {
      this.decide(ref, failure.seq, decision, this.books.rule ?? 'restarted');
      const isUp = failure.seq !== 0 && decision !== 'reset';
      this.goesOn(child, isUp ? 'running' : 'starting');
      return isUp;
    }
    this.goesOn(child, 'starting');
    if (isOther && standing === 'failed' && ref !== undefined) {
      this.decide(ref, failure?.seq ?? 0, 'stop', 'another definition is declared');
    }
    if (standing === 'held' && ref !== undefined && !isOther)
      this.decide(ref, 0, decision, this.books.rule ?? 'restarted');
    else this.deeds.push({ do: 'start', child: spec, rank: child.rank, anew: isBegunAnew(onFailure, isSupervisor) });
    return false;
  }

  /** The first step may be this one: then it is done. */
  private stepDone(what: Step['do'], id: string): void {
    const [step] = this.books.plan;
    if (step?.do === what && step.id === id) this.books.plan.shift();
  }

  // Routing

  private routed({ request, asker }: Routed): void {
    const { phase, plan, waiting } = this.books;
    if (phase === 'over') return this.refuse({ request, asker }, 'its supervisor is ending');
    // An earlier life has had children: what is sent to those that are declared waits for them.
    const books = phase === 'idle' ? { ...this.books, children: this.spec.children.map(pageOfEarlier) } : this.books;
    const route = routeFor(books, request);
    // One behind the other, or a task would overtake those that wait for the same child.
    const mustWait = plan.length > 0 && (route === 'later' || waiting.some((other) => other.request.type === 'route'));
    if (mustWait && waiting.length < routesWaitingMax) waiting.push({ request, asker });
    else if (mustWait) this.refuse({ request, asker }, `${waiting.length} wait already for children that are to start`);
    else if (route === 'later' || route === 'nobody') this.refuse({ request, asker }, 'no child can take it');
    else {
      const { spec, ref } = route.child;
      this.books.turns = route.turns;
      this.deeds.push({ do: 'forward', ref, id: spec.id, message: request.message, asker });
    }
  }

  private refuse({ request, asker }: Routed, why: string): void {
    this.deeds.push({ do: 'refuse', event: eventOf(request), asker, error: unroutable(request, why) });
  }

  // Management

  private asked(request: ManagementRequest, asker: ReplyTo): void {
    if (this.books.plan.length > 0) this.books.waiting.push({ request, asker });
    else this.manage(request, asker);
  }

  /** It has waited, and there is no plan any more. */
  private takeUp(next: Waiting): void {
    if (isRouted(next)) this.routed(next);
    else this.manage(next.request, next.asker);
  }

  private manage(request: ManagementRequest, asker: ReplyTo): void {
    if (request.type === 'startChild') {
      this.startChild(request.child, asker);
      return;
    }
    const child = this.pageOf(request.id);
    const reply = (answer: ManagementAnswer): void => void this.deeds.push({ do: 'reply', asker, answer });
    if (child === undefined) return reply({ ok: false, reason: 'not-found' });
    if (request.type === 'stopChild') {
      if (child.standing === 'stopped') return reply({ ok: true });
      child.asker = asker;
      // A group of which one waited for its restart waited with it: the others need it no more.
      const waited = this.books.children.filter((other) => other !== child && other.standing === 'held');
      const starts = waited.map((other): Step => ({ do: 'start', id: other.spec.id }));
      this.books.plan = [{ do: 'stop', id: request.id }, ...(child.standing === 'waiting' ? starts : [])];
      return;
    }
    if (child.standing === 'running') return reply({ ok: false, reason: 'running' });
    if (child.standing !== 'stopped') return reply({ ok: false, reason: 'restarting' });
    if (request.type === 'deleteChild') {
      this.forget(child);
      return reply({ ok: true });
    }
    child.asker = asker;
    this.books.plan = [{ do: 'start', id: request.id }];
  }

  private startChild(spec: ChildData, asker: ReplyTo): void {
    const { children } = this.books;
    const reply = (answer: ManagementAnswer): void => void this.deeds.push({ do: 'reply', asker, answer });
    const present = this.pageOf(spec.id);
    if (present !== undefined) {
      return reply({ ok: false, reason: present.standing === 'stopped' ? 'already-present' : 'already-started' });
    }
    if (children.length >= this.spec.maxChildren) return reply({ ok: false, reason: 'max-children' });
    if (isDefault(spec) && children.some((child) => isDefault(child.spec))) {
      const message = 'child.handles must not have `*`: another child is the default';
      const error = new TroupeError('SUPERVISOR_SPEC', message, { field: 'child.handles', value: spec.handles });
      return reply({ ok: false, reason: 'refused', error });
    }
    children.push({ ...newPage(spec, this.books.nextRank), asker, isNew: true });
    this.books.nextRank += 1;
    this.books.plan = [{ do: 'start', id: spec.id }];
  }

  // Small things

  private get isOver(): boolean {
    return this.books.phase === 'over';
  }

  private pageOf(id: string): ChildBook | undefined {
    return this.books.children.find(({ spec }) => spec.id === id);
  }

  private answer(child: ChildBook, answer: ManagementAnswer): void {
    const { asker } = child;
    child.isNew = false;
    child.asker = undefined;
    if (asker !== undefined) this.deeds.push({ do: 'reply', asker, answer });
  }

  /** What is left of it in the kernel ends for good; temporary children are forgotten. */
  private letGo(child: ChildBook, why: string): void {
    const { standing, ref, failure, spec } = child;
    if (ref !== undefined && (standing === 'failed' || standing === 'held')) {
      this.decide(ref, standing === 'failed' ? (failure?.seq ?? 0) : 0, 'stop', why);
    }
    child.standing = 'stopped';
    child.ref = undefined;
    child.failure = undefined;
    child.error = undefined;
    if (spec.restart === 'temporary' && child.asker === undefined) this.forget(child);
  }

  private forget(child: ChildBook): void {
    this.books.children = this.books.children.filter((other) => other !== child);
    this.books.turns = turnsLeft(this.books);
  }

  private decide(ref: ActorRef, seq: number, decision: ChildDecision, why: string): void {
    this.deeds.push({ do: 'decide', ref, seq, decision, why });
  }

  /** Whoever waits for an answer will get none from this life any more. */
  private turnAway(): void {
    const { children, waiting } = this.books;
    const askers = children.map(({ asker }) => asker);
    this.books.waiting = [];
    for (const each of waiting) {
      if (isRouted(each)) this.refuse(each, 'its supervisor is ending');
      else askers.push(each.asker);
    }
    for (const child of children) child.asker = undefined;
    for (const asker of askers) {
      if (asker !== undefined) this.deeds.push({ do: 'reply', asker, answer: { ok: false, reason: 'ending' } });
    }
  }

  /** V2 */
  private end(error?: Error): void {
    this.books.phase = 'over';
    this.books.plan = [];
    this.turnAway();
    this.deeds.push(error === undefined ? { do: 'end' } : { do: 'end', error });
  }
}

/** A child of a life before this one: it may be there still. */
function pageOfEarlier(spec: ChildData, rank: number): ChildBook {
  return { ...newPage(spec, rank), standing: 'held' };
}

function isRouted(waiting: Waiting): waiting is Routed {
  return waiting.request.type === 'route';
}

function isAlive({ standing }: ChildBook): boolean {
  return standing !== 'stopped';
}
