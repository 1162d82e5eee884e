/**
 * Where committed mail goes. The router knows what the model does not: which threads are attached, who
 * runs which actor, how much is under way. All of it may be lost without harm; after a crash actors
 * simply run nowhere until somebody needs them.
 *
 * R1  Nothing of a group is written to any link before the group is committed, but for mail of `flushed` actors: they
 *     get it while it is being flushed. Whatever comes of it waits for a flush of its own, which is later, and of which
 *     this one is a part. When the flush fails, their hosts are reset with all others.
 * R2  A host gets an actor's mail in order, at most `windowItems` ahead of what it has consumed.
 * R3  An actor runs on at most one node. It leaves a node only by the node's own word (`released`), by
 *     the node's end, or by a reset, so no stale turn of it can arrive.
 * R4  The router never waits for a link: rows without room are stalled and tried again.
 * R5  A host that has not been sent all of an actor's mail has been told so (`more`).
 * R6  When a thread died while it ran an actor, and the journal cannot tell at which message because its turn is
 *     lost, the actor's next messages are handed out one by one, so that the next death is told exactly: a window of
 *     them, and many more when it died of one that had no number, such as an effect's report, since other mail may be
 *     handled before the effect reports again.
 * R7  Of those that come back to mail, a host has at most `limits.comingBackMax` that have not handled any of it, and
 *     fewer while it is new and others are up. The others wait here, in order, and go to whichever host has a place
 *     first, unless they wish for a certain one.
 * R8  An acknowledgement nobody waits for wakes no thread: it goes with the next signals, after another round or when
 *     the journal has been quiet for a moment, whichever comes first.
 */
import { encode } from '../core/codec.js';
import { TroupeError } from '../core/errors.js';
import { limits } from '../core/limits.js';
import { errorIn } from './deciding.js';
import type { JournalModel, Notice, Outcomes } from './model.js';
import type { JournalNode } from './node.js';
import { durabilityCodes, EndKind } from './ops.js';
import type { Placement } from './placement.js';
import { refusal } from './refusal.js';
import { ReturnQueue } from './return-queue.js';
import { type ActorRow, RowStatus, stateIn } from './row.js';
import type { Activation } from './signals.js';
import type { JournalStore } from './store.js';

/** One outcome that waits for the commit. */
type Pending =
  | { kind: 'result'; node: JournalNode; frameNo: number; index: number; ok: boolean; value: Uint8Array }
  | { kind: 'reply'; session: number; askId: number; ok: boolean; value: Uint8Array }
  | { kind: 'volatile'; row: ActorRow; bytes: Buffer; at: number; length: number }
  | { kind: 'drop'; node: JournalNode; aid: number }
  | { kind: 'notice'; notice: Notice };

const volatileWaitingMax = 10_000;
/** R6: so many windows of mail, after a death of a message without a number. */
const unnumberedWindows = 64;
const { flushed } = durabilityCodes;
const nothing = encode(undefined, 'nothing');

/** Turns outcomes into signals. */
export class Router implements Outcomes {
  readonly nodes: JournalNode[] = [];
  /** Those of the nodes that run actors. */
  private hosts: JournalNode[] = [];
  private readonly bySession = new Map<number, JournalNode>();
  private woken: ActorRow[] = [];
  private pending: Pending[] = [];
  /** Rows that need a host while there is none. */
  private homeless = new Set<ActorRow>();
  /** A place to start has become free since the unstarted were looked at. */
  private startsFreed = true;
  /** Numbers of those that were stopped before any host had them. */
  private unborn: number[] = [];
  /** Numbers of those that wait until fewer others are starting. */
  private readonly unstarted = new Set<number>();
  /** R7: those that wait for a place on any host. */
  private readonly returning = new ReturnQueue();
  /** Mail of unjournaled actors that waits for room. */
  private readonly volatileWaiting = new Map<ActorRow, Buffer[]>();
  /** How often actors have lost their host. */
  private upheavals = 0;
  /** Until `open` nothing is activated: hosts are still being attached. */
  private isOpen = false;
  /** Who wrote the frame being applied. */
  currentNode: JournalNode | undefined;
  currentFrameNo = 0;
  /** Called for every end, for those who wait for it on the control plane. */
  onEnd: (notice: Notice & { kind: 'ended' }) => void = () => {};
  /** Replies whose asker is gone, and mail of unjournaled actors dropped for want of room. */
  readonly lost = { replies: 0, volatile: 0 };

