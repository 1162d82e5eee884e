/**
 * The team of `npm run demo -- agents`: a planner, two researchers, a writer and a checker answer a question over the
 * READMEs of this project's dependencies. Their model is a server of the demo's own (`model-server.ts`), spoken to as
 * any other, so what it was paid for is counted outside of the process that is killed.
 *
 *   /office                  one-for-one
 *     tools, planner
 *     research               one-for-one: one who reads does not concern the other
 *       researcher-1, researcher-2
 *     desk                   one-for-all: the checker checks what the writer writes
 *       writer, checker
 *   /answer                  the workflow, which asks them one after the other
 */
import { join } from 'node:path';
import {
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
  step,
  toolBus,
} from '../../../actors/index.js';
import { ActorRef } from '../../../src/index.js';
import { supervisor } from '../../../supervisors/index.js';
import { type SeatEvents, seatOf } from './seat.js';

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

const toolsPath = '/office/tools';

const plannerSeat = seatOf(import.meta, 'demo.seat-planner', planner, toolsPath);
const researcherSeat = seatOf(import.meta, 'demo.seat-researcher', researcher, toolsPath);
const writerSeat = seatOf(import.meta, 'demo.seat-writer', writer, toolsPath);
const checkerSeat = seatOf(import.meta, 'demo.seat-checker', checker, toolsPath);

/** Whoever crashes is restarted: alone, or, at the desk, with the other one. */
export const office = supervisor(import.meta, 'demo.office', {
  strategy: 'one-for-one',
  children: [
    { id: 'tools', actor: tools },
    { id: 'planner', actor: plannerSeat },
    {
      id: 'research',
      supervisor: {
        strategy: 'one-for-one',
        children: [
          { id: 'researcher-1', actor: researcherSeat },
          { id: 'researcher-2', actor: researcherSeat },
        ],
      },
    },
    {
      id: 'desk',
      supervisor: {
        strategy: 'one-for-all',
        children: [
          { id: 'writer', actor: writerSeat },
          { id: 'checker', actor: checkerSeat },
        ],
      },
    },
  ],
});

/** The supervisors above, by the names of their definitions. */
export const strategies = {
  'demo.office': 'one-for-one',
  'demo.office.research': 'one-for-one',
  'demo.office.desk': 'one-for-all',
} as const;

/** What the team hands on from step to step. */
interface Work {
  findings: string[];
  report: string;
  verdict: string;
  costs: AgentCost[];
}

/** One day: somebody has to approve in the meantime. */
const timeoutMs = 86_400_000;

/** Have somebody of the office do something. @param task of the input: its name, who does it, and what it is */
function ask<I, O>(id: string, task: (input: I) => { seat: string; task: string; text: string }) {
  return step(
    id,
    ({ input, signal }: { input: I; signal: AbortSignal }) => {
      const { seat, ...work } = task(input);
      const ref = new ActorRef<SeatEvents>(`/office/${seat}`);
      return ref.ask({ type: 'work', ...work }, { signal, timeoutMs }) as Promise<AgentResult<O>>;
    },
    { retry: { attempts: 1 } },
  );
}

const research = mapReduce('research', {
  items: (plan: AgentResult<{ packages: string[] }>) =>
    plan.answer.packages.map((name, at) => ({ name, by: `researcher-${(at % 2) + 1}` })),
  each: ask<{ name: string; by: string }, string>('researcher', ({ name, by }) => ({
    seat: `research/${by}`,
    task: name,
    text: name,
  })),
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
    ask<string, { packages: string[] }>('planner', (text) => ({ seat: 'planner', task: 'plan', text })),
    research,
    adding(
      'write',
      ask<Work, string>('writer', ({ findings }) => ({
        seat: 'desk/writer',
        task: 'write',
        text: findings.join('\n'),
      })),
      (_, report) => ({ report }),
    ),
    adding(
      'check',
      ask<Work, string>('checker', ({ report }) => ({ seat: 'desk/checker', task: 'check', text: report })),
      (_, verdict) => ({ verdict }),
    ),
  ),
);
