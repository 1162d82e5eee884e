/**
 * OTP's supervisor in a page, to hold ours against: everything happens at once, nobody has state or mail, and what
 * happens is written into a log. Written from OTP's documentation, not from our code.
 */
import type { ChildSpec, SupervisorSpec } from '../../../supervisors/index.js';

/** A supervisor of the model. Children are ids with a type, or supervisors again. */
export interface ModelSpec extends Pick<SupervisorSpec, 'strategy' | 'intensity' | 'autoShutdown'> {
  children: ModelChild[];
}
/** A child of the model. */
export interface ModelChild extends Pick<ChildSpec, 'id' | 'restart' | 'significant'> {
  below?: ModelSpec;
}
/** What the model shares with its test. */
export interface ModelWorld {
  now: number;
  log: string[];
  /** Starts that are still to fail, by worker. */
  weak: Map<string, number>;
}
type Reason = 'failed' | 'normal';
interface Place {
  spec: ModelChild;
  up: boolean;
  below: OtpModel | undefined;
}

/** See the file's header. */
export class OtpModel {
  isUp = false;
  private places: Place[] = [];
  private restarts: number[] = [];

  constructor(
    private readonly spec: ModelSpec,
    private readonly world: ModelWorld,
    private readonly ended: (reason: Reason) => void = () => {},
  ) {}

  /** False when a child could not start: then nothing is left of it. */
  start(): boolean {
    this.places = this.spec.children.map((spec) => ({ spec, up: false, below: undefined }));
    this.restarts = [];
    this.isUp = true;
    if (this.places.every((place) => this.startChild(place))) return true;
    this.terminate();
    return false;
  }

  terminate(): void {
    for (const place of [...this.places].reverse()) this.stopChild(place);
    this.isUp = false;
  }

  /** Whoever answers to an id, here or below. */
  find(id: string): { owner: OtpModel; place: Place } | undefined {
    for (const place of this.places) {
      if (place.spec.id === id) return { owner: this, place };
      const found = place.below?.find(id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** All children, with their standing. */
  picture(): string {
    const word = ({ spec, up, below }: Place): string => `${spec.id}${up ? (below?.picture() ?? '') : '-'}`;
    return `(${this.places.map(word).join(' ')})`;
  }

  /** A child has terminated by itself. */
  exit(place: Place, reason: Reason): void {
    place.up = false;
    const { restart = 'permanent', significant } = place.spec;
    if (restart === 'permanent' || (restart === 'transient' && reason === 'failed')) {
      this.restart(place);
      return;
    }
    if (restart === 'temporary') this.places.splice(this.places.indexOf(place), 1);
    const { autoShutdown } = this.spec;
    const othersUp = this.places.some((other) => other.spec.significant === true && other.up);
    if (significant === true && (autoShutdown === 'any' || (autoShutdown === 'all' && !othersUp))) this.end('normal');
  }

  private restart(place: Place): void {
    const { restarts, periodMs } = this.spec.intensity ?? { restarts: 3, periodMs: 60_000 };
    this.restarts = [this.world.now, ...this.restarts].filter((time) => this.world.now - time <= periodMs);
    if (this.restarts.length > restarts) {
      this.end('failed');
      return;
    }
    const { strategy = 'one-for-one' } = this.spec;
    const from = strategy === 'one-for-all' ? 0 : this.places.indexOf(place);
    const group = strategy === 'one-for-one' ? [place] : this.places.slice(from);
    for (const other of [...group].reverse()) this.stopChild(other);
    const gone = (other: Place): boolean => other !== place && other.spec.restart === 'temporary';
    this.places = this.places.filter((other) => !group.includes(other) || !gone(other));
    const failing = group.filter((other) => !gone(other)).find((other) => !this.startChild(other));
    if (failing !== undefined) this.restart(failing);
  }

  private end(reason: Reason): void {
    this.terminate();
    this.ended(reason);
  }

  private startChild(place: Place): boolean {
    const { id, below } = place.spec;
    if (below !== undefined) {
      place.below = new OtpModel(below, this.world, (reason) => this.exit(place, reason));
      place.up = place.below.start();
      return place.up;
    }
    const left = this.world.weak.get(id) ?? 0;
    if (left > 0) this.world.weak.set(id, left - 1);
    else this.world.log.push(`start ${id}`);
    place.up = left === 0;
    return place.up;
  }

  private stopChild(place: Place): void {
    if (!place.up) return;
    place.up = false;
    if (place.below === undefined) this.world.log.push(`stop ${place.spec.id}`);
    else place.below.terminate();
  }
}
