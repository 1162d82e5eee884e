/**
 * The team of `npm run demo -- agents`: a planner, two researchers, a writer and a checker answer a question over the
 * READMEs of this project's dependencies. Their model is a server of the demo's own (`model-server.ts`), spoken to as
 * any other, so what it was paid for is counted outside of the process that is killed.
 */
import { join } from 'node:path';
import {
  actorStep,
  type AgentCost,
  type AgentResult,
  defineAgent,
  defineTool,
  defineWorkflow,
  type Flow,
  jsonSchema,
  mapReduce,
  mapValue,
  openAiModel,
  parallel,
  readFile,
  sequence,
  toolBus,
} from '../../../actors/index.js';
import { ActorRef } from '../../../src/index.js';
import { supervisor } from '../../../supervisors/index.js';

/** The environment variable that says where the model is. */
export const modelUrlVariable = 'TROUPE_DEMO_MODEL';

/** In US dollars for a million tokens: made up, so that there is something to count. */
const prices = { inputUsd: 3, outputUsd: 15 };

const model = (role: string) =>
  openAiModel({ url: process.env[modelUrlVariable] ?? 'http://127.0.0.1:9/v1', model: role, prices });

const text = { type: 'string' } as const;
const limits = { steps: 6, costUsd: 0.05 };

/** Splits the question. */
const planner = defineAgent(import.meta, 'demo.planner', {
  model: model('planner'),
  instructions: 'Split the question into one question for each package it is about.',
  output: jsonSchema<{ packages: string[] }>({
    type: 'object',
    properties: { packages: { type: 'array', items: text } },
    required: ['packages'],
  }),
  limits,
});

/** Reads one README. */
const researcher = defineAgent(import.meta, 'demo.researcher', {
  model: model('researcher'),
  instructions: 'Read the README of the package and quote the sentence that says what it is.',
  principal: 'researcher',
  limits,
});

/** Writes, and publishes when somebody has approved. */
const writer = defineAgent(import.meta, 'demo.writer', {
  model: model('writer'),
  instructions: 'Write one paragraph from the findings, and publish it.',
  principal: 'writer',
  limits,
});

/** Reads the sources again. */
const checker = defineAgent(import.meta, 'demo.checker', {
  model: model('checker'),
  instructions: 'Read the sources again and say whether every quote stands there.',
  principal: 'researcher',
  limits,
});

const publish = defineTool({
  name: 'publish',
  description: 'Publishes a text.',
  input: jsonSchema<{ text: string }>({ type: 'object', properties: { text }, required: ['text'] }),
  approval: 'ask',
  run: ({ text: given }) => `published, ${given.length} characters`,
});

/** Tools, and who may use them. */
const tools = toolBus(import.meta, 'demo.tools', {
  tools: [readFile({ root: join(process.cwd(), 'node_modules') }), publish],
  grants: { researcher: ['readFile'], writer: ['publish'] },
  approvers: ['you'],
});

/** Restarts the tools, should they crash. */
export const office = supervisor(import.meta, 'demo.office', {
  strategy: 'one-for-one',
  children: [{ id: 'tools', actor: tools }],
});

/** What the team hands on from step to step. */
interface Work {
  findings: string[];
  report: string;
  verdict: string;
  costs: AgentCost[];
}

const bus = () => new ActorRef('/office/tools');

const research = mapReduce('research', {
  items: (plan: AgentResult<{ packages: string[] }>) => plan.answer.packages,
  each: actorStep('researcher', researcher, { input: (name: string) => ({ text: name, bus: bus() }) }),
  reduce: (found: AgentResult<string>[], plan): Work => ({
    findings: found.map(({ answer }) => answer),
    report: '',
    verdict: '',
    costs: [...plan.costs, ...found.flatMap(({ costs }) => costs)],
  }),
});

/** Do something with the work so far, and hand both on. */
const adding = (
  id: string,
  made: Flow<Work, AgentResult<string>>,
  merge: (work: Work, text: string) => Partial<Work>,
) =>
  sequence(
    id,
    parallel(`${id}-it`, { work: mapValue('so-far', (work: Work) => work), made }),
    mapValue(
      'together',
      ({ work, made: { answer, costs } }: { work: Work; made: AgentResult<string> }): Work => ({
        ...work,
        ...merge(work, answer),
        costs: [...work.costs, ...costs],
      }),
    ),
  );

/** Question in; report, verdict and costs out. */
export const team = defineWorkflow(
  import.meta,
  'demo.team',
  sequence(
    'team',
    actorStep('planner', planner, { input: (question: string) => ({ text: question }) }),
    research,
    adding(
      'write',
      actorStep('writer', writer, { input: ({ findings }: Work) => ({ text: findings.join('\n'), bus: bus() }) }),
      (_, report) => ({ report }),
    ),
    adding(
      'check',
      actorStep('checker', checker, { input: ({ report }: Work) => ({ text: report, bus: bus() }) }),
      (_, verdict) => ({ verdict }),
    ),
  ),
);