  constructor(
    private readonly model: () => JournalModel,
    private readonly store: Pick<JournalStore, 'get'>,
    private readonly place: Placement,
    private readonly windowItems: number,
  ) {}

  // Outcomes, while a frame is applied

  wake(row: ActorRow): void {
    if (row.queued) return;
    row.queued = true;
    this.woken.push(row);
  }

  volatile(row: ActorRow, bytes: Buffer, at: number, length: number): void {
    this.wake(row);
    this.pending.push({ kind: 'volatile', row, bytes, at, length });
  }

  started(row: ActorRow): void {
    if (!row.isStarting) return;
    row.isStarting = false;
    this.startsFreed = true;
    (this.nodes[row.node] as JournalNode).starting -= 1;
  }

  handled(row: ActorRow): void {
    const node = this.nodes[row.node];
    if (node !== undefined) node.handled += 1;
    this.backAgain(row);
  }

  released(row: ActorRow): void {
    this.started(row);
    this.backAgain(row);
    const node = this.nodes[row.node];
    row.node = -1;
    row.stopSent = 'no';
    if (row.hasMail) row.mail.undeliver();
    node?.resident.delete(row);
    this.model().rows.cool(row);
  }

  kept(row: ActorRow): void {
    const node = this.currentNode;
    if (node === undefined || row.node !== -1) return;
    row.node = node.index;
    row.isStarting = false;
    if (row.hasMail) row.mail.redelivered();
    node.resident.add(row);
  }

  unknown(aid: number): void {
    if (this.currentNode !== undefined) this.pending.push({ kind: 'drop', node: this.currentNode, aid });
  }

  awaitEnd(row: ActorRow, index: number): void {
    const node = this.currentNode;
    if (node === undefined) return;
    row.endWaiters ??= [];
    row.endWaiters.push({ node, frameNo: this.currentFrameNo, index });
  }

  awaitUp(row: ActorRow, index: number, value: Uint8Array): void {
    const node = this.currentNode;
    if (node === undefined) return;
    row.upWaiters ??= [];
    row.upWaiters.push({ node, frameNo: this.currentFrameNo, index, value });
  }

  up(row: ActorRow): void {
    for (const { node, frameNo, index, value } of row.upWaiters ?? []) {
      this.pending.push({ kind: 'result', node, frameNo, index, ok: true, value });
    }
    row.upWaiters = undefined;
  }

  ended(row: ActorRow): void {
    for (const { node, frameNo, index } of row.upWaiters ?? []) {
      const value = whyNotUp(row);
      this.pending.push({ kind: 'result', node, frameNo, index, ok: false, value });
    }
    row.upWaiters = undefined;
    for (const { node, frameNo, index } of row.endWaiters ?? []) {
      this.pending.push({ kind: 'result', node, frameNo, index, ok: true, value: nothing });
    }
    row.endWaiters = undefined;
  }

  dropped(row: ActorRow): void {
    const node = this.nodes[row.node];
    if (node !== undefined && !node.retired) this.pending.push({ kind: 'drop', node, aid: row.aid });
    this.released(row);
    this.volatileWaiting.delete(row);
  }

  result(index: number, ok: boolean, value: Uint8Array): void {
    const node = this.currentNode;
    if (node === undefined) return;
    this.pending.push({ kind: 'result', node, frameNo: this.currentFrameNo, index, ok, value: Buffer.from(value) });
  }

  reply(session: number, askId: number, ok: boolean, value: Uint8Array): void {
    this.pending.push({ kind: 'reply', session, askId, ok, value });
  }

  notice(notice: Notice): void {
    this.pending.push({ kind: 'notice', notice });
  }

  // Nodes

