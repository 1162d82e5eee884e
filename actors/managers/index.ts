/** Collections as actors: piles, their progressions, managers, branches; and calls. */
export { type Element, element, type ElementOptions, idMaker, type MakeId, type Metadata } from './element.js';
export { pile, type PileOptions } from './pile.js';
export type {
  Descent,
  Page,
  PageQuery,
  PileEvents,
  PileReply,
  PileSeed,
  Place,
  Put,
  Segment,
  Where,
} from './pile-words.js';
