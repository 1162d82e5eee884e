/**
 * Streaming: the same texts, from the same server, by turns read directly from the adapter and heard by an actor that
 * an agent streams to. What the agent adds is the difference of the two medians: both begin when a piece's bytes have
 * been read from the connection.
 */
import { startAgent } from '../../actors/index.js';
import type { ActorRef, System } from '../../src/index.js';
import { percentiles, perSecond, prove, withSystem } from '../kernel/contender.js';
import type { WorkflowContender } from './load.js';
import { startModelServer, type TextWish } from './model-server.js';
import { nowUs } from './pieces.js';
import { Ear, type Heard, listeners, talkerModel, talkers } from './streaming-actors.js';

type Kind = 'paced' | 'fast';
type Listener = ActorRef<{ type: 'heard' }>;

/** @param durability of the listener; the agent is kept in any case */
export function streaming(durability: 'flushed' | 'none'): WorkflowContender {
  return async ({ sizes: { stream }, folder }) => {
    const { pieces, pieceDelayMs, fastPieces } = stream;
    const server = await startModelServer();
    const wishes: Record<Kind, TextWish> = {
      paced: { pieces, pieceDelayMs, isBlank: true },
      fast: { pieces: fastPieces, pieceDelayMs: 0, isBlank: false },
    };
    const measures = await withSystem(folder, async (system) => {
      const listener = await system.spawn(listeners[durability], { id: 'listener' });
      const direct: Heard[] = [];
      const heard: Heard[] = [];
      const rates: { direct: number[]; agent: number[] } = { direct: [], agent: [] };
      for (let text = 0; text < stream.texts; text += 1) {
        const fromAgent = (kind: Kind) => streamed(system, listener as Listener, kind, `${kind}-${text}`, wishes[kind]);
        direct.push(await read('paced', wishes.paced));
        heard.push(await fromAgent('paced'));
        rates.direct.push(await rateOf(() => read('fast', wishes.fast), fastPieces));
        rates.agent.push(await rateOf(() => fromAgent('fast'), fastPieces));
      }
      for (const { numbers } of [...direct, ...heard]) prove('pieces of a text', numbers.length, pieces);
      const directly = percentiles(agesOf(direct));
      const byAgent = percentiles(agesOf(heard));
      return {
        directP50Us: directly.p50Us,
        directP99Us: directly.p99Us,
        agentP50Us: byAgent.p50Us,
        agentP99Us: byAgent.p99Us,
        addedP50Us: byAgent.p50Us - directly.p50Us,
        directPerSecond: Math.max(...rates.direct),
        agentPerSecond: Math.max(...rates.agent),
      };
    });
    await server.stop();
    return measures;
  };
}

/** In milliseconds, without those of the first text. */
function agesOf(texts: readonly Heard[]): number[] {
  return texts.slice(1).flatMap(({ agesUs }) => agesUs.map((us) => us / 1_000));
}

/** Pieces per second, from the question to the last of them; proves that they are all there, and in order. */
async function rateOf(hear: () => Promise<Heard>, pieces: number): Promise<number> {
  const begin = nowUs();
  const { numbers, lastUs } = await hear();
  const inOrder = numbers.filter((number, at) => number === at).length;
  prove('pieces in order', `${inOrder} of ${numbers.length}`, `${pieces} of ${pieces}`);
  return perSecond(pieces, (lastUs - begin) / 1_000);
}

/** On this thread, as a program without troupe would. */
async function read(kind: Kind, wish: TextWish): Promise<Heard> {
  const ear = new Ear();
  const call = { callId: 'direct', signal: new AbortController().signal };
  const request = { messages: [{ role: 'user', text: JSON.stringify(wish) }] } as const;
  for await (const part of talkerModel(kind).stream(request, call)) if (part.type === 'text') ear.hear(part.text);
  return ear.heard;
}

async function streamed(system: System, listener: Listener, kind: Kind, id: string, wish: TextWish): Promise<Heard> {
  const input = { text: JSON.stringify(wish), streamTo: listener as ActorRef };
  const run = await startAgent(system, talkers[kind], { id, input });
  await run.result();
  // Whatever the agent told was told before it was over.
  return (await (listener as ActorRef).ask({ type: 'heard' })) as Heard;
}