  /** A thread joins. */
  attach(node: JournalNode): void {
    this.startsFreed = true;
    this.nodes[node.index] = node;
    if (node.kind === 'host') this.hosts.push(node);
    this.lookWhoIsUp();
    this.bySession.set(node.session, node);
    const waiting = [...this.homeless];
    this.homeless.clear();
    for (const row of waiting) this.wake(row);
  }

  /** A host's thread runs: the next step gives it what waits for a place. */
  hostUp(node: JournalNode): void {
    node.isUp = true;
    this.lookWhoIsUp();
  }

  /** A thread is gone and its link is empty: its actors run nowhere, and are woken where they have work. */
  detach(node: JournalNode): void {
    this.upheavals += 1;
    node.retired = true;
    this.hosts = this.hosts.filter((host) => host !== node);
    this.lookWhoIsUp();
    node.forget();
    this.bySession.delete(node.session);
    this.startsFreed = true;
    this.unhouse(node);
  }

  /** R6. @param seq the message that was being handled, 0 for one that has no number */
  suspect(row: ActorRow, seq: number): void {
    row.carefulLeft = Math.max(row.carefulLeft, this.windowItems * (seq === 0 ? unnumberedWindows : 1));
  }

  /** A node starts anew after a failed commit: same thread, no actors. */
  reset(node: JournalNode, error: Uint8Array): void {
    this.upheavals += 1;
    // What waits for room is of groups that were committed: it is still true, and goes first.
    node.epoch += 1;
    node.carry = undefined;
    // Those frames are committed: to their sender, what is not acknowledged has not happened.
    if (node.heldAckNo !== 0) node.signals.ack(node.heldAckNo);
    node.heldAckNo = 0;
    node.signals.reset(node.epoch, error);
    node.flush();
  }

  /** Begin to activate: all hosts are there. */
  open(): void {
    this.isOpen = true;
    this.startsFreed = true;
    for (const row of this.model().rows.inMemory()) {
      if (row.busy || needsCell(row)) this.wake(row);
    }
  }

  /** Stop activating, after a failed commit; nobody runs anything now. */
  close(): void {
    this.isOpen = false;
    this.homeless.clear();
    this.returning.clear();
    this.unstarted.clear();
    this.unborn = [];
    this.volatileWaiting.clear();
  }

  /** R1: the group being gathered is written; its flush is still to come. */
  handOut(): void {
    if (!this.isOpen) return;
    for (const row of this.woken) {
      if (row.durability !== flushed || row.node === -1 || row.status !== RowStatus.running) continue;
      if (row.hasMail) this.deliver(row, this.nodes[row.node] as JournalNode);
    }
    for (const node of this.hosts) node.flush();
  }

  /** Everything the commit of a group allows, in this order: deliveries, results, replies, notices, acks. */
  publish(): void {
    this.route();
    const { pending } = this;
    this.pending = [];
    for (const item of pending) this.publishOne(item);
    this.settleRound();
  }

  /** Those that end without having started: the journal writes it down, because a replay knows nothing of hosts. */
  takeUnborn(countMax: number): number[] {
    return this.unborn.splice(0, countMax);
  }

  /** Is there such a one? */
  get hasUnborn(): boolean {
    return this.unborn.length > 0;
  }

  /** Is there anything to publish? */
  get hasNews(): boolean {
    return this.pending.length > 0;
  }

  /** Forget what a failed group would have published. */
  abandon(): void {
    for (const row of this.woken) row.queued = false;
    this.woken = [];
    this.pending = [];
  }

  /** Write what waited for room, and try stalled rows again. Returns true when something moved. */
  retry(): boolean {
    let moved = false;
    for (const node of this.nodes) {
      if (node.retired || !node.drain()) continue;
      if (node.stalled.length === 0) continue;
      if (!node.hasRoom(4096)) {
        node.wantRoom();
        continue;
      }
      const rows = node.stalled;
      node.stalled = [];
      this.wakeAgain(rows);
      moved = true;
    }
    if (this.wakeUnstarted()) moved = true;
    if (this.giveBack()) moved = true;
    if (moved || this.woken.length > 0) {
      this.route();
      this.settleRound();
    }
    return moved;
  }

