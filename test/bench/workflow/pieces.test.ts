/** Pieces of streamed texts carry their numbers, or the moment their bytes were read, through adapters and joins. */
import { expect } from 'chai';
import { fixtureModelServer, openAiModel } from '../../../actors/index.js';
import { agesUs, blank, numbered, numbersIn, nowUs, stampingFetch } from '../../../bench/workflow/pieces.js';

describe('pieces of streamed texts', () => {
  it('are told apart when they were joined', () => {
    expect(numbersIn('')).to.deep.equal([]);
    expect(numbersIn(numbered(0) + numbered(41) + numbered(9_999_999_999_999))).to.deep.equal([
      0, 41, 9_999_999_999_999,
    ]);
  });

  it('say how old they are', () => {
    const now = nowUs();
    const [young = -1, old = -1] = agesUs(numbered(now) + numbered(now - 5_000_000));
    expect(young).to.be.within(0, nowUs() - now);
    expect(old - young).to.equal(5_000_000);
  });

  it('get the moment at which their bytes were read, each of them', async () => {
    const server = await fixtureModelServer({ otherwise: { chunks: [blank, blank + blank, blank] } });
    try {
      const model = openAiModel({ url: server.url, model: 'talker', fetch: stampingFetch });
      const begin = nowUs();
      const signal = new AbortController().signal;
      const { text } = await model.complete({ messages: [{ role: 'user', text: 'talk' }] }, { callId: 'a', signal });
      expect(numbersIn(text)).to.have.length(4);
      for (const moment of numbersIn(text)) expect(moment).to.be.within(begin, nowUs());
    } finally {
      await server.close();
    }
  });

  it('have room for any moment of a machine that is up for 300 years', () => {
    expect(numbered(300 * 366 * 86_400_000_000)).to.have.length(blank.length);
  });
});
