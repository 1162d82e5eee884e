/**
 * The model of the demo: a server that speaks OpenAI's wire format, and answers by rule. It is a demo: it finds a
 * sentence in what it is shown, and understands nothing. It counts what it is paid.
 *
 * D1  It counts every call, also one that comes again under its key, which servers that know `Idempotency-Key` answer
 *     as before and bill once.
 */
import {
  type FixtureModelServer,
  fixtureModelServer,
  type FixtureRequest,
} from '../../../actors/model/testing/fixture-server.js';

type Answer = { text: string } | { toolCalls: { name: string; args: unknown }[] };
type Message = FixtureRequest['messages'][number];

/** How long it thinks, in milliseconds. */
const thinksMs = 150;

/** Start it. */
export function startModel(): Promise<FixtureModelServer> {
  return fixtureModelServer({ otherwise: (body) => ({ ...answer(body), delayMs: thinksMs }) });
}

/** What the server was paid for: each answer it began, also those that nobody was there to hear any more. */
export interface Paid {
  calls: number;
  /** Of those, the ones that came under a key that was paid already: a real server would bill them once (D1). */
  again: number;
}

/** What it was paid for so far. */
export function paidAt({ calls, paidCalls }: FixtureModelServer): Paid {
  const keys = new Set(calls.filter(({ isPaid }) => isPaid).map(({ callId }) => callId));
  return { calls: paidCalls, again: paidCalls - keys.size };
}

function answer({ model, messages }: FixtureRequest): Answer {
  const asked = messages.find(({ role }) => role === 'user')?.content ?? '';
  const told = messages.filter(({ role }) => role === 'tool');
  switch (model) {
    case 'planner':
      return {
        text: JSON.stringify({ packages: asked.match(/\b(xstate|lmdb|comlink|piscina)\b/gi)?.map(lower) ?? [] }),
      };
    case 'researcher':
      return told.length === 0 ? read([asked]) : { text: `${asked}: "${definitionIn(textOf(told[0]))}"` };
    case 'writer':
      return told.length === 0
        ? { toolCalls: [{ name: 'publish', args: { text: report(asked) } }] }
        : { text: report(asked) };
    default:
      return told.length === 0 ? read(packagesIn(asked)) : { text: verdict(asked, told) };
  }
}

function read(packages: readonly string[]): Answer {
  return { toolCalls: packages.map((name) => ({ name: 'readFile', args: { path: `${name}/README.md` } })) };
}

/** The first sentence that says what something is. */
function definitionIn(text: string): string {
  const line = text.split('\n').find((each) => /^[A-Z`].* (is|are|makes?) /.test(each)) ?? '';
  return line.replace(/([^.]{40,}?\.)\s.*/, '$1').slice(0, 200);
}

function report(findings: string): string {
  return findings.split('\n').join('\n');
}

function packagesIn(text: string): string[] {
  return [...text.matchAll(/^([a-z]+): "/gm)].map(([, name]) => name as string);
}

function verdict(asked: string, told: readonly Message[]): string {
  const quotes = [...asked.matchAll(/: "(.*)"$/gm)].map(([, quote]) => quote as string);
  const texts = told.map(textOf);
  const found = quotes.filter((quote) => quote !== '' && texts.some((text) => text.includes(quote))).length;
  return `${found} of ${quotes.length} quotes stand in their sources, word for word.`;
}

/** What a tool said: the file's text, out of the JSON it came in. */
function textOf(message: Message | undefined): string {
  try {
    return (JSON.parse(message?.content ?? '') as { text: string }).text;
  } catch {
    return '';
  }
}

function lower(text: string): string {
  return text.toLowerCase();
}