  /** The session of the host that runs an actor, activating it when it runs nowhere. */
  locate(row: ActorRow): number {
    if (row.status === RowStatus.ended || row.status === RowStatus.stopping) return 0;
    if (row.node === -1 && this.isOpen && this.activate(row)) this.nodes[row.node]?.flush();
    return this.nodes[row.node]?.session ?? 0;
  }

  /** R8: somebody has not heard of a commit. */
  get holdsAcks(): boolean {
    return this.nodes.some(({ ackFrameNo }) => ackFrameNo !== 0);
  }

  /** R8: whoever has not heard of a commit hears of it now. */
  settleAcks(): void {
    for (const node of this.nodes) if (node.ackFrameNo !== 0) this.settleNode(node);
  }

  /** Waking a thread takes time: those that get mail or an answer first, then those that only hear of their commit. */
  private settleRound(): void {
    for (const node of this.nodes) if (node.hasSignals) this.settleNode(node);
    for (const node of this.nodes) {
      if (node.ackFrameNo === 0) continue;
      if (node.isAckDue) this.settleNode(node);
      else {
        node.isAckDue = true;
        node.heldAckNo = node.ackFrameNo;
      }
    }
  }

  private settleNode(node: JournalNode): void {
    if (node.ackFrameNo !== 0) {
      node.signals.ack(node.ackFrameNo);
      node.ackFrameNo = 0;
      node.heldAckNo = 0;
      node.isAckDue = false;
    }
    node.flush();
  }

  private route(): void {
    // Those that have waited go before those that come now.
    this.giveBack();
    const rows = this.woken;
    this.woken = [];
    for (const row of rows) {
      row.queued = false;
      if (this.isOpen) this.routeRow(row);
    }
    this.giveBack();
  }

  private routeRow(row: ActorRow): void {
    if (row.status !== RowStatus.running && row.status !== RowStatus.stopping) return;
    if (row.status === RowStatus.stopping && row.end !== undefined) return;
    if (row.node === -1 && row.status === RowStatus.stopping && (!row.started || row.killed)) {
      this.unborn.push(row.aid);
      return;
    }
    if (row.node === -1) {
      if (!needsCell(row) && !row.busy && !row.isVolatile) return;
      if (!this.activate(row)) return;
    }
    const node = this.nodes[row.node] as JournalNode;
    if (row.status === RowStatus.stopping) {
      const wanted = row.killed ? 'killed' : 'asked';
      if (row.stopSent !== wanted && this.model().childrenAreDown(row)) {
        row.stopSent = wanted;
        node.signals.stopCell(row.aid, row.killed);
      }
      return;
    }
    if (row.isVolatile) this.drainVolatile(row, node);
    else if (row.hasMail) this.deliver(row, node);
  }

