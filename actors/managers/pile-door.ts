/** What is checked where requests enter a pile. Each check returns the refusal: a bad request is no failure. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { checkOptions, type OptionsSpec } from '../../src/core/options.js';
import { TroupeError } from '../../src/index.js';
import { type Element, faultOf, invalid } from './element.js';
import type { PageQuery, PlaceEvent, Where } from './pile-words.js';

/** An element whose value is what the schema returns, or what is wrong with it. */
export function checkElement(given: unknown, schema: StandardSchemaV1 | undefined): Element | TroupeError {
  const fault = faultOf(given);
  if (fault !== undefined) return fault;
  const { id, time, metadata, value } = given as Element;
  if (schema === undefined) return { id, time, metadata, value };
  try {
    const result = schema['~standard'].validate(value);
    if (result instanceof Promise)
      return invalid('schema', undefined, 'must answer at once: a turn cannot wait for it');
    if (result.issues === undefined) return { id, time, metadata, value: result.value };
    const { message = 'is not valid', path = [] } = result.issues[0] ?? {};
    const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
    const field = ['element.value', ...keys.map(String)].join('.');
    return new TroupeError('ELEMENT_INVALID', `${field}: ${message}`, { field, value });
  } catch (cause) {
    return new TroupeError('ELEMENT_INVALID', 'the schema threw', { field: 'element.value', value, cause });
  }
}

const whereSpec: OptionsSpec<Where> = {
  filter: { type: 'string' },
  since: { type: 'number' },
  until: { type: 'number' },
  metadata: { type: 'object' },
};

const pageSpec: OptionsSpec<PageQuery> = {
  from: { type: 'integer', min: 0, default: 0 },
  limit: { type: 'integer', min: 1, max: 1_000, default: 100 },
  order: { type: 'string' },
  reverse: { type: 'boolean', default: false },
  where: { type: 'options', spec: whereSpec, default: {} },
};

type CheckedPage = Required<Omit<PageQuery, 'order'>> & Pick<PageQuery, 'order'>;

/** A page's query with its defaults, or what is wrong with it. @param filters of the pile, by name */
export function checkPage({ type: _, ...given }: { type: 'page' }, filters: object): CheckedPage | TroupeError {
  try {
    const query = checkOptions<PageQuery>(given, pageSpec, 'page') as CheckedPage;
    const { filter } = query.where;
    if (filter !== undefined && !Object.hasOwn(filters, filter)) {
      const known = Object.keys(filters).join(', ') || 'none';
      return outside('where.filter', filter, `is not a filter of the pile; known are: ${known}`);
    }
    if (query.reverse && query.order === undefined) return outside('reverse', true, 'needs an order');
    return query;
  } catch (error) {
    return error as TroupeError;
  }
}

function outside(field: string, value: unknown, why: string): TroupeError {
  return new TroupeError('OPTION_RANGE', `page: ${field} ${why}`, { field, value });
}

/** What is wrong with a placing; undefined when nothing is. */
export function checkPlace({ at }: PlaceEvent): TroupeError | undefined {
  if (at === 'start' || at === 'end') return undefined;
  const beside = Object.entries(typeof at === 'object' && at !== null ? at : {});
  const [[side, id] = []] = beside;
  if (beside.length === 1 && (side === 'before' || side === 'after') && typeof id === 'string') return undefined;
  const message = "place: at must be 'start', 'end', { before: id } or { after: id }";
  return new TroupeError('OPTION_RANGE', message, { field: 'at', value: at });
}
