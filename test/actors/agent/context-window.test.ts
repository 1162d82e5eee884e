/** What of a conversation fits, for any conversation. */
import { expect } from 'chai';
import fc from 'fast-check';
import { fitWindow, type ModelMessage } from '../../../actors/index.js';
import { tokensOf } from '../../../actors/model/estimate.js';

const text = fc.string({ maxLength: 80 });

/** A turn: of a user, or of a model that calls up to three tools and hears of each. */
const turn: fc.Arbitrary<ModelMessage[]> = fc.oneof(
  text.map((said): ModelMessage[] => [{ role: 'user', text: said }]),
  fc.tuple(text, fc.array(text, { maxLength: 3 })).map(([said, answers]): ModelMessage[] => [
    {
      role: 'assistant',
      text: said,
      toolCalls: answers.map((answer, at) => ({ id: `${at}`, name: 'tool', args: { answer } })),
    },
    ...answers.map((answer, at): ModelMessage => ({ role: 'tool', callId: `${at}`, name: 'tool', text: answer })),
  ]),
);

describe('context window', () => {
  it('keeps the newest turns that fit, whole and in order, with what the system said', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 12 }), fc.integer({ min: 0, max: 400 }), (turns, tokensMax) => {
        const system: ModelMessage = { role: 'system', text: 'Be brief.' };
        const all = [system, ...turns.flat()];
        const { kept, dropped } = fitWindow(all, tokensMax);
        expect([...dropped, ...kept.slice(1)]).to.deep.equal(turns.flat());
        expect(kept[0]).to.equal(system);
        // Whole turns: what is kept begins where a turn does, and has the last one.
        const rest = kept.slice(1);
        const count = turns.findIndex((_, at) => turns.slice(at).flat().length === rest.length);
        expect(turns.length === 0 ? 0 : count).to.be.at.least(0);
        if (turns.length > 0) expect(rest.slice(-(turns.at(-1) as ModelMessage[]).length)).to.deep.equal(turns.at(-1));
        const tokens = kept.reduce((sum, message) => sum + tokensOf(message), 0);
        const must = [system, ...(turns.at(-1) ?? [])].reduce((sum, message) => sum + tokensOf(message), 0);
        expect(tokens).to.be.at.most(Math.max(tokensMax, must));
        // Not one turn fewer than fits.
        const next = turns[turns.length - turnsIn(rest, turns) - 1];
        const more = (next ?? []).reduce((sum, message) => sum + tokensOf(message), tokens);
        if (next !== undefined) expect(more).to.be.above(tokensMax);
      }),
      { numRuns: 500 },
    );
  });
});

function turnsIn(rest: readonly ModelMessage[], turns: readonly ModelMessage[][]): number {
  let messages = 0;
  for (let count = 0; count <= turns.length; count += 1) {
    if (messages === rest.length) return count;
    messages += (turns[turns.length - 1 - count] ?? []).length;
  }
  throw new Error('what is kept is no number of whole turns');
}
