/** Servers of contenders: absent when they do not start, gone when they are stopped. */
import { expect } from 'chai';
import { findServer, freePort, listens, type ServerCommand, startServer } from '../../../bench/durable/server.js';
import { Absent } from '../../../bench/runner/verdict.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';

describe('a server of a contender', () => {
  let folder: string;
  let port: number;

  beforeEach(async () => {
    folder = makeFolder();
    port = await freePort();
  });

  afterEach(() => removeFolder(folder));

  const running = (program: string): ServerCommand => ({
    name: 'Echo',
    program: process.execPath,
    args: ['-e', program],
    folder,
    isReady: () => listens(port),
  });

  it('is there when it answers, and gone when it is stopped', async () => {
    const server = await startServer(running(`net.createServer().listen(${port}, '127.0.0.1')`));
    expect(await listens(port)).to.equal(true);
    await server.stop();
    expect(await listens(port)).to.equal(false);
  });

  it('is absent when it ends instead, with what it said', async () => {
    const error = await startServer(running(`console.error('no room\\nleft'); process.exit(3)`)).catch((each) => each);
    expect(error).to.be.instanceOf(Absent);
    expect(error.message).to.equal('Echo did not start: exit code 3: no room left');
  });

  it('is absent when there is no such program', async () => {
    const error = await startServer({ ...running(''), program: 'no-such-program' }).catch((each) => each);
    expect(error).to.be.instanceOf(Absent);
    expect(error.message).to.match(/^Echo did not start: .*ENOENT/);
  });

  it('is looked for on the PATH, then where its package puts it', () => {
    expect(findServer('node', folder)).to.equal('node');
    expect(() => findServer('no-such-program', folder)).to.throw(Absent, 'bench/install-servers.sh');
  });
});
