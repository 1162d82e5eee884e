import { expect } from 'chai';
import fc from 'fast-check';
import { prompt, type PromptValue } from '../../../actors/model/index.js';
import { thrownBy } from '../../helpers/fake-port.js';

describe('prompt', () => {
  it('puts values in their places', () => {
    const ask = prompt('Answer {{name}} in {{ language }}, {{name}}: {"a":{"b":{{count}}}}');
    expect(ask.variables).to.deep.equal(['name', 'language', 'count']);
    expect(ask({ name: 'Ann', language: 'German', count: 0 })).to.equal('Answer Ann in German, Ann: {"a":{"b":0}}');
    expect(prompt('plain')({})).to.equal('plain');
  });

  it('never reads a value as a template', () => {
    const values = fc.record({ a: fc.string(), b: fc.constantFrom('{{a}}', '$&', '$1', '{{', '}}') });
    fc.assert(
      fc.property(values, ({ a, b }) => {
        expect(prompt('{{a}}|{{b}}|{{a}}')({ a, b })).to.equal(`${a}|${b}|${a}`);
      }),
    );
  });

  it('refuses a missing value, and one that is no text', () => {
    const ask = prompt('{{name}} {{age}}') as (values: unknown) => string;
    for (const [values, field] of [
      [undefined, 'name'],
      [{}, 'name'],
      [{ name: 'a' }, 'age'],
      [{ name: 'a', age: undefined }, 'age'],
      [{ name: 'a', age: null }, 'age'],
      [{ name: {}, age: 1 }, 'name'],
      [{ name: 'a', age: 1, aeg: 2 }, 'aeg'],
    ] as const) {
      expect(thrownBy(() => ask(values))).to.include({ code: 'PROMPT_VARIABLE', field });
    }
    expect(thrownBy(() => ask({ name: 'a', age: 1, nmae: 2 })).message).to.include('did you mean "name"?');
  });

  it('does not take what every object has for a value', () => {
    const ask = prompt('{{toString}}') as (values: object) => string;
    expect(thrownBy(() => ask({}))).to.have.property('code', 'PROMPT_VARIABLE');
    expect(ask({ toString: 'x' })).to.equal('x');
  });

  it('refuses braces that enclose no name', () => {
    for (const template of ['{{', 'a {{name', '{{}}', '{{ }}', '{{two words}}', '{{1a}}', '{{a-b}}', '{{a}} {{']) {
      expect(
        thrownBy(() => prompt(template)),
        template,
      ).to.have.property('code', 'PROMPT_VARIABLE');
    }
    expect(thrownBy(() => prompt(7 as unknown as string))).to.have.property('code', 'PROMPT_VARIABLE');
  });

  it('knows its variables at compile time', () => {
    const greet = prompt('Hello {{name}}, it is {{ hour }}');
    const refused = (): void => {
      // @ts-expect-error a value is missing
      greet({ name: 'Ann' });
      // @ts-expect-error no such variable
      greet({ name: 'Ann', hour: 1, day: 2 });
      // @ts-expect-error no text
      greet({ name: 'Ann', hour: {} });
      const given: string = 'read from a file {{x}}';
      const values: Record<string, PromptValue> = {};
      prompt(given)(values);
    };
    expect(refused).to.throw();
    expect(greet({ name: 'Ann', hour: 7 })).to.equal('Hello Ann, it is 7');
  });
});
