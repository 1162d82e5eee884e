/** All suites, in the order they run. */
import { curves } from './curves.js';
import { durable } from './durable.js';
import { endurance } from './endurance.js';
import { footprint } from './footprint.js';
import { kernel } from './kernel.js';
import { messages } from './messages.js';
import { recovery } from './recovery.js';
import type { Suite } from './runner/suite.js';
import { savina } from './savina.js';
import { supervision } from './supervision.js';
import { workflow } from './workflow.js';

/** See the file's header. */
export const suites: readonly Suite[] = [
  kernel,
  messages,
  footprint,
  endurance,
  recovery,
  supervision,
  savina,
  durable,
  workflow,
  curves,
];
