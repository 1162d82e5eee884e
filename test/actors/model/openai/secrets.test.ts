import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  fixtureModelServer,
  type FixtureModelServer,
  openAiModel,
  type OpenAiModelOptions,
  recordingModel,
} from '../../../../actors/model/index.js';
import { TroupeError } from '../../../../src/index.js';
import { thrownBy } from '../../../helpers/fake-port.js';
import { rejection } from '../../../helpers/with-system.js';
import { ask, bothWays, callOf } from '../helpers.js';

const canary = 'sk-canary-0123456789';
const headerCanary = 'team-canary-987654';

/** An error with everything that hangs on it, as text. */
function allOf(error: unknown): string {
  return inspect(error, { depth: 20, showHidden: true, getters: true }) + JSON.stringify(TroupeError.toPlain(error));
}

describe('a key', () => {
  let server: FixtureModelServer;
  const lines: string[] = [];
  const options = (more: Partial<OpenAiModelOptions> = {}): OpenAiModelOptions => ({
    url: `${server.url}?code=${canary}`,
    model: 'fixture',
    apiKey: canary,
    headers: { 'x-team': headerCanary },
    ...more,
  });

  beforeEach(async () => {
    lines.length = 0;
    server = await fixtureModelServer();
  });
  afterEach(() => server.close());

  const expectNoCanary = (text: string, where: string): void => {
    for (const secret of [canary, headerCanary]) expect(text.includes(secret), `${where}: ${text}`).to.equal(false);
  };

  for (const [way, run] of bothWays) {
    it(`is in no error and in no record, whatever the server repeats of it, ${way}`, async () => {
      const echo = `you sent ${canary} and ${headerCanary}`;
      server.script(
        { status: 401, error: { message: echo } },
        { status: 500, raw: echo, contentType: 'text/plain' },
        { raw: echo, contentType: 'application/json' },
        { raw: `data: ${echo}\n\n` },
        { raw: `data: ${JSON.stringify({ error: { message: echo } })}\n\n` },
        { text: 'fine' },
      );
      const model = recordingModel(openAiModel(options()), (line) => void lines.push(line));
      for (let nth = 0; nth < 5; nth += 1)
        expectNoCanary(allOf(await rejection(run(model, ask('?')))), `answer ${nth}`);
      await run(model, ask('?'));
      expect(server.calls[5]!.headers).to.include({ authorization: `Bearer ${canary}`, 'x-team': headerCanary });
      expect(lines).to.have.length(6);
      expectNoCanary(lines.join(''), 'the record');
    });
  }

  it('is in no error of the network', async () => {
    const causes = [
      Object.assign(new TypeError(`fetch failed for ${canary}`), { cause: new Error(`header ${headerCanary}`) }),
      `thrown text ${canary}`,
      { message: `an object ${canary}`, headers: { authorization: canary } },
    ];
    for (const cause of causes) {
      const model = openAiModel(options({ fetch: () => Promise.reject(cause) }));
      const error = await rejection(model.complete(ask('?'), callOf()));
      expect(error).to.have.property('code', 'MODEL_UNAVAILABLE');
      expectNoCanary(allOf(error), 'the error');
    }
  });

  it('is in no refusal of options, not even under a wrong name', () => {
    for (const wrong of [
      { apikey: canary },
      { apiKey: `${canary}\n` },
      { apiKey: [canary] },
      { apiKey: canary, apiKeyFrom: () => canary },
      { headers: canary },
      { headers: { 'x-team': `${headerCanary}\n` } },
      { url: `http://me:${canary}@127.0.0.1/v1` },
      { url: canary },
      { url: [canary] },
    ]) {
      const error = thrownBy(() => openAiModel({ ...options(), ...wrong } as unknown as OpenAiModelOptions));
      expect(error.code).to.match(/^OPTION_/);
      expectNoCanary(allOf(error), Object.keys(wrong)[0]!);
    }
  });

  it('is in no view of the model', () => {
    const model = openAiModel(options());
    expectNoCanary(inspect(model, { depth: 20, showHidden: true }) + JSON.stringify(model), 'the model');
  });

  it('may be fetched for each call, and a failure to is the call’s', async () => {
    let key = 'first-key';
    server.script('a', 'b');
    const model = openAiModel({ url: server.url, model: 'fixture', apiKeyFrom: () => key });
    await model.complete(ask('?'), callOf());
    key = 'second-key';
    await model.complete(ask('?'), callOf());
    expect(server.calls.map(({ headers }) => headers.authorization)).to.deep.equal([
      'Bearer first-key',
      'Bearer second-key',
    ]);
    const throwing = (): string => {
      throw new RangeError(`no vault for ${canary}`);
    };
    for (const apiKeyFrom of [throwing, () => `${canary}\n`, () => 7 as unknown as string]) {
      const failing = openAiModel({ url: server.url, model: 'fixture', apiKeyFrom });
      const error = await rejection(failing.complete(ask('?'), callOf()));
      expect(error).to.have.property('code', 'MODEL_REJECTED');
      expectNoCanary(allOf(error), 'the error');
    }
  });
});