  private drainVolatile(row: ActorRow, node: JournalNode): void {
    const waiting = this.volatileWaiting.get(row);
    if (waiting === undefined) return;
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if (!node.hasRoom(first.length)) return this.stall(row, node);
      node.signals.deliver(row.aid, 0, waiting.length > 1, first, 0, first.length);
      waiting.shift();
    }
    this.volatileWaiting.delete(row);
  }

  private deliver(row: ActorRow, node: JournalNode): void {
    const { mail } = row;
    const model = this.model();
    while (mail.length > mail.delivered) {
      const isCareful = row.carefulLeft > 0;
      if (mail.delivered >= (isCareful ? 1 : this.windowItems)) break;
      const item = mail.nextToDeliver(model);
      if (item === undefined) break;
      if (!node.hasRoom(item.length)) {
        this.stall(row, node);
        break;
      }
      mail.delivered += 1;
      if (isCareful) row.carefulLeft -= 1;
      // Who is said to have more with the journal gets nothing directly from its neighbours.
      row.toldMore = isCareful || mail.length > mail.delivered;
      node.signals.deliver(row.aid, item.seq, row.toldMore, item.bytes, item.offset, item.length);
      node.flushIfLarge();
    }
    if (mail.length > mail.delivered && !row.toldMore) {
      row.toldMore = true;
      node.signals.more(row.aid);
    }
  }

  private stall(row: ActorRow, node: JournalNode): void {
    if (row.stalled) return;
    row.stalled = true;
    node.stalled.push(row);
    node.wantRoom();
  }

  /** Give a row to a host. Returns false when none can take it now; it is tried again. */
  private activate(row: ActorRow): boolean {
    if (this.hosts.length === 0) {
      this.homeless.add(row);
      return false;
    }
    // One that is stopping gets no mail: it could wait for a child that waits for its place.
    const isBack = row.started && !row.isVolatile && row.hasMail && row.status === RowStatus.running;
    // Its turn comes.
    if (isBack && row.stalled) return false;
    const parentIndex = this.model().rows.get(row.parent)?.node ?? -1;
    const index = this.place({ path: row.path, placement: row.placement, parentIndex, isBack }, this.hosts);
    const node = this.nodes[index] as JournalNode;
    if (isBack && !node.hasPlace) {
      (this.hosts.some(({ hasPlace }) => hasPlace) ? node.returning : this.returning).add(row);
      return false;
    }
    const isStarting = !row.started && !row.isVolatile;
    if (isStarting && node.starting >= limits.startingMax) {
      row.waitsToStart = true;
      this.unstarted.add(row.aid);
      this.model().rows.cool(row);
      return false;
    }
    const state = row.started && !row.isVolatile ? this.stateOf(row) : undefined;
    if (!node.hasRoom((state?.length ?? 0) + row.input.length + 4096)) {
      this.stall(row, node);
      return false;
    }
    row.node = index;
    row.isStarting = isStarting;
    row.waitsToStart = false;
    if (isStarting) node.starting += 1;
    row.isComingBack = isBack;
    if (isBack) node.comingBack += 1;
    row.stopSent = 'no';
    row.toldMore = row.hasMail || row.carefulLeft > 0;
    if (row.hasMail) row.mail.undeliver();
    node.resident.add(row);
    node.signals.activate(this.activation(row, state));
    node.flushIfLarge();
    return true;
  }

  private activation(row: ActorRow, state: Buffer | undefined): Activation {
    const parent = this.model().rows.get(row.parent);
    return {
      aid: row.aid,
      parent: row.parent,
      parentPath: parent?.path ?? '',
      parentDurability: parent?.durability ?? 2,
      path: row.path,
      name: row.name,
      url: row.url,
      version: row.version,
      durability: row.durability,
      input: row.input,
      state,
      more: row.toldMore,
      mail: row.hasMail ? Math.min(row.mail.length, this.windowItems) : 0,
      settled: [...(row.settled?.values() ?? [])],
      abandoned: row.abandoned ?? [],
      supervised: row.supervised,
      retrying: row.failure !== undefined,
      // Who keeps nothing begins anew wherever it is brought up again, and its row may not say so.
      life: row.isVolatile ? this.upheavals : row.life,
    };
  }

  /** The last committed state, from RAM or from the row the last checkpoint wrote. */
  stateOf(row: ActorRow): Buffer | undefined {
    if (row.state !== undefined || !row.stateStored) return row.state;
    const stored = this.store.get('rows', row.aid);
    return stored === undefined ? undefined : stateIn(stored, `row of ${row.path}`);
  }

  private publishOne(item: Pending): void {
    switch (item.kind) {
      case 'result':
        if (item.node.retired) break;
        item.node.signals.result(item.frameNo, item.index, item.ok, item.value);
        break;
      case 'reply': {
        const node = this.bySession.get(item.session);
        if (node === undefined) this.lost.replies += 1;
        else node.signals.reply(item.askId, item.ok, item.value);
        node?.flushIfLarge();
        break;
      }
      case 'volatile':
        this.deliverVolatile(item.row, item.bytes, item.at, item.length);
        break;
      case 'drop':
        if (!item.node.retired) item.node.signals.dropCell(item.aid);
        break;
      case 'notice': {
        if (item.notice.kind === 'ended') this.onEnd(item.notice);
        const value = encode(item.notice, 'notice');
        for (const node of this.nodes) if (node.kind === 'main' && !node.retired) node.signals.notice(value);
        break;
      }
    }
  }

  private deliverVolatile(row: ActorRow, bytes: Buffer, at: number, length: number): void {
    const node = this.nodes[row.node];
    if (node?.hasRoom(length) && !this.volatileWaiting.has(row)) {
      node.signals.deliver(row.aid, 0, false, bytes, at, length);
      node.flushIfLarge();
      return;
    }
    const waiting = this.volatileWaiting.get(row) ?? [];
    if (waiting.length >= volatileWaitingMax) {
      this.dropVolatile(row);
      return;
    }
    waiting.push(Buffer.from(bytes.subarray(at, at + length)));
    this.volatileWaiting.set(row, waiting);
    if (node !== undefined) this.stall(row, node);
  }

  /** Mail of an actor that is not journaled, beyond what may wait: lost, counted, and said (once per thousand). */
  private dropVolatile(row: ActorRow): void {
    this.lost.volatile += 1;
    if (this.lost.volatile % 1_000 !== 1) return;
    const message = `${row.path} takes its mail too slowly: ${this.lost.volatile} messages dropped so far`;
    this.pending.push({ kind: 'notice', notice: { kind: 'refused', path: row.path, code: 'SYSTEM_BUSY', message } });
  }

  private unhouse(node: JournalNode): void {
    for (const row of [...node.resident]) {
      this.released(row);
      this.wake(row);
    }
    this.wakeAgain(node.stalled);
    this.wakeAgain(node.returning.clear());
    node.vacate();
  }

  private lookWhoIsUp(): void {
    const { hosts } = this;
    for (const node of hosts) node.isSpared = hosts.some((other) => other.isUp && other !== node);
  }

  /** Its host need not be spared for it any more. */
  private backAgain(row: ActorRow): void {
    if (!row.isComingBack) return;
    row.isComingBack = false;
    (this.nodes[row.node] as JournalNode).comingBack -= 1;
  }

  /** R7: as many as there are places for. Returns true when there were any. */
  private giveBack(): boolean {
    if (!this.isOpen) return false;
    const { hosts, returning } = this;
    let moved = false;
    const next = (queue: ReturnQueue) => {
      this.routeRow(queue.take() as ActorRow);
      moved = true;
    };
    for (const node of hosts) while (node.returning.length > 0 && node.hasPlace) next(node.returning);
    while (returning.length > 0 && hosts.some(({ hasPlace }) => hasPlace)) next(returning);
    return moved;
  }

  /** As many as there are places for, once half of the places are free. */
  private wakeUnstarted(): boolean {
    if (this.unstarted.size === 0 || !this.isOpen || !this.startsFreed) return false;
    const { hosts } = this;
    let places = hosts.reduce((sum, node) => sum + Math.max(0, limits.startingMax - node.starting), 0);
    if (places === 0 || places < (hosts.length * limits.startingMax) / 2) return false;
    let hasWoken = false;
    const { rows } = this.model();
    for (const aid of this.unstarted) {
      if (places === 0) break;
      this.unstarted.delete(aid);
      const row = rows.get(aid);
      // Mail has fetched it out of its turn, or it was stopped: it takes no place.
      if (row === undefined || row.node !== -1 || row.started || row.status !== RowStatus.running) continue;
      places -= 1;
      row.waitsToStart = false;
      this.wake(row);
      hasWoken = true;
    }
    // Their place may be on a host that has none: they are not tried again before something has changed. It will: who
    // has none there has others before it that are starting.
    if (hasWoken) this.startsFreed = false;
    return hasWoken;
  }

  private wakeAgain(rows: readonly ActorRow[]): void {
    for (const row of rows) {
      row.stalled = false;
      this.wake(row);
    }
  }
}

/** Why a supervisor that was waited for did not come up: the error it ended with. */
function whyNotUp({ path, end }: ActorRow): Uint8Array {
  const error = end?.how === EndKind.failed ? errorIn(end.value) : undefined;
  if (error === undefined) return refusal('ACTOR_STOPPED', `${path} has stopped`);
  return encode(TroupeError.toPlain(error), 'error');
}

/** True when a row that runs nowhere has something to do. */
function needsCell(row: ActorRow): boolean {
  return !row.started || row.status === RowStatus.stopping || row.hasMail || row.abandoned !== undefined;
}
