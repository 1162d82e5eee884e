/** The tool that recalls. */
import { jsonSchema } from '../../schema/index.js';
import { defineTool, type Tool } from '../tool.js';
import type { MemoryHit, MemoryPort } from './memory-port.js';
import { tagsSchema } from './memory-put.js';

/** Arguments of `memoryRecall`: everything, when nothing is said. */
export interface MemoryRecallArgs {
  /** Words that all must be in it. */
  text?: string;
  tags?: string[];
  /** Default 10. */
  limit?: number;
}

/** What `memoryRecall` answers: newest first. */
export interface MemoryRecallResult {
  hits: MemoryHit[];
}

/**
 * `memoryRecall`: what was remembered, newest first, by words and tags. What the memory refuses is TOOL_FAILED with
 * its error.
 * @param memory where from
 */
export function memoryRecall(memory: MemoryPort): Tool<MemoryRecallArgs, MemoryRecallResult> {
  return defineTool<MemoryRecallArgs, MemoryRecallResult>({
    name: 'memoryRecall',
    description: 'Recalls what was remembered, newest first, by words and tags.',
    touches: 'nothing',
    resultBytesMax: 2_097_152,
    input: jsonSchema<MemoryRecallArgs>({
      type: 'object',
      properties: {
        text: { type: 'string', maxLength: 512, description: 'words that must be in it' },
        tags: tagsSchema,
        limit: { type: 'integer', minimum: 1, maximum: 100, description: 'default 10' },
      },
      additionalProperties: false,
    }),
    example: { args: { tags: ['tea'], limit: 3 }, says: 'up to three entries about tea' },
    run: async ({ text = '', tags = [], limit = 10 }, { effectId, from, grant, signal }) => ({
      hits: [...(await memory.recall({ text, tags, limit }, { effectId, from, grant, signal }))],
    }),
  });
}
