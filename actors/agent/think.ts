/**
 * The effects of an agent: asking its model for the next message, and for a summary. Each is one promise of the run's
 * actor, so its result is recorded once and never paid for again; a crash before that asks again, with the same
 * `callId`, which servers know as `Idempotency-Key`.
 *
 * T1  What the model says is told to `streamTo` piece by piece, in order. Pieces that come faster than they are taken
 *     are joined: nothing is left out, and no more than one telling is under way.
 * T2  A call that is given up tells the run what it has used: its own result is not heard any more.
 */
import { ActorRef, effectIdOf } from '../../src/index.js';
import { fromPromise } from 'xstate';
import type { Model, ModelCall, ModelMessage, ModelReply, ModelRequest, Usage } from '../model/index.js';
import { usageOfError } from '../model/model-error.js';
import { keptToContract } from '../model/model-from.js';
import { noUsage } from '../model/usage.js';
import { type ReadReply, readReply } from '../model/structured.js';
import type { Schema } from '../schema/index.js';
import type { AgentNews } from './agent.js';

/** What a thought is begun with. */
export interface ThinkInput {
  request: ModelRequest;
  step: number;
  run: string;
  streamTo?: ActorRef<AgentNews> | undefined;
}

/** What comes of it. `read`: whether the answer has its form, where one is asked for and no tool is called. */
export interface Thought {
  reply: ModelReply;
  read?: ReadReply<unknown>;
}

/** What a call that was given up has used; undefined: it does not know. */
export interface CallUsed {
  type: 'agent.used';
  step: number;
  usage?: Usage;
}

/** T2 */
async function accounted<T>(
  { run, step }: { run: string; step: number },
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) {
      const usage = usageOfError(error);
      const said: CallUsed = { type: 'agent.used', step, ...(usage === noUsage ? {} : { usage }) };
      // Whoever is gone, or goes with the process, waits for no account.
      await new ActorRef<CallUsed>(run).tell(said).catch(() => {});
    }
    throw error;
  }
}

/** Ask the model for the next message. */
export function thinkLogic(given: Model, output: Schema | undefined) {
  const model = keptToContract(given);
  return fromPromise<Thought, ThinkInput>(async ({ input, self, signal }) => {
    const call: ModelCall = { callId: effectIdOf(self) ?? input.run, signal };
    const reply = await accounted(input, signal, () => ask(model, input, call));
    if (output === undefined || reply.toolCalls.length > 0) return { reply };
    return { reply, read: await readReply(reply, output) };
  });
}

/** Ask the model to sum a conversation up. */
export function summaryLogic(given: Model) {
  const model = keptToContract(given);
  return fromPromise<ModelReply, { messages: readonly ModelMessage[]; step: number; run: string }>(
    async ({ input, self, signal }) => {
      const call: ModelCall = { callId: effectIdOf(self) ?? input.run, signal };
      const talk = input.messages.map(({ role, text }) => `${role}: ${text}`).join('\n');
      const system =
        'Sum this conversation up for one of its speakers, who has to go on with it. Keep names and numbers.';
      const request: ModelRequest = {
        messages: [
          { role: 'system', text: system },
          { role: 'user', text: talk },
        ],
      };
      return accounted(input, signal, () => model.complete(request, call));
    },
  );
}

async function ask(model: Model, { request, step, run, streamTo }: ThinkInput, call: ModelCall): Promise<ModelReply> {
  if (streamTo === undefined) return model.complete(request, call);
  const pieces = new Pieces(streamTo, run, step);
  for await (const part of model.stream(request, call)) {
    if (part.type === 'text') await pieces.add(part.text);
    if (part.type !== 'done') continue;
    await pieces.end();
    return part.reply;
  }
  throw new Error('the stream of the model has ended without a reply');
}

/** T1 */
class Pieces {
  private number = 0;
  private waiting = '';
  private underWay: Promise<void> | undefined;

  constructor(
    private readonly to: ActorRef<AgentNews>,
    private readonly run: string,
    private readonly step: number,
  ) {}

  /** Take a piece. Resolves when there is room for more: the model's stream is read no faster than it is taken. */
  async add(text: string): Promise<void> {
    this.waiting += text;
    if (this.underWay === undefined) this.tell();
    else if (this.waiting.length > waitingCharsMax) await this.underWay;
  }

  async end(): Promise<void> {
    while (this.underWay !== undefined) await this.underWay;
  }

  private tell(): void {
    const text = this.waiting;
    this.waiting = '';
    const { run, step } = this;
    const news: AgentNews = { type: 'agentText', run, step, number: this.number, text };
    this.number += 1;
    // Who is gone hears nothing more, and the answer does not depend on it.
    this.underWay = this.to.tell(news).then(this.told, this.told);
  }

  private readonly told = (): void => {
    this.underWay = undefined;
    if (this.waiting !== '') this.tell();
  };
}

/** Characters that may wait for a piece under way before the stream is read on. */
const waitingCharsMax = 4_096;
