/** The demo of the agents, as people run it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const main = fileURLToPath(new URL('../../../bench/demo/main.js', import.meta.url));

describe('npm run demo -- agents', function () {
  this.timeout(120_000);

  it('is killed while it waits, goes on, and pays for as many calls as undisturbed', () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [main, 'agents'], { encoding: 'utf8' });
    expect({ stderr, status }).to.deep.equal({ stderr: '', status: 0 });
    expect(stdout).to.match(/the process gets SIGKILL while it waits for you/);
    // The tree the dead process has left: who waits is there, below a supervisor of each strategy.
    expect(stdout).to.match(/\/office +demo\.office +one-for-one\n/);
    expect(stdout).to.match(/├─ research +demo\.office\.research +one-for-one\n.*researcher-1.*\n.*researcher-2/);
    expect(stdout).to.match(/└─ desk +demo\.office\.desk +one-for-all\n.*writer.*\n.*write +demo\.writer\n.*checker/);
    // The checker crashed, and nobody but the writer was restarted with it.
    const restarted = [...stdout.matchAll(/→ (\/\S+): (\S+): checker failed/g)].map(([, who, rule]) => [who, rule]);
    expect(restarted).to.deep.equal([
      ['/office/desk/writer', 'one-for-all'],
      ['/office/desk/checker', 'one-for-all'],
    ]);
    expect(stdout.match(/2 of 2 quotes stand in their sources, word for word\. 9 calls paid/g)).to.have.length(2);
    expect(stdout.trim().split('\n').at(-1)).to.match(/✓ model calls paid: 9 undisturbed, 9 with the kill$/);
    for (const line of stdout.split('\n')) expect(line.length, line).to.be.at.most(80);
  });
});
