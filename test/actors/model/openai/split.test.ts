import { expect } from 'chai';
import fc from 'fast-check';
import { openAiModel } from '../../../../actors/model/index.js';
import { eventsOf, type FixtureAnswer } from '../../../../actors/model/testing/fixture-wire.js';
import { ask, callOf, collect, textsOf } from '../helpers.js';

/** A model whose server sends these bytes, cut at these places. */
function modelOn(bytes: Uint8Array, cuts: readonly number[]) {
  const pieces: Uint8Array[] = [];
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const place of [...places, bytes.length]) {
    pieces.push(bytes.slice(from, place));
    from = place;
  }
  const body = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
  const headers = { 'content-type': 'text/event-stream' };
  return openAiModel({
    url: 'http://127.0.0.1:1/v1',
    model: 'm',
    fetch: async () => new Response(body(), { headers }),
  });
}

describe('a stream of events', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
  const answer = fc.record<FixtureAnswer>({
    chunks: fc.array(word, { maxLength: 5 }),
    toolCalls: fc.array(
      fc.record({ name: fc.constantFrom('a', 'b'), args: fc.dictionary(word, fc.jsonValue()), id: fc.uuid() }),
      {
        maxLength: 2,
      },
    ),
  });

  it('comes to the same however its bytes are split', async () => {
    await fc.assert(
      fc.asyncProperty(
        answer,
        fc.array(fc.nat(5_000), { maxLength: 40 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        async (said, cuts, lineEnd) => {
          const wire = eventsOf(said, 'm', '?', 0).join('').replaceAll('\n', lineEnd);
          const bytes = new TextEncoder().encode(wire);
          const whole = await collect(modelOn(bytes, []).stream(ask('?'), callOf()));
          const split = await collect(modelOn(bytes, cuts).stream(ask('?'), callOf()));
          expect(split).to.deep.equal(whole);
          expect(textsOf(split.parts)).to.deep.equal(said.chunks);
          expect(split.reply.text).to.equal(said.chunks!.join(''));
          expect(split.reply.toolCalls.map(({ id, name, args }) => ({ id, name, args }))).to.deep.equal(
            said.toolCalls!.map((call) => ({ ...call, args: JSON.parse(JSON.stringify(call.args)) as unknown })),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('comes to the same byte by byte', async () => {
    const said = { text: 'Zwölf Boxkämpfer 🥊 jagen Viktor', toolCalls: [{ name: 'a', args: { ü: '🙂' }, id: 'x' }] };
    const bytes = new TextEncoder().encode(eventsOf(said, 'm', '?', 0).join(''));
    const single = await collect(modelOn(bytes, [...bytes.keys()]).stream(ask('?'), callOf()));
    expect(single.reply).to.deep.include({ text: said.text, toolCalls: said.toolCalls });
  });

  it('cut off anywhere before its end is no reply', async () => {
    const wire = eventsOf({ text: 'one two', toolCalls: [{ name: 'a', args: { b: 1 }, id: 'x' }] }, 'm', '?', 0);
    const ending = wire.findIndex((each) => each.includes('"finish_reason":"tool_calls"'));
    const bytes = new TextEncoder().encode(wire.slice(0, ending).join(''));
    for (let end = 0; end < bytes.length; end += 7) {
      const outcome = await collect(modelOn(bytes.slice(0, end), []).stream(ask('?'), callOf())).catch(
        ({ code }) => code as string,
      );
      expect(outcome, `after ${end} bytes`).to.equal('MODEL_PROTOCOL');
    }
  });
});
