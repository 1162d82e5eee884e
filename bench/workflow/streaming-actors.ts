/** An agent that talks, and listeners to it. */
import { fromTransition } from 'xstate';
import { type AgentNews, defineAgent, heard, type Model, openAiModel } from '../../actors/index.js';
import { actorContext, defineActor, type Request } from '../../src/index.js';
import { modelUrl } from './model-server.js';
import { agesUs, nowUs, numbersIn, stampingFetch } from './pieces.js';

/** A model that says texts. `paced`: their pieces say when they came; `fast`: they say which they are. */
export function talkerModel(kind: 'paced' | 'fast'): Model {
  return openAiModel({ url: modelUrl(), model: 'talker', ...(kind === 'paced' ? { fetch: stampingFetch } : {}) });
}

const instructions = 'You talk.';

/** By what their model says. */
export const talkers = {
  paced: defineAgent(import.meta, 'bench.talker-paced', { model: talkerModel('paced'), instructions }),
  fast: defineAgent(import.meta, 'bench.talker-fast', { model: talkerModel('fast'), instructions }),
};

/** What was heard of a text. */
export interface Heard {
  /** The number in each piece, in order. */
  readonly numbers: readonly number[];
  /** How long it took to be heard, for each. Means something where the numbers are moments. */
  readonly agesUs: readonly number[];
  /** When the last one was heard, by `nowUs`. */
  readonly lastUs: number;
}

/** Listens to one text. */
export class Ear {
  private readonly numbers: number[] = [];
  private readonly ages: number[] = [];
  private lastUs = 0;

  /** A piece, or several. */
  hear(text: string): void {
    this.ages.push(...agesUs(text));
    this.numbers.push(...numbersIn(text));
    this.lastUs = nowUs();
  }

  get heard(): Heard {
    return { numbers: this.numbers, agesUs: this.ages, lastUs: this.lastUs };
  }
}

type ListenerEvent = AgentNews | Request<'heard', object, Heard>;

/** Not in the state of the listener: a listener shows what it hears, and keeps little of it. */
let ear = new Ear();

/** Hears the text of one agent, and then says how it went. */
const listening = fromTransition((state: null, event: ListenerEvent) => {
  if (event.type === 'agentText') {
    heard();
    ear.hear(event.text);
  }
  if (event.type !== 'heard') return state;
  actorContext().reply(ear.heard);
  ear = new Ear();
  return state;
}, null);

/** By what is kept of what they are told. */
export const listeners = {
  flushed: defineActor(import.meta, 'bench.listener-flushed', listening, { durability: 'flushed' }),
  none: defineActor(import.meta, 'bench.listener-none', listening, { durability: 'none' }),
};
