/** docs/complaints.md and the tests agree: each complaint has a test that is named after it, and each test a row. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { projectRoot } from '../tidy/source.js';

const root = projectRoot();
const page = readFileSync(path.join(root, 'docs', 'complaints.md'), 'utf8');
const trackers: Readonly<Record<string, string>> = {
  Mastra: 'mastra-ai/mastra',
  'LangGraph.js': 'langchain-ai/langgraphjs',
  'openai-agents-js': 'openai/openai-agents-js',
  'ag-ui': 'ag-ui-protocol/ag-ui',
  'AI SDK': 'vercel/ai',
  VoltAgent: 'VoltAgent/voltagent',
};

/** Rows of the table: the complaints as labels and links, and the files of their tests. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('](../test/'))
  .map((line) => {
    const [, , said = '', tried = ''] = line.split(' | ').length === 3 ? ['', ...line.split(' | ')] : [];
    const links = [...said.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, label = '', url = '']) => ({ label, url }));
    const files = [...tried.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file = '']) => file);
    return { line, links, files };
  });

/** The complaints that titles of a test name, as labels: `Mastra #1, #2, LangGraph.js #3: ...`. */
function labelsIn(file: string): Set<string> {
  const labels = new Set<string>();
  for (const [, title = ''] of readFileSync(path.join(root, file), 'utf8').matchAll(
    /\b(?:it|describe)\(\s*['`](.*?)['`],/gs,
  )) {
    let product = '';
    for (const part of (title.split(': ')[0] ?? '').split(', ')) {
      const [, name, number = ''] = /^(?:(.+?) )?((?:PR |#)\d+)$/.exec(part) ?? [];
      product = name ?? product;
      if (number !== '' && product in trackers) labels.add(`${product} ${number}`);
    }
  }
  return labels;
}

describe('docs/complaints.md', () => {
  it('names for each complaint tests that are named after it', () => {
    expect(rows.length).to.be.above(15);
    for (const { line, links, files } of rows) {
      expect([links.length > 0, files.length > 0], line).to.deep.equal([true, true]);
      for (const { label } of links)
        expect(
          files.some((file) => labelsIn(file).has(label)),
          `${label} is in no title of ${files.join()}`,
        ).to.equal(true);
    }
  });

  it('links to where it was said', () => {
    for (const { label, url } of rows.flatMap(({ links }) => links)) {
      const [, product = '', kind = '', number = ''] = /^(.+) (PR |#)(\d+)$/.exec(label) ?? [];
      const place = kind === '#' ? 'issues' : 'pull';
      expect(url, label).to.equal(`https://github.com/${trackers[product]}/${place}/${number}`);
    }
  });

  it('lists every complaint that a test here is named after', () => {
    const listed = new Set(rows.flatMap(({ links }) => links.map(({ label }) => label)));
    const here = readdirSync(path.join(root, 'test', 'complaints')).filter((name) => name.endsWith('.test.ts'));
    expect(here.length).to.be.above(6);
    for (const name of here)
      for (const label of labelsIn(`test/complaints/${name}`)) expect(listed.has(label), label).to.equal(true);
  });

  it('and a title that names none is seen as such', () => {
    expect([...labelsIn('test/complaints/complaints.test.ts')]).to.deep.equal([]);
    expect([...labelsIn('test/complaints/suspends.test.ts')]).to.include.members([
      'Mastra #5650',
      'LangGraph.js #1552',
    ]);
  });
});
