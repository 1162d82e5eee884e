import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { hostRules, allowedUrl, isPublicAddress } from '../../../../actors/tools/builtin/addresses.js';
import { fetchUrl, type FetchUrlOptions, type FetchUrlResult } from '../../../../actors/tools/index.js';
import type { TestSystem } from '../../../../src/testing/index.js';
import { useSystems } from '../../../helpers/with-system.js';
import { deskFor, type ToolDesk } from '../bus-for.js';

describe('fetchUrl', () => {
  const systems = useSystems();
  let server: Server;
  let port: number;
  let system: TestSystem;
  let asked: string[];
  let closed: Promise<unknown> | undefined;

  beforeEach(async () => {
    asked = [];
    closed = undefined;
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    system = await systems.oneThread({ seed: 1 });
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { url = '' } = request;
    asked.push(url);
    const redirect = (location: string): void => void response.writeHead(302, { location }).end();
    if (url === '/teas.json') response.writeHead(200, { 'content-type': 'application/json' }).end('{"tea":1}');
    else if (url === '/latin') {
      response.writeHead(200, { 'content-type': 'text/plain; charset="ISO-8859-1"' }).end(Buffer.from([0xe4]));
    } else if (url === '/image') response.writeHead(200, { 'content-type': 'image/png' }).end('png');
    else if (url === '/broken')
      response.writeHead(200, { 'content-type': 'text/plain' }).end(Buffer.from([0xff, 0xfe]));
    else if (url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
    else if (url === '/large') response.writeHead(200, { 'content-length': '5000' }).end('x'.repeat(5_000));
    else if (url === '/endless') endless(response);
    else if (url === '/slow') slow(response);
    else if (url === '/here') redirect('/teas.json');
    else if (url === '/round') redirect('/round');
    else if (url === '/away') redirect('http://evil.example/');
    else if (url === '/inside') redirect(`http://127.0.0.1:${port}/teas.json`);
    else if (url === '/file') redirect('file:///etc/passwd');
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('nothing here');
  }

  /** Says more and more, until nobody listens. */
  function endless(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/plain' });
    closed = once(response, 'close');
    const more = (): void => void (response.writable && response.write('x'.repeat(1_000), more));
    more();
  }

  /** Says one word, and then nothing. */
  function slow(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/plain' }).write('well');
    closed = once(response, 'close');
  }

  /** A name that leads to the local server. */
  const lookupLocal = ((_name: string, _options: object, done: (...args: unknown[]) => void) =>
    done(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as NonNullable<FetchUrlOptions['lookup']>;

  const local = (more: Partial<FetchUrlOptions> = {}): Promise<ToolDesk> =>
    deskFor(system, [fetchUrl({ hosts: [`localhost:${port}`], addresses: 'any', bytesMax: 2_000, ...more })]);
  const at = (path: string, host = 'localhost'): { url: string } => ({ url: `http://${host}:${port}${path}` });

  it('fetches a text, and says what it was', async () => {
    const desk = await local();
    const url = `http://localhost:${port}/teas.json`;
    const expected: FetchUrlResult = { url, status: 200, contentType: 'application/json', text: '{"tea":1}' };
    expect(await desk.value('fetchUrl', at('/teas.json'))).to.deep.equal(expected);
    expect(await desk.value('fetchUrl', at('/latin'))).to.include({ text: 'ä' });
    expect(await desk.value('fetchUrl', at('/missing'))).to.include({ status: 404, text: 'nothing here' });
  });

  it('follows a redirect that stays on the list, and says where it came from', async () => {
    const desk = await local();
    expect(await desk.value('fetchUrl', at('/here'))).to.include({ url: `http://localhost:${port}/teas.json` });
  });

  it('goes nowhere that is not on the list, not by a redirect either', async () => {
    const desk = await local();
    for (const path of ['/away', '/inside', '/file']) {
      expect(await desk.code('fetchUrl', at(path)), path).to.equal('TOOL_FAILED TOOL_HOST');
    }
    expect(asked).to.deep.equal(['/away', '/inside', '/file']);
    const bad = [
      'http://evil.example/',
      `http://127.0.0.1:${port}/teas.json`,
      'http://localhost/',
      `http://localhost:${port + 1}/`,
      `http://localhost:${port}@evil.example/`,
      `http://user:word@localhost:${port}/`,
      `http://localhost.evil.example:${port}/`,
      `ftp://localhost:${port}/`,
      'file:///etc/passwd',
      'data:text/plain,hi',
      'not a url',
      '//localhost/',
    ];
    for (const url of bad) expect(await desk.code('fetchUrl', { url }), url).to.equal('TOOL_FAILED TOOL_HOST');
    expect(asked).to.have.length(3);
  });

  it('does not reach private addresses, as a number, by a name, or by a name among good ones', async () => {
    const desk = await deskFor(system, [
      fetchUrl({ hosts: [`127.0.0.1:${port}`, `tea.example:${port}`, `[::1]:${port}`], lookup: lookupLocal }),
    ]);
    for (const host of [
      '127.0.0.1',
      '[::1]',
      'tea.example',
      '0x7f000001',
      '2130706433',
      '127.1',
      '[::ffff:127.0.0.1]',
    ]) {
      expect(await desk.code('fetchUrl', at('/teas.json', host)), host).to.equal('TOOL_FAILED TOOL_HOST');
    }
    expect(asked).to.deep.equal([]);
  });

  it('looks at the address it connects to, and at every one of them', async () => {
    const both = ((_name: string, _options: object, done: (...args: unknown[]) => void) =>
      done(null, [
        { address: '93.184.216.34', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ])) as unknown as NonNullable<FetchUrlOptions['lookup']>;
    const desk = await deskFor(system, [fetchUrl({ hosts: [`tea.example:${port}`], lookup: both })]);
    expect(await desk.code('fetchUrl', at('/teas.json', 'tea.example'))).to.equal('TOOL_FAILED TOOL_HOST');
  });

  it('reads no more than it may, and closes the connection then', async () => {
    const desk = await local();
    expect(await desk.code('fetchUrl', at('/large'))).to.equal('TOOL_FAILED TOOL_LIMIT');
    expect(await desk.code('fetchUrl', at('/endless'))).to.equal('TOOL_FAILED TOOL_LIMIT');
    await closed;
    expect(await desk.code('fetchUrl', at('/round'))).to.equal('TOOL_FAILED TOOL_LIMIT');
    expect(asked.filter((url) => url === '/round')).to.have.length(4);
  });

  it('takes text only', async () => {
    const desk = await local();
    for (const path of ['/image', '/gzip', '/broken']) {
      expect(await desk.code('fetchUrl', at(path)), path).to.equal('TOOL_FAILED TOOL_CONTENT');
    }
  });

  it('that takes too long is TOOL_TIMEOUT, and the server is left alone', async () => {
    const desk = await local({ timeoutMs: 5_000 });
    const code = desk.code('fetchUrl', at('/slow'));
    while (closed === undefined) await new Promise((resolve) => setImmediate(resolve));
    await system.advance(5_000);
    expect(await code).to.equal('TOOL_TIMEOUT');
    await closed;
  });

  it('says with Node’s own code that nobody answers', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port: free } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, 'close');
    const desk = await deskFor(system, [fetchUrl({ hosts: [`127.0.0.1:${free}`], addresses: 'any' })]);
    expect(await desk.code('fetchUrl', { url: `http://127.0.0.1:${free}/` })).to.equal('TOOL_FAILED ECONNREFUSED');
  });

  it('knows which addresses are private', () => {
    const hidden =
      '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 172.31.255.255 192.168.0.1 ' +
      '198.18.0.1 224.0.0.1 255.255.255.255 :: ::1 ::ffff:8.8.8.8 ::7f00:1 ' +
      '64:ff9b::7f00:1 2002:7f00:1:: fc00::1 fd12::1 fe80::1 fe80::1%eth0 ff02::1 2001:db8::1 localhost nonsense';
    for (const address of hidden.split(' ')) expect(isPublicAddress(address), address).to.equal(false);
    for (const address of '8.8.8.8 172.32.0.1 93.184.216.34 2606:4700::1111 2a00:1450:4001::1'.split(' ')) {
      expect(isPublicAddress(address), address).to.equal(true);
    }
  });

  it('reads a list of hosts as it is meant', () => {
    const rules = hostRules(['example.com', '*.tea.example', 'Shop.Example:8443']);
    const may = (url: string): boolean => {
      try {
        return allowedUrl(url, rules) instanceof URL;
      } catch {
        return false;
      }
    };
    const good =
      'https://example.com http://EXAMPLE.com./x https://a.tea.example https://a.b.tea.example/ ' +
      'https://shop.example:8443';
    for (const url of good.split(' ')) expect(may(url), url).to.equal(true);
    const bad =
      'https://www.example.com https://tea.example https://xtea.example https://example.com:8080 ' +
      'https://shop.example https://example.com.evil.example https://.tea.example http://shop.example:8444';
    for (const url of bad.split(' ')) expect(may(url), url).to.equal(false);
    for (const entry of ['', '*', 'http://a.example', 'a.example/path', 'a b', 'a:b', 'u@a.example', 7, null]) {
      expect(() => hostRules([entry]), String(entry))
        .to.throw()
        .with.property('code', 'TOOL_SPEC');
    }
  });
});
