/** What may be chosen of a pile. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Durability } from '../../src/index.js';
import type { OptionsSpec } from '../../src/core/options.js';
import type { Element } from './element.js';

/** What a pile of T is to be. */
export interface PileOptions<T> {
  /** What values must be: a Standard Schema that answers at once. Elements hold what it returns. Default: anything. */
  schema?: StandardSchemaV1<unknown, T>;
  /** At most so many elements, 1 to 10,000,000. Default 10,000. More are refused with PILE_FULL. */
  elementsMax?: number;
  /** Elements that are written together, 1 to 64; fixed when a pile begins. Default 8; 1 for large values. */
  pageElements?: number;
  /** Progressions by name: `arrival` takes every new element at its end, `manual` none. Default: none. */
  orders?: Readonly<Record<string, 'arrival' | 'manual'>>;
  /** Views by name, for `where.filter`: pure functions that do not throw. */
  filters?: Readonly<Record<string, (element: Element<T>) => boolean>>;
  /** As of any definition. Default `flushed`. */
  durability?: Exclude<Durability, 'none'>;
}

/** How they are checked. */
export const optionsSpec: OptionsSpec<PileOptions<unknown>> = {
  schema: { type: 'any' },
  elementsMax: { type: 'integer', min: 1, max: 10_000_000, default: 10_000 },
  pageElements: { type: 'integer', min: 1, max: 64, default: 8 },
  orders: { type: 'object', default: {} },
  filters: { type: 'object', default: {} },
  durability: { type: 'string', oneOf: ['flushed', 'committed'], default: 'flushed' },
};
