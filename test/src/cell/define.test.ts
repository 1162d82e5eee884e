import { expect } from 'chai';
import {
  type AnyActorLogic,
  createMachine,
  fromCallback,
  fromPromise,
  fromTransition,
  setup,
  spawnChild,
} from 'xstate';
import {
  type DefinitionOptions,
  defineActor,
  isHostThread,
  loadDefinition,
  lookupDefinition,
  registeredDefinitions,
} from '../../../src/cell/define.js';
import { TroupeError } from '../../../src/core/errors.js';

const logic = fromTransition((state: number, _event: { type: 'x' }) => state, 0);
const here = 'file:///app/here.js';

function refusal(name: unknown, given: unknown = logic, options?: unknown, meta: unknown = { url: here }): TroupeError {
  try {
    defineActor(meta as ImportMeta, name as string, given as AnyActorLogic, options as DefinitionOptions);
  } catch (error) {
    if (TroupeError.is(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const fixture = (name: string): string => new URL(`./fixtures/${name}.js`, import.meta.url).href;

async function loadError(name: string, url: string): Promise<TroupeError> {
  const error = await loadDefinition(name, url).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!TroupeError.is(error)) throw error ?? new Error('it was loaded');
  return error;
}

describe('cell/define', () => {
  it('registers logic of every kind under its name, with defaults filled in', () => {
    const kinds = [createMachine({}), logic, fromPromise(async () => 1), fromCallback(() => {})];
    for (const [index, each] of kinds.entries()) {
      const definition = defineActor({ url: here }, `test.kind-${index}`, each as AnyActorLogic);
      expect(lookupDefinition(`test.kind-${index}`)).to.equal(definition);
      expect(definition).to.deep.include({ name: `test.kind-${index}`, url: here, version: 1, logic: each });
      expect(definition.options).to.deep.equal({ version: 1, durability: 'flushed' });
    }
    expect(registeredDefinitions()).to.deep.include({ name: 'test.kind-0', url: here });
    expect(lookupDefinition('test.none')).to.equal(undefined);
    expect(isHostThread()).to.equal(false);
  });

  it('keeps the options it was given', () => {
    const migrate = (snapshot: unknown) => snapshot;
    const options = {
      version: 3,
      migrate,
      durability: 'none',
      maxAttempts: 1,
      passivateAfterMs: 50,
      placement: 'pinned:2',
    } as const;
    const definition = defineActor({ url: here }, 'test.options', logic, { ...options, hooks: { preStart() {} } });
    expect(definition.options).to.include(options);
    expect(definition.version).to.equal(3);
  });

  it('refuses one name from two modules, naming both (D1)', () => {
    defineActor({ url: here }, 'test.twice', logic);
    const error = refusal('test.twice', logic, undefined, { url: 'file:///app/there.js' });
    expect(error.code).to.equal('DEFINITION_DUPLICATE');
    expect(error.message).to.include(here).and.include('file:///app/there.js');
  });

  it('lets a module that is evaluated again replace its own (D1)', () => {
    defineActor({ url: here }, 'test.again', logic);
    const second = defineActor({ url: `${here}?t=2` }, 'test.again', logic, { version: 2 });
    expect(lookupDefinition('test.again')).to.equal(second);
  });

  it('refuses bad names', () => {
    for (const name of ['', '1st', 'a b', 'a/b', 'x'.repeat(129), undefined, 'a\n']) {
      expect(refusal(name), String(name)).to.include({ code: 'DEFINITION_NAME', field: 'name', value: name });
    }
  });

  it('refuses what is no logic, bad options and a missing import.meta', () => {
    for (const wrong of [null, {}, () => 1, { transition() {} }]) {
      expect(refusal('test.logic', wrong)).to.include({ code: 'DEFINITION_LOGIC' });
    }
    expect(refusal('test.logic', () => 1).message).to.match(/wrap a function in fromTransition/);
    expect(refusal('test.o', logic, { versions: 2 })).to.include({ code: 'OPTION_UNKNOWN', field: 'versions' });
    expect(refusal('test.o', logic, { version: 0 })).to.include({ code: 'OPTION_RANGE', field: 'version' });
    expect(refusal('test.o', logic, { durability: 'durable' })).to.include({ code: 'OPTION_RANGE' });
    expect(refusal('test.o', logic, { placement: 'dedicatd' })).to.include({
      code: 'OPTION_RANGE',
      field: 'placement',
    });
    expect(refusal('test.o', logic, { hooks: { prestart() {} } })).to.include({
      code: 'OPTION_UNKNOWN',
      field: 'hooks.prestart',
    });
    for (const effects of [{}, { work: 1 }, [() => 1], null]) {
      expect(refusal('test.o', logic, { effects })).to.include({ code: 'OPTION_RANGE', field: 'effects' });
    }
    expect(refusal('test.o', logic, undefined, null)).to.include({ code: 'OPTION_TYPE', field: 'meta' });
    expect(refusal('test.o', logic, undefined, {})).to.include({ code: 'OPTION_TYPE', field: 'meta' });
    expect(lookupDefinition('test.o')).to.equal(undefined);
  });

  it('refuses a machine whose local child could not be restored', () => {
    const inline = setup({}).createMachine({ entry: spawnChild(fromPromise(async () => 1)) });
    expect(refusal('test.inline', inline).code).to.equal('INLINE_CHILD');
    expect(lookupDefinition('test.inline')).to.equal(undefined);
  });

  describe('loadDefinition', () => {
    it('imports the module that defines the name, once', async () => {
      const loaded = await loadDefinition('fixture.good', fixture('good-definition'));
      expect(loaded).to.include({ name: 'fixture.good', url: fixture('good-definition') });
      expect(await loadDefinition('fixture.good', fixture('good-definition'))).to.equal(loaded);
    });

    it('says when the module defines something else, and where the name is defined', async () => {
      await loadDefinition('fixture.good', fixture('good-definition'));
      const missing = await loadError('fixture.other', fixture('no-definition'));
      expect(missing).to.include({ code: 'DEFINITION_UNKNOWN', value: 'fixture.other' });
      const moved = await loadError('fixture.good', fixture('no-definition'));
      expect(moved.code).to.equal('DEFINITION_UNKNOWN');
      expect(moved.message).to.include(fixture('good-definition'));
    });

    it('gives the reason when the module cannot be imported', async () => {
      const broken = await loadError('x', fixture('broken-definition'));
      expect(broken.code).to.equal('DEFINITION_IMPORT');
      expect(broken.cause).to.be.instanceOf(RangeError);
      expect((await loadError('x', 'file:///nowhere/at-all.js')).code).to.equal('DEFINITION_IMPORT');
    });
  });
});
