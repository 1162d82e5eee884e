/**
 * What a host publishes in shared memory while it works: that it is alive, and which actor it is running.
 * The main thread reads it without the host's help, also while the host hangs, so it knows whom to blame.
 *
 *   f64 beat       grows with every message and every idle round
 *   f64 aid        the actor being run, 0 for none
 *   f64 seq        the message it handles, 0 for its start or none
 *   f64 osThread   the operating system's number of the thread, 0 where it is not told
 *   f64 outside    bytes it holds outside its JavaScript heap: buffers
 */

/** Bytes of the shared block. */
export const heartbeatBytes = 40;

/** The host's side. Plain stores: a torn or late read costs at most one wrong guess of a monitor. */
export class HeartbeatWriter {
  private readonly cells: Float64Array;

  constructor(shared: SharedArrayBuffer) {
    this.cells = new Float64Array(shared);
  }

  /** A message begins. */
  begin(aid: number, seq: number): void {
    this.cells[1] = aid;
    this.cells[2] = seq;
    this.cells[0] = (this.cells[0] as number) + 1;
  }

  /** Nothing is being run. */
  end(): void {
    this.cells[1] = 0;
  }

  /** Once, from the thread itself. */
  startOn(osThread: number): void {
    this.cells[3] = osThread;
  }

  /** Said now and then. @param outsideBytes what it holds in buffers */
  weigh(outsideBytes: number): void {
    this.cells[4] = outsideBytes;
  }

  /** Alive, with nothing to do. */
  beat(): void {
    this.cells[0] = (this.cells[0] as number) + 1;
  }
}

/** What a host was doing. */
export interface HeartbeatReading {
  beat: number;
  aid: number;
  seq: number;
}

/** The monitor's side. */
export function readHeartbeat(shared: SharedArrayBuffer): HeartbeatReading {
  const cells = new Float64Array(shared);
  return { beat: cells[0] as number, aid: cells[1] as number, seq: cells[2] as number };
}

/** What else a thread has said of itself. */
export function readThread(shared: SharedArrayBuffer): { osThread: number; outsideBytes: number } {
  const cells = new Float64Array(shared);
  return { osThread: cells[3] as number, outsideBytes: cells[4] as number };
}
