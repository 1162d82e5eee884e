/**
 * A flow, and a run of it, as a flowchart in Mermaid's language and as JSON.
 *
 * P1  Nothing of a user's stands outside of a quoted label, and in it whatever could mean something to Mermaid or to
 *     HTML is written as a number.
 */
import { mermaidText } from '../../src/core/mermaid-text.js';
import type { ActorDefinition } from '../../src/index.js';
import { partIds, partsOf } from './compiled.js';
import { flowOf } from './define.js';
import type { FlowNode } from './nodes.js';
import { keyOf, type NodeCount } from './run-state.js';
import type { RunView } from './view.js';

/** A node of a flow as data. */
export interface FlowJson {
  key: string;
  id: string;
  kind: FlowNode['kind'];
  /** What it has done, when a run is shown. */
  count?: NodeCount;
  /** Is the run there? */
  active?: true;
  parts?: FlowJson[];
}

/**
 * A workflow as data.
 * @param run shows what this run has done
 * @throws TroupeError WORKFLOW_FLOW when it is no workflow
 */
export function workflowJson(workflow: ActorDefinition, run?: RunView): FlowJson {
  const active = new Set(run?.active.map(({ at }) => keyOf(at)));
  const jsonOf = (node: FlowNode, key: string): FlowJson => {
    const json: FlowJson = { key, id: node.id, kind: node.kind };
    const count = run?.counts[key];
    if (count !== undefined) json.count = count;
    if (active.has(key)) json.active = true;
    const ids = partIds(node);
    const parts = partsOf(node).map((part, at) => jsonOf(part, `${key}/${ids[at]}`));
    if (parts.length > 0) json.parts = parts;
    return json;
  };
  const { root } = flowOf(workflow);
  return jsonOf(root, root.id);
}

/**
 * A workflow as a flowchart.
 * @param run marks what this run has done, is at, and has failed at
 * @throws TroupeError WORKFLOW_FLOW when it is no workflow
 */
export function workflowMermaid(workflow: ActorDefinition, run?: RunView): string {
  const chart = new Chart(run);
  const { root } = flowOf(workflow);
  const { from, to } = chart.draw(root, root.id);
  const status = run?.status;
  const end = status === undefined ? 'end' : status;
  return [
    'flowchart TD',
    ...chart.lines.map((line) => `  ${line}`),
    `  begin(((" "))) --> ${from}`,
    `  ${to} --> over((("${mermaidText(end)}")))`,
    '  classDef done fill:#e3f4e8,stroke:#2e7d32',
    '  classDef active fill:#fff3cd,stroke:#b8860b',
    '  classDef failed fill:#fde0dc,stroke:#c62828',
  ].join('\n');
}

/** Where a drawn part begins and ends. */
interface Ends {
  from: string;
  to: string;
}

class Chart {
  readonly lines: string[] = [];
  private readonly active: Set<string>;
  private count = 0;

  constructor(private readonly run: RunView | undefined) {
    this.active = new Set(run?.active.map(({ at }) => keyOf(at)));
  }

  draw(node: FlowNode, key: string): Ends {
    switch (node.kind) {
      case 'sequence':
        return this.drawSequence(node.parts, key);
      case 'parallel':
        return this.drawFork(node, key, Object.keys(node.parts), 'all');
      case 'conditional':
        return this.drawFork(node, key, Object.keys(node.cases), node.id);
      case 'loop': {
        const body = this.draw(node.body, `${key}/${node.body.id}`);
        const test = this.add(`{"${mermaidText(`until ${node.id}`)}"}`);
        this.lines.push(`${body.to} --> ${test}`, `${test} -- again --> ${body.from}`);
        return { from: body.from, to: test };
      }
      case 'map': {
        const from = this.add(`[/"${mermaidText(`each of ${node.id}`)}"/]`);
        const each = this.draw(node.each, `${key}/${node.each.id}`);
        const to = this.add(`[\\"${mermaidText(`reduce ${node.id}`)}"\\]`);
        this.lines.push(`${from} ==> ${each.from}`, `${each.to} ==> ${to}`);
        return { from, to };
      }
      case 'pipeline': {
        const from = this.add(`[/"${mermaidText(`items of ${node.id}`)}"/]`);
        const line = this.drawSequence(node.stages, key, '==>');
        this.lines.push(`${from} ==> ${line.from}`);
        return { from, to: line.to };
      }
      case 'attempt':
        return this.drawAttempt(node, key);
      default:
        return this.drawLeaf(node, key);
    }
  }

  private drawSequence(parts: readonly FlowNode[], key: string, arrow = '-->'): Ends {
    const drawn = parts.map((part) => this.draw(part, `${key}/${part.id}`));
    for (const [at, part] of drawn.slice(1).entries())
      this.lines.push(`${(drawn[at] as Ends).to} ${arrow} ${part.from}`);
    return { from: (drawn[0] as Ends).from, to: (drawn.at(-1) as Ends).to };
  }

  private drawFork(node: FlowNode, key: string, names: readonly string[], label: string): Ends {
    const isConditional = node.kind === 'conditional';
    const from = this.add(isConditional ? `{"${mermaidText(label)}"}` : '[" "]');
    const to = this.add(isConditional ? '((" "))' : '[" "]');
    partsOf(node).forEach((part, at) => {
      const name = names[at] as string;
      const drawn = this.draw(part, `${key}/${name}`);
      this.lines.push(`${from} -- "${mermaidText(name)}" --> ${drawn.from}`, `${drawn.to} --> ${to}`);
    });
    return { from, to };
  }

  private drawAttempt(node: FlowNode & { kind: 'attempt' }, key: string): Ends {
    const body = this.draw(node.body, `${key}/${node.body.id}`);
    if (node.fallback === undefined) return body;
    const fallback = this.draw(node.fallback, `${key}/${node.fallback.id}`);
    const to = this.add('((" "))');
    this.lines.push(`${body.from} -. "undo, then" .-> ${fallback.from}`);
    this.lines.push(`${body.to} --> ${to}`, `${fallback.to} --> ${to}`);
    return { from: body.from, to };
  }

  private drawLeaf(node: FlowNode, key: string): Ends {
    const lines = [node.id, ...this.factsOf(key)];
    const label = `"${lines.map(mermaidText).join('<br/>')}"`;
    const shape = shapes[node.kind] ?? ['[', ']'];
    const at = this.add(`${shape[0]}${label}${shape[1]}${this.lookOf(key)}`);
    return { from: at, to: at };
  }

  private factsOf(key: string): string[] {
    const count = this.run?.counts[key];
    if (count === undefined || count.started === 0) return [];
    const { started, done, failed, retries, tookMs } = count;
    const facts = started > 1 ? [`${done} of ${started} done`] : [];
    if (retries > 0) facts.push(`${retries} retried`);
    if (failed > 0) facts.push(`${failed} failed`);
    if (done > 0) facts.push(`${Math.round(tookMs / done)} ms`);
    return facts;
  }

  private lookOf(key: string): string {
    if (this.active.has(key)) return ':::active';
    const count = this.run?.counts[key];
    if (count === undefined) return '';
    if (count.failed > 0) return ':::failed';
    return count.done > 0 ? ':::done' : '';
  }

  private add(shape: string): string {
    this.count += 1;
    const id = `n${this.count}`;
    this.lines.push(`${id}${shape}`);
    return id;
  }
}

const shapes: Readonly<Partial<Record<FlowNode['kind'], readonly [string, string]>>> = {
  wait: ['[/', '/]'],
  sleep: ['([', '])'],
  actor: ['[[', ']]'],
  job: ['[(', ')]'],
  value: ['>', ']'],
};
