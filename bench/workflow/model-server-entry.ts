/** The thread of the model: see `model-server.ts`. */
import { parentPort } from 'node:worker_threads';
import {
  type FixtureAnswer,
  fixtureModelServer,
  type FixtureRequest,
} from '../../actors/model/testing/fixture-server.js';
import { doublerReply } from './doubling.js';
import type { TextWish } from './model-server.js';
import { blank, numbered } from './pieces.js';

function answer({ model, messages }: FixtureRequest): FixtureAnswer {
  const asked = messages.find(({ role }) => role === 'user')?.content ?? '';
  const told = messages.find(({ role }) => role === 'tool')?.content ?? undefined;
  if (model !== 'doubler') return textOf(JSON.parse(asked) as TextWish);
  const { thinksMs, call, text } = doublerReply(asked, told);
  return call === undefined ? { text, delayMs: thinksMs } : { toolCalls: [call], delayMs: thinksMs };
}

function textOf({ pieces, pieceDelayMs, isBlank }: TextWish): FixtureAnswer {
  const chunks = Array.from({ length: pieces }, (_, at) => (isBlank ? blank : numbered(at)));
  return { chunks, chunkDelayMs: pieceDelayMs };
}

const server = await fixtureModelServer({ otherwise: answer });
parentPort?.on('message', () => parentPort?.postMessage(server.paidCalls));
parentPort?.postMessage(server.url);
