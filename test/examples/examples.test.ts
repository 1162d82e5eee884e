/** The examples, run as their readers would: each prints what it says it does. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makeFolder, removeFolder } from '../helpers/scratch-folder.js';

const linesMax = 60;

const theRunHasFailed = /^the run has failed at trip\/car: there is no car to be had$/;

const says: Readonly<Record<string, RegExp[]>> = {
  hello: [/^Hello Ada and Grace!$/],
  restart: [/^100 \/ 2 \/ 5 = 10$/, /^divide: .*division by zero/],
  counter: [1, 2, 3].map((life) => new RegExp(`^life ${life} ended by SIGKILL$`)).concat(/^counted 30$/),
  saga: [
    /^flight to Oslo booked$/,
    /^hotel to Oslo booked$/,
    /^hotel given back$/,
    /^flight given back$/,
    theRunHasFailed,
  ],
  agent: [/demo.*It rains in Oslo/i, /^2 calls of the model, 1 of a tool$/],
  approval: [/^clerk wants to use send$/, /on its way/],
  team: [
    /^Both have spoken: 2 answers\.$/,
    /^example\.lead: 2 calls$/,
    // In the order in which they have answered.
    /^example\.(cats|dogs): 1 calls$/,
    /^example\.(cats|dogs): 1 calls$/,
  ],
};

describe('the examples', function () {
  this.timeout(60_000);

  for (const [name, lines] of Object.entries(says)) {
    it(`${name} does what it says`, () => {
      const folder = makeFolder();
      try {
        const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
        const { stdout, stderr, status } = spawnSync(process.execPath, [file, folder], { encoding: 'utf8' });
        expect({ stderr, status }).to.deep.equal({ stderr: '', status: 0 });
        const all = stdout.trim().split('\n');
        // The main thread's own line: those of a worker, which come through it, may come behind.
        const isOwn = (line: string) => theRunHasFailed.test(line);
        const said = [...all.filter((line) => !isOwn(line)), ...all.filter(isOwn)];
        expect(said.length, stdout).to.equal(lines.length);
        for (const [at, line] of lines.entries()) expect(said[at]).to.match(line);
        expect(new Set(said).size, 'each line is said once').to.equal(said.length);
      } finally {
        removeFolder(folder);
      }
    });

    it(`${name} is short enough to be read in one sitting`, () => {
      const source = new URL(`../../../test/examples/${name}.ts`, import.meta.url);
      expect(readFileSync(source, 'utf8').split('\n').length).to.be.at.most(linesMax);
    });
  }
});
