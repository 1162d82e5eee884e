/** The tool that remembers. */
import { jsonSchema } from '../../schema/index.js';
import { defineTool, type Tool } from '../tool.js';
import type { MemoryPort } from './memory-port.js';

/** Arguments of `memoryPut`. */
export interface MemoryPutArgs {
  text: string;
  tags?: string[];
}

/** How a model is told about tags. */
export const tagsSchema = {
  type: 'array',
  items: { type: 'string', minLength: 1, maxLength: 64 },
  maxItems: 16,
  description: 'words to find it by',
} as const;

/**
 * `memoryPut`: remember a text, with tags to find it by. What the memory refuses is TOOL_FAILED with its error.
 * @param memory where to
 */
export function memoryPut(memory: MemoryPort): Tool<MemoryPutArgs, { id: string }> {
  return defineTool<MemoryPutArgs, { id: string }>({
    name: 'memoryPut',
    description: 'Remembers a text for later.',
    touches: 'nothing',
    input: jsonSchema<MemoryPutArgs>({
      type: 'object',
      properties: { text: { type: 'string', minLength: 1, maxLength: 8_192 }, tags: tagsSchema },
      required: ['text'],
      additionalProperties: false,
    }),
    example: { args: { text: 'Ada takes no milk.', tags: ['ada', 'tea'] }, says: 'the id of what was remembered' },
    run: ({ text, tags = [] }, { effectId, from, grant, signal }) =>
      memory.put({ text, tags }, { effectId, from, grant, signal }),
  });
}
