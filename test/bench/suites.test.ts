/** Every suite is of one piece: its rows have entrants and bases, its entrants have rows, its tables are in line. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { suites } from '../../bench/suites.js';
import { projectRoot } from '../tidy/source.js';

const manifest = JSON.parse(readFileSync(path.join(projectRoot(), 'bench', 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};
/** With the number before it: the column, and what the figure beside it can spare. */
const titleCharsMax = 33;

describe('the suites', () => {
  for (const suite of suites) {
    const rows = suite.sections.flatMap((section) => section.rows);

    it(`${suite.name}: each row has an entrant, and its base stands before it`, () => {
      const names = suite.entrants.map(({ name }) => name);
      expect(new Set(names).size, 'names of entrants').to.equal(names.length);
      rows.forEach(({ id, entrant, base, bestOf = [] }, index) => {
        const before = rows.slice(0, index).map((row) => row.id);
        expect(names, `entrant of ${id}`).to.include(entrant);
        expect(before, 'ids').not.to.include(id);
        expect(before, `best of ${id}`).to.include.members([...bestOf]);
        if (base !== undefined) expect(before, `base of ${id}`).to.include(base);
      });
    });

    it(`${suite.name}: each entrant is shown, or prepares`, () => {
      const shown = new Set(rows.map(({ entrant }) => entrant));
      const hidden = suite.entrants.filter(({ name, once }) => !once && !shown.has(name));
      expect(hidden.map(({ name }) => name)).to.deep.equal([]);
    });

    it(`${suite.name}: titles fit into their column`, () => {
      rows.forEach(({ title }, index) => {
        const text = `${index + 1}. ${title}`;
        expect(text.length, text).to.be.at.most(titleCharsMax);
      });
    });

    it(`${suite.name}: it has a program, and its peers are listed in exact versions`, () => {
      expect(existsSync(fileURLToPath(suite.entry))).to.equal(true);
      const listed = { ...manifest.dependencies, ...manifest.optionalDependencies };
      for (const { peer } of suite.entrants) {
        if (peer !== undefined) expect(listed[peer], peer).to.match(/^\d+\.\d+\.\d+$/);
      }
    });
  }
});
