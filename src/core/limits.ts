/**
 * Every limit of the kernel, with its unit last in the name and the reason beside it. Nothing is
 * unbounded: each queue, size and wait has a row here, and the relations between rows are asserted at
 * the end of this file, so a careless change fails at import and not under load.
 */
import assert from 'node:assert/strict';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const MiB = 2 ** 20;

/** The kernel's limits and defaults. */
export const limits = Object.freeze({
  /** How long `ask` waits when the caller does not say. OTP's `gen_server:call` has waited this long for decades. */
  askTimeoutMsDefault: 5_000,
  /** The longest wait of an ask; a longer one should be a timer and a message, which survive a restart. */
  askTimeoutMsMax: dayMs,
  /** The longest delay of a timer: 100 years, leap days included. */
  timerDelayMsMax: 36_525 * dayMs,

  /** How often a failing message is tried before it becomes a dead letter: once, and twice after a restart. */
  attemptsDefault: 3,
  attemptsMax: 1_000,

  /** Envelopes of one actor held in RAM. What is beyond waits on disk and is read when there is room. */
  mailboxWindowMax: 256,
  /** Messages one host handles before it closes a turn. */
  turnMessagesMax: 256,
  /** How long a host runs cells before it closes a turn, in milliseconds: bounds what an ask behind it waits. */
  turnMsMax: 5,
  /**
   * The same while the journal has nothing of the host to commit: it gets something to do soon, while the host goes on.
   */
  turnMsFirst: 1,
  /** Cells that must have something to do for that: what one or two tell each other is not torn apart. */
  turnFirstCellsMin: 16,
  /** Turns a host may be ahead of the journal's acknowledgement. */
  turnsAheadMax: 16,

  /** How a thread looks at its bell before it sleeps; what each means is said in `thread/spin-gate.ts`. */
  spin: Object.freeze({ lookUs: 50, lookUsMax: 200, wakeUs: 50, denseGapUs: 300 }),
  /** How long the main thread goes on with what comes in before its event loop gets a turn, in milliseconds. */
  loopTurnMs: 1,

  /** Bytes of one shared-memory ring. Must be a power of two. */
  ringBytes: 4 * MiB,
  /** Bytes of turn records the journal thread gathers into one commit. */
  groupBytesMax: 1 * MiB,
  /**
   * Bytes a host reads before it runs a turn: a host that is given thousands of actors of a thread that died answers
   * for the first while it is still given the others.
   */
  signalBytesPerStep: 128 * 1_024,
  /** How long a host reads before it runs a turn, in milliseconds: what it reads may be actors to be brought up. */
  signalsMsMax: 5,
  /** Tells of one thread that wait for their commit; beyond it `tell` fails with SYSTEM_BUSY. */
  clientInFlightMax: 100_000,

  /** Bytes of one encoded payload. Larger data belongs into a file or blob store, and its name into the message. */
  payloadBytesMax: 256 * MiB,
  /** How deep a payload may nest. Deeper ones are refused: recursion must not be able to exhaust a stack. */
  payloadDepthMax: 256,

  /** Characters of one path segment (an actor's id). */
  idCharsMax: 128,
  /** Characters of a whole path: fits twice into the store's longest key. */
  pathCharsMax: 1_024,
  /** Characters of a definition's name. */
  definitionNameCharsMax: 128,

  /**
   * Messages one host may hold in RAM over all its actors; beyond it the host leaves its ring unread, and mail
   * stays with the journal.
   */
  hostMailMax: 65_536,
  /** How long one message may be handled before its thread counts as hung, unless the program says otherwise. */
  hangAfterMsDefault: 5_000,
  /** How long a thread that handles no message may leave its bell unanswered, in milliseconds. */
  hostSilentMs: 30_000,
  /** How long a system is left in peace before a thread is made ready for the next one that dies, in milliseconds. */
  spareAfterMs: 500,
  /** How often it is looked whether the main thread is held up, and how late a look may be, in milliseconds. */
  loopLookMs: 500,
  loopLateMsMax: 1_000,
  /** How often it is looked whether the process takes too much memory, in milliseconds. */
  memoryLookMs: 100,
  /** How many looks are left out while the memory of a thread that was ended comes back. */
  memoryLooksSkipped: 5,
  /** By how much the process must have grown during a message for it to be the reason, in bytes. */
  memoryGrowthBytesMin: 32 * MiB,
  /** What of the machine's or container's memory the process may use, unless the program says otherwise. */
  memoryShareDefault: 0.8,
  /** What of the process's memory a thread must hold in buffers to be ended although it is at no message. */
  memoryShareOfOneMin: 0.25,
  /** How many times as long is waited at most when a thread has been irregular. */
  hangPatienceMax: 3,
  /** A thread that may hang is looked at so often, at most and at least, in milliseconds. */
  hangLookMsMin: 10,
  hangLookMsMax: 500,
  /**
   * Actors one host may be given to start before it has started others: an actor that waits for its start is a row of
   * the journal, which is a fraction of a cell.
   */
  startingMax: 1_024,
  /**
   * Actors with mail one host may be given back, when a thread has died for instance, before it has handled a message
   * of others: what the rest wait for is a host with a place, and not that one. More than a host handles before the
   * journal has heard of it and sent the next.
   */
  comingBackMax: 2_048,
  /**
   * The same for a host that is new, while others are up: it gets more as it handles messages. Until a thread has
   * imported its definitions and run them for a while it is slow, and who has been given to it cannot go elsewhere.
   */
  comingBackFirst: 32,
  /**
   * How long the journal must have had nothing to write before it flushes what is only committed, and wakes those who
   * do not wait for an acknowledgement, in milliseconds: longer than an answer takes, so that a conversation is not
   * held up by either.
   */
  journalQuietMs: 5,
  /** How often a store that refused a write is tried again, in milliseconds. */
  storeRetryMs: 100,
  /**
   * How long the journal sleeps at most while a timer is pending, in milliseconds: the machine's clock may be set
   * meanwhile, and sleep does not notice.
   */
  clockLookMs: 30_000,
  /** How far the machine's clock may go back before it is said, in milliseconds: clocks are corrected all the time. */
  clockBackMsTolerated: 1_000,
  /** How often a host looks for idle actors, in milliseconds. */
  passivateSweepMs: 5_000,
  /** Log written between two checkpoints, in bytes: bounds what recovery replays and what waiting mail holds in RAM. */
  checkpointBytesDefault: 16 * MiB,
  /** Actors changed since the last checkpoint, at most: bounds what they hold in RAM and how long one takes. */
  checkpointRowsMax: 25_000,
  /** How long nothing must have happened before a checkpoint is made although the log is shorter, in milliseconds. */
  idleCheckpointMs: 1_000,
  /** Less log than this is not worth such a checkpoint, in bytes. */
  idleCheckpointBytesMin: MiB / 4,
  /** History kept behind the last checkpoint, in bytes. */
  retentionBytesDefault: 256 * MiB,
  /** Entries of one `system.history`. More are asked for page by page: an answer is held in memory as a whole. */
  historyEntriesMax: 10_000,
  historyEntriesDefault: 100,
  /** Entries of one `system.decisions`, for the same reason. */
  decisionsMax: 10_000,
  decisionsDefault: 1_000,
  /** How long the thread that reads history waits for another question before it ends, in milliseconds. */
  readerIdleMsMax: 10_000,
  /** Stretches of the log between checkpoints are joined up to this size, in bytes: history goes by such steps. */
  segmentBytes: 4 * MiB,
  /** Dead letters kept; of more the oldest are forgotten, at checkpoints. */
  deadLettersKept: 100_000,
  /** How long `system.stop` lets actors work off their mail, in milliseconds; the rest waits in the journal. */
  drainMsDefault: 5_000,

  /** How long an idle actor stays in memory, in milliseconds. */
  passivateAfterMsDefault: 10 * minuteMs,
  /** Actors one host keeps in memory although they are idle; beyond, those idle longest are passivated. */
  residentActorsMaxDefault: 50_000,
  /** How long a worker child may take to stop before it is cut off, in milliseconds (OTP's default). */
  shutdownMsDefault: 5_000,
  /** How long a thread may take to become ready, in milliseconds. Slow machines import xstate and lmdb in 1 s. */
  threadStartMsMax: 30_000,
  /** Host threads of one system. */
  hostsMax: 256,
});

assert(limits.askTimeoutMsDefault <= limits.askTimeoutMsMax);
assert(limits.historyEntriesDefault <= limits.historyEntriesMax);
assert(limits.decisionsDefault <= limits.decisionsMax);
assert(limits.attemptsDefault <= limits.attemptsMax);
// A group must fit into a ring several times, or a host would wait for each commit before writing the next turn.
assert(limits.groupBytesMax * 2 <= limits.ringBytes);
assert((limits.ringBytes & (limits.ringBytes - 1)) === 0, 'ring positions are masked, not divided');
assert(limits.turnMsFirst <= limits.turnMsMax);
// One turn of one actor must not outrun what its mailbox may hold.
assert(limits.turnMessagesMax <= limits.mailboxWindowMax);
assert(limits.comingBackFirst <= limits.comingBackMax);
// Payload lengths are written as unsigned 32-bit numbers, with room for the envelope around them.
assert(limits.payloadBytesMax < 2 ** 31);
assert(limits.idCharsMax < limits.pathCharsMax);
// Timers are compared as safe integers of milliseconds since 1970.
assert(Number.isSafeInteger(limits.timerDelayMsMax + 253_402_300_799_999));
