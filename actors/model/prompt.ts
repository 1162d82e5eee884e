/** Prompts with variables: `{{name}}`. The names are in the type, so a missing one is found by the compiler as well. */
import { describeBriefly, TroupeError } from '../../src/core/errors.js';
import { nearestName } from '../../src/core/options.js';

/** What may stand for a variable. */
export type PromptValue = string | number | boolean;

/** The names in a template, from left to right: one tail call for each, of which the compiler allows a thousand. */
export type PromptNames<Template extends string, Found extends string = never> = string extends Template
  ? string
  : Template extends `${string}{{${infer Name}}}${infer Rest}`
    ? PromptNames<Rest, Found | Trimmed<Name>>
    : Found;

type Trimmed<Name extends string> = Name extends ` ${infer Rest} ` ? Rest : Name;

/** A template. Call it with the values. */
export interface Prompt<Name extends string> {
  /**
   * The text with the values in place. What is in a value is never read as a variable.
   * @throws TroupeError PROMPT_VARIABLE for a value that is missing, of another kind, or of no variable
   */
  (values: { readonly [Key in Name]: PromptValue }): string;
  readonly template: string;
  /** In the order of the template, each once. */
  readonly variables: readonly Name[];
}

const variableLegal = /^[A-Za-z_]\w*$/;

function refusal(name: string, message: string, value?: unknown): TroupeError {
  return new TroupeError('PROMPT_VARIABLE', `prompt: ${message}`, { field: name, value });
}

/**
 * Make a template.
 *
 *   const ask = prompt('Answer in {{language}}: {{question}}');
 *   ask({ language: 'German', question: 'Why?' });
 *
 * @param template variables are `{{name}}`, also with a space on each side; a name is a letter, then letters, digits, _
 * @throws TroupeError PROMPT_VARIABLE for braces that enclose no name
 */
export function prompt<const Template extends string>(template: Template): Prompt<PromptNames<Template>> {
  type Name = PromptNames<Template>;
  if (typeof template !== 'string') {
    throw refusal('template', `the template must be a text, but is ${describeBriefly(template)}`, template);
  }
  // The texts between the variables, at the even places; the variables at the odd ones.
  const pieces = template.split(/\{\{([^{}]*)\}\}/);
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 1) pieces[index] = piece.trim();
    const isGood = index % 2 === 1 ? variableLegal.test(piece.trim()) : !piece.includes('{{');
    if (!isGood)
      throw refusal(piece, `there is no name of a variable between braces: ${describeBriefly(piece)}`, piece);
  }
  const variables = [...new Set(pieces.filter((_, index) => index % 2 === 1))];
  const render = (values: Readonly<Record<string, unknown>>): string => {
    checkValues(values, variables);
    return pieces.map((piece, index) => (index % 2 === 1 ? String(values[piece]) : piece)).join('');
  };
  return Object.freeze(Object.assign(render, { template, variables: Object.freeze(variables as Name[]) }));
}

function checkValues(values: Readonly<Record<string, unknown>>, variables: readonly string[]): void {
  for (const name of variables) {
    const value = values?.[name];
    if (['string', 'number', 'boolean'].includes(typeof value)) continue;
    const what = value === undefined ? 'is missing' : `must be a text, a number or a boolean, but is`;
    throw refusal(name, `${name} ${what}${value === undefined ? '' : ` ${describeBriefly(value)}`}`, value);
  }
  for (const name of Object.keys(values ?? {})) {
    if (variables.includes(name)) continue;
    const near = nearestName(name, variables);
    throw refusal(name, `${name} is no variable of it${near === undefined ? '' : `; did you mean "${near}"?`}`);
  }
}
