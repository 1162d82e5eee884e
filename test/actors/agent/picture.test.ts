/** The picture of an agent in the documents is that of its machine. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { AnyStateMachine } from 'xstate';
import { statechart } from '../../helpers/statechart.js';
import { projectRoot } from '../../tidy/source.js';
import { talker } from './fixtures/agents.js';

describe('docs/agents.md', () => {
  it('shows the statechart of an agent as its machine has it', () => {
    const text = readFileSync(path.join(projectRoot(), 'docs/agents.md'), 'utf8');
    const [, shown] = /```mermaid\n(stateDiagram-v2[^`]*)\n```/.exec(text) ?? [];
    expect(shown).to.equal(statechart(talker.logic as AnyStateMachine));
  });
});
