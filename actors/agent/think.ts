/**
 * The effects of an agent: asking its model for the next message, and for a summary. Each is one promise of the run's
 * actor, so its result is recorded once and never paid for again; a crash before that asks again, with the same
 * `callId`, which servers know as `Idempotency-Key`.
 *
 * T1  What the model says is told to `streamTo` piece by piece, no faster than that one hears it (`pieces.ts`).
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
import { type Hearing, Pieces } from './pieces.js';

/** What a thought is begun with. */
export interface ThinkInput {
  request: ModelRequest;
  step: number;
  run: string;
  streamTo?: ActorRef<AgentNews> | undefined;
  /** What the calls before have shown of `streamTo`. */
  hearing?: Hearing | undefined;
}

/** What comes of it. `read`: whether the answer has its form, where one is asked for and no tool is called. */
export interface Thought {
  reply: ModelReply;
  read?: ReadReply<unknown>;
  /** What it has shown of `streamTo`. */
  hearing?: Hearing | undefined;
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
    const said = await accounted(input, signal, () => ask(model, input, call));
    if (output === undefined || said.reply.toolCalls.length > 0) return said;
    return { ...said, read: await readReply(said.reply, output) };
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

async function ask(model: Model, input: ThinkInput, call: ModelCall): Promise<Thought> {
  const { request, step, run, streamTo, hearing } = input;
  if (streamTo === undefined) return { reply: await model.complete(request, call) };
  const pieces = new Pieces(streamTo, { run, step, hearing }, call.signal);
  try {
    for await (const part of model.stream(request, call)) {
      if (part.type === 'text') await pieces.add(part.text);
      if (part.type !== 'done') continue;
      await pieces.end();
      return pieces.hearing === undefined ? { reply: part.reply } : { reply: part.reply, hearing: pieces.hearing };
    }
  } finally {
    pieces.close();
  }
  throw new Error('the stream of the model has ended without a reply');
}
