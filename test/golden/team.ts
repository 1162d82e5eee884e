/**
 * The agents, tools and workflows of the golden journals `team-*`. A journal on record was written with these
 * definitions: change nothing that a stored state would notice.
 */
import {
  actorStep,
  defineAgent,
  defineTool,
  defineWorkflow,
  jsonSchema,
  mapReduce,
  modelFrom,
  sequence,
  step,
  toolBus,
  waitFor,
} from '../../actors/index.js';

/** What was done outside, on this thread: nobody asks. */
const outside = { sent: [] as string[], undone: [] as string[], asked: [] as string[] };

const isMaker = process.env.TROUPE_GOLDEN_MAKER !== undefined;
const usage = { inputTokens: 100, outputTokens: 10, cachedTokens: 0, costUsd: 0.01 };

/** Writes one letter, then says so. Asked to think, it never comes to an end in the process that made the journal. */
const model = modelFrom({
  name: 'golden',
  stream: async function* ({ messages }) {
    const asked = messages.find(({ role }) => role === 'user')?.text ?? '';
    outside.asked.push(asked);
    if (isMaker && asked === 'Think.') await new Promise(() => {});
    const isTold = messages.some(({ role }) => role === 'tool');
    const toolCalls = isTold || asked === 'Think.' ? [] : [{ id: 'c1', name: 'send', args: { text: asked } }];
    const text = toolCalls.length > 0 ? '' : `answer to ${asked}`;
    const finish = toolCalls.length > 0 ? 'tools' : 'stop';
    yield { type: 'done', reply: { model: 'golden', text, toolCalls, usage, finish } };
  },
});

const text = jsonSchema<{ text: string }>({
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
});

const send = defineTool({
  name: 'send',
  description: 'Sends a letter.',
  input: text,
  approval: 'ask',
  run: ({ text: said }, { effectId, from }) => {
    outside.sent.push(`${said} from ${from}, ${effectId}`);
    return 'sent';
  },
});

/** The tools. */
export const mailroom = toolBus(import.meta, 'golden.mailroom', {
  tools: [send],
  grants: { clerk: ['send'] },
  approvers: ['ada', 'bob'],
});

/** Writes letters. */
export const clerk = defineAgent(import.meta, 'golden.clerk', {
  model,
  instructions: 'You write letters.',
  principal: 'clerk',
  limits: { steps: 6, costUsd: 1, timeMs: 50 * 365 * 86_400_000 },
});

/** Has letters written: the clerk is a sub-agent. */
export const chief = defineAgent(import.meta, 'golden.chief', {
  model: modelFrom({
    name: 'golden.chief',
    stream: async function* ({ messages }) {
      const told = messages.filter(({ role }) => role === 'tool').map((message) => message.text);
      const toolCalls = told.length > 0 ? [] : [{ id: 'w', name: 'clerk', args: { text: 'To Eve' } }];
      const said = told.length > 0 ? `heard: ${told.join()}` : '';
      yield { type: 'done', reply: { model: 'golden', text: said, toolCalls, usage, finish: 'stop' } };
    },
  }),
  instructions: 'You lead.',
  agents: { clerk },
  limits: { steps: 9, timeMs: 50 * 365 * 86_400_000 },
});

const parcel = defineWorkflow(
  import.meta,
  'golden.parcel',
  sequence(
    'parcel',
    step('pack', ({ input }: { input: string }) => `packed ${input}`),
    waitFor<string>('posted'),
  ),
);

/** Pays, has parcels packed, waits for its go, and fails if it is to: then what was paid is paid back. */
export const order = defineWorkflow(
  import.meta,
  'golden.order',
  sequence(
    'order',
    step('pay', ({ input }: { input: string[] }) => input, {
      compensate: ({ output }) => void outside.undone.push(output.join()),
    }),
    mapReduce('parcels', {
      items: (names: string[]) => names,
      each: actorStep('parcel', parcel),
      reduce: (posted: string[]) => posted,
    }),
    waitFor<string>('go'),
    step(
      'end',
      ({ input }: { input: string }) => {
        if (input === 'fail') throw new Error('it was to fail');
        return `ended: ${input}`;
      },
      { retry: { attempts: 1 } },
    ),
  ),
);
