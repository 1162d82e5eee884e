/** What goes wrong in the demo, and when: each accident happens once, at its share of the way. */
import type { System } from '../../src/index.js';
import { type ContentsEvents, contentsIds } from './contents.js';
import type { Screen } from './screen.js';

/** Something that is made to go wrong. */
interface Accident {
  /** Share of the files that are read by then. */
  at: number;
  happen(): Promise<void>;
}

/** Which host is killed. */
const victim = 0;

/** The accidents of one run. */
export class Accidents {
  /** What the killed host had done. */
  killedHost: Record<string, number> | undefined;
  private left: Accident[];

  /** @param isResumed another process did the first half, and had the accidents that belong there */
  constructor(
    private readonly system: System,
    private readonly screen: Screen,
    isResumed: boolean,
  ) {
    const all: Accident[] = [
      { at: 0.2, happen: () => this.trip() },
      { at: 0.4, happen: () => this.poison() },
      { at: 0.6, happen: () => this.killHost() },
    ];
    this.left = all.filter(({ at }) => !isResumed || at > 0.5);
  }

  /** Let happen what is due. */
  async upTo(share: number): Promise<void> {
    while (this.left[0] !== undefined && this.left[0].at <= share) await this.left.shift()?.happen();
  }

  private async trip(): Promise<void> {
    const actor = this.counter(17);
    this.screen.event('cyan', '*', `${actor.path} is made to throw while it counts`);
    await actor.tell({ type: 'trip' });
  }

  private async poison(): Promise<void> {
    const actor = this.counter(42);
    this.screen.event('cyan', '*', `${actor.path} gets a message that throws whenever it is tried`);
    await actor.tell({ type: 'poison' });
  }

  private async killHost(): Promise<void> {
    const { hosts } = await this.system.stats();
    this.killedHost = hosts[victim];
    this.screen.event(
      'cyan',
      '*',
      `host ${victim + 1} of ${hosts.length} is killed, with ${this.killedHost?.cells} actors in its memory`,
    );
    await this.system.killHost(victim);
  }

  private counter(index: number) {
    return this.system.get<ContentsEvents>(`/${contentsIds[index]}`);
  }
}
