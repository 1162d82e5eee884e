/** Which frames of a record concern an actor: the glance before reading. */
import { ByteReader } from '../core/bytes.js';
import { framesOf } from './group.js';
import type { HistorySubject } from './history-entry.js';
import { frameHeaderBytes, type OpVisitor, readOps, type SpawnSpec } from './ops.js';

/**
 * The numbers of the frames in which the actor is named, spawned, or has changed.
 * @returns undefined when there is none, as in most records
 * @throws RangeError when a frame cannot be read
 */
export function touchedFrames(record: Buffer, subject: HistorySubject): ReadonlySet<number> | undefined {
  let touched: Set<number> | undefined;
  const glance = new Glance(subject);
  let frame = 0;
  for (const { at, length } of framesOf(record)) {
    glance.isTouched = false;
    readOps(new ByteReader(record, at + frameHeaderBytes), at + length, glance);
    if (glance.isTouched) {
      touched ??= new Set();
      touched.add(frame);
    }
    frame += 1;
  }
  return touched;
}

class Glance implements OpVisitor {
  isTouched = false;
  private readonly aid: number;

  constructor(private readonly subject: HistorySubject) {
    this.aid = subject.aid;
  }

  consume(aid: number): void {
    this.see(aid);
  }

  state(aid: number): void {
    this.see(aid);
  }

  ended(aid: number): void {
    this.see(aid);
  }

  timerSet(aid: number): void {
    this.see(aid);
  }

  timerCancel(aid: number): void {
    this.see(aid);
  }

  timerDue(aid: number): void {
    this.see(aid);
  }

  fail(aid: number): void {
    this.see(aid);
  }

  decide(aid: number): void {
    this.see(aid);
  }

  hostDown(_session: number, aid: number): void {
    this.see(aid);
  }

  told(aid: number): void {
    this.see(aid);
  }

  over(aid: number): void {
    this.see(aid);
  }

  held(aid: number): void {
    this.see(aid);
  }

  up(aid: number): void {
    this.see(aid);
  }

  overdue(aid: number): void {
    this.see(aid);
  }

  declared(aid: number): void {
    this.see(aid);
  }

  here(aid: number): void {
    this.see(aid);
  }

  startedHere(aid: number): void {
    this.see(aid);
  }

  actorsMax(): void {}

  watch(watcher: number): void {
    this.see(watcher);
  }

  spawn({ parent, path, autoId }: SpawnSpec): void {
    this.see(parent);
    if (path === this.subject.path || (autoId && this.subject.path.startsWith(path))) this.isTouched = true;
  }

  stopChild(supervisor: number, path: string): void {
    this.stop(supervisor, path);
  }

  stop(aid: number, path: string): void {
    this.see(aid);
    if (path === this.subject.path) this.isTouched = true;
  }

  // Nothing of these is anybody's but by what stands beside them.

  send(): void {}
  local(): void {}
  reply(): void {}
  passivate(): void {}
  session(): void {}
  deadLetterOp(): void {}

  private see(aid: number): void {
    if (aid === this.aid) this.isTouched = true;
  }
}
