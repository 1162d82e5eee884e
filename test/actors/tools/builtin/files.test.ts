import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { fileTools, type SearchFilesResult, type ListFilesResult } from '../../../../actors/tools/index.js';
import { makeFolder, removeFolder } from '../../../helpers/scratch-folder.js';
import { useSystems } from '../../../helpers/with-system.js';
import { deskFor, type ToolDesk } from '../bus-for.js';

describe('the tools of a folder', () => {
  const systems = useSystems();
  let outer: string;
  let root: string;
  let desk: ToolDesk;

  const put = (name: string, content: string | Buffer): void => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  };
  const written = (name: string): string => readFileSync(path.join(root, name), 'utf8');

  beforeEach(async () => {
    outer = makeFolder();
    root = path.join(outer, 'root');
    mkdirSync(root);
    writeFileSync(path.join(outer, 'secret.txt'), 'secret');
    // A folder whose name begins like the root's is not in it.
    mkdirSync(path.join(outer, 'root-too'));
    writeFileSync(path.join(outer, 'root-too', 'secret.txt'), 'secret');
    put('notes/tea.md', 'Tea.\nMilk goes in second.\nNo sugar in TEA.\n');
    put('notes/deep/est.md', 'tea at the bottom\n');
    put('teas.csv', 'name,cents\nAssam,450\n"Sencha, fine",700\nMate,300\n');
    put('blob.bin', Buffer.from([0, 1, 2, 255, 254]));
    const tools = fileTools({ root, bytesMax: 1_000, entriesMax: 6, depthMax: 2 });
    desk = await deskFor(await systems.oneThread({ seed: 1 }), tools);
  });
  afterEach(() => removeFolder(outer));

  describe('readFile', () => {
    it('reads a file, or some of its lines', async () => {
      const text = 'Tea.\nMilk goes in second.\nNo sugar in TEA.\n';
      expect(await desk.value('readFile', { path: 'notes/tea.md' })).to.deep.equal({
        path: 'notes/tea.md',
        text,
        lines: 3,
      });
      expect(await desk.value('readFile', { path: './notes//tea.md', fromLine: 2, lines: 1 })).to.deep.equal({
        path: './notes//tea.md',
        text: 'Milk goes in second.',
        lines: 3,
      });
      expect(await desk.value('readFile', { path: 'notes/tea.md', fromLine: 9 })).to.include({ text: '', lines: 3 });
    });

    it('follows a link that stays in the folder', async () => {
      symlinkSync(path.join(root, 'notes/tea.md'), path.join(root, 'link.md'));
      expect(await desk.value('readFile', { path: 'link.md' })).to.include({ lines: 3 });
    });

    const outside = [
      '../secret.txt',
      'notes/../../secret.txt',
      'notes/..',
      '..',
      '..\\secret.txt',
      'notes\\..\\..\\secret.txt',
      '/etc/passwd',
      '\\\\server\\share',
      'C:\\secret.txt',
      'C:secret.txt',
      'notes/tea.md\0.png',
      '\0',
      'x'.repeat(4_096),
      '../root-too/secret.txt',
    ];
    for (const given of outside) {
      it(`does not leave the folder by ${JSON.stringify(given.slice(0, 40))}`, async () => {
        expect(await desk.code('readFile', { path: given })).to.equal('TOOL_FAILED TOOL_PATH');
      });
    }

    it('does not leave the folder by a link: to a file, to a folder, by a name that begins alike', async () => {
      symlinkSync(path.join(outer, 'secret.txt'), path.join(root, 'file'));
      symlinkSync(outer, path.join(root, 'folder'));
      symlinkSync(path.join(outer, 'root-too'), path.join(root, 'too'));
      symlinkSync('self', path.join(root, 'self'));
      symlinkSync('nowhere', path.join(root, 'dangling'));
      for (const given of ['file', 'folder/secret.txt', 'too/secret.txt', 'self', 'dangling']) {
        expect(await desk.code('readFile', { path: given }), given).to.equal('TOOL_FAILED TOOL_PATH');
      }
    });

    it('does not say where the folder lies', async () => {
      for (const given of ['missing', 'notes', 'notes/tea.md/x', '../secret.txt', 'blob.bin']) {
        const error = await desk.error('readFile', { path: given });
        expect(JSON.stringify(error), given).not.to.include(outer);
      }
    });

    it('reads files only, up to their limit, and only text', async () => {
      put('large.txt', 'x'.repeat(1_001));
      const socket = createServer().listen(path.join(root, 'socket'));
      await once(socket, 'listening');
      expect(await desk.code('readFile', { path: 'notes' })).to.equal('TOOL_FAILED TOOL_PATH');
      expect(await desk.code('readFile', { path: 'missing' })).to.equal('TOOL_FAILED TOOL_PATH');
      expect(await desk.code('readFile', { path: 'socket' })).to.equal('TOOL_FAILED TOOL_PATH');
      socket.close();
      await once(socket, 'close');
      expect(await desk.code('readFile', { path: 'large.txt' })).to.equal('TOOL_FAILED TOOL_LIMIT');
      expect(await desk.code('readFile', { path: 'blob.bin' })).to.equal('TOOL_FAILED TOOL_CONTENT');
      for (const args of [{}, { path: '' }, { path: 7 }, { path: 'a', fromLine: 0 }, { path: 'a', more: 1 }]) {
        expect(await desk.code('readFile', args)).to.equal('TOOL_ARGS');
      }
    });
  });

  describe('writeFile', () => {
    it('writes a file, and the folders above it', async () => {
      expect(await desk.value('writeFile', { path: 'new/a/b.md', text: 'grüß' })).to.deep.equal({
        path: 'new/a/b.md',
        bytes: 6,
      });
      expect(written('new/a/b.md')).to.equal('grüß');
    });

    it('keeps what is there unless it may replace it; the same again counts as written', async () => {
      await desk.value('writeFile', { path: 'a.md', text: 'one' });
      expect(await desk.code('writeFile', { path: 'a.md', text: 'two' })).to.equal('TOOL_FAILED TOOL_PATH');
      expect(written('a.md')).to.equal('one');
      expect(await desk.value('writeFile', { path: 'a.md', text: 'one' })).to.include({ bytes: 3 });
      await desk.value('writeFile', { path: 'a.md', text: '2', replace: true });
      expect(written('a.md')).to.equal('2');
    });

    it('does not leave the folder, and makes nothing outside', async () => {
      symlinkSync(outer, path.join(root, 'folder'));
      symlinkSync(path.join(outer, 'secret.txt'), path.join(root, 'file'));
      symlinkSync(path.join(outer, 'new.txt'), path.join(root, 'dangling'));
      const bad = [
        '../new.txt',
        '/tmp/new.txt',
        'a/../../new.txt',
        'folder/new.txt',
        'folder/sub/new.txt',
        'file',
        'dangling',
      ];
      for (const given of [...bad, 'notes', '.', './', 'a\0b']) {
        for (const replace of [false, true]) {
          const code = await desk.code('writeFile', { path: given, text: 'no', replace });
          expect(code, given).to.equal('TOOL_FAILED TOOL_PATH');
        }
      }
      expect(readFileSync(path.join(outer, 'secret.txt'), 'utf8')).to.equal('secret');
      expect(readdirSync(outer).sort()).to.deep.equal(['root', 'root-too', 'secret.txt']);
    });

    it('writes no more than it may, and through no file as if it were a folder', async () => {
      expect(await desk.code('writeFile', { path: 'a', text: 'ü'.repeat(501) })).to.equal('TOOL_FAILED TOOL_LIMIT');
      expect(await desk.code('writeFile', { path: 'teas.csv/a', text: '' })).to.equal('TOOL_FAILED TOOL_PATH');
    });

    it('is denied unless somebody says otherwise', () => {
      const approvals = fileTools({ root, approval: 'allow' }).map(({ name, approval }) => `${name} ${approval}`);
      expect(approvals).to.include.members(['readFile allow', 'writeFile deny']);
    });
  });

  describe('listFiles', () => {
    it('lists in the order of names, as deep as it is told', async () => {
      const paths = async (args: object) =>
        ((await desk.value('listFiles', args)) as ListFilesResult).entries.map(
          (entry) => `${entry.kind} ${entry.path}`,
        );
      expect(await paths({})).to.deep.equal(['file blob.bin', 'folder notes', 'file teas.csv']);
      expect(await paths({ path: 'notes', depth: 1 })).to.deep.equal([
        'folder notes/deep',
        'file notes/deep/est.md',
        'file notes/tea.md',
      ]);
    });

    it('ends at its limit, and names links without following them', async () => {
      symlinkSync(outer, path.join(root, 'a-link'));
      for (const name of ['1', '2', '3', '4']) put(name, name);
      const { entries, isCut } = (await desk.value('listFiles', { depth: 2 })) as ListFilesResult;
      expect([entries.length, isCut]).to.deep.equal([6, true]);
      expect(entries[4]).to.deep.equal({ path: 'a-link', kind: 'other' });
    });

    it('does not leave the folder, and lists no file', async () => {
      symlinkSync(outer, path.join(root, 'link'));
      for (const given of ['..', 'notes/..', '/', 'link', 'teas.csv', 'missing']) {
        expect(await desk.code('listFiles', { path: given }), given).to.equal('TOOL_FAILED TOOL_PATH');
      }
      expect(await desk.code('listFiles', { depth: 3 })).to.equal('TOOL_ARGS');
    });
  });

  describe('searchFiles', () => {
    const search = async (args: object) => (await desk.value('searchFiles', args)) as SearchFilesResult;

    it('finds lines, whatever their capital letters', async () => {
      const found = await search({ text: 'TEA', ending: '.md' });
      expect(found.hits.map(({ path: file, line }) => `${file}:${line}`)).to.deep.equal([
        'notes/deep/est.md:1',
        'notes/tea.md:1',
        'notes/tea.md:3',
      ]);
      expect(found).to.include({ files: 2, skipped: 0, isCut: false });
      expect((await search({ text: 'TEA', exact: true })).hits).to.have.length(1);
    });

    it('takes the text as it is, and skips what is no text or too large', async () => {
      put('large.txt', `${'x'.repeat(1_000)} tea`);
      expect((await search({ text: '.*' })).hits).to.deep.equal([]);
      expect(await search({ text: 'tea' })).to.include({ skipped: 2 });
      expect((await search({ text: 'e', hits: 2 })).hits).to.have.length(2);
      expect(await search({ text: 'e', hits: 2 })).to.include({ isCut: true });
    });

    it('does not look outside, not through links either', async () => {
      symlinkSync(outer, path.join(root, 'link'));
      expect((await search({ text: 'secret' })).hits).to.deep.equal([]);
      for (const given of ['..', 'link', '/']) {
        expect(await desk.code('searchFiles', { text: 'secret', path: given })).to.equal('TOOL_FAILED TOOL_PATH');
      }
      expect(await desk.code('searchFiles', { text: '' })).to.equal('TOOL_ARGS');
    });
  });

  describe('readCsv', () => {
    it('reads rows, with what is quoted in them', async () => {
      expect(await desk.value('readCsv', { path: 'teas.csv', fromRow: 2, rows: 1 })).to.deep.equal({
        columns: ['name', 'cents'],
        rows: [['Sencha, fine', '700']],
        isCut: true,
      });
      expect(await desk.value('readCsv', { path: 'teas.csv' })).to.deep.include({ isCut: false });
      put('semi.csv', '\uFEFFa;b\n1;2\n');
      expect(await desk.value('readCsv', { path: 'semi.csv', delimiter: ';' })).to.deep.equal({
        columns: ['a', 'b'],
        rows: [['1', '2']],
        isCut: false,
      });
    });

    it('refuses what is no table, too large or outside', async () => {
      put('open.csv', 'a,b\n"open,1\n');
      put('ragged.csv', 'a,b\n1,2,3\n');
      put('large.csv', 'a\n'.repeat(501));
      expect(await desk.code('readCsv', { path: 'open.csv' })).to.equal('TOOL_FAILED TOOL_CONTENT');
      expect(await desk.code('readCsv', { path: 'ragged.csv' })).to.equal('TOOL_FAILED TOOL_CONTENT');
      expect(await desk.code('readCsv', { path: 'blob.bin' })).to.equal('TOOL_FAILED TOOL_CONTENT');
      expect(await desk.code('readCsv', { path: 'large.csv' })).to.equal('TOOL_FAILED TOOL_LIMIT');
      expect(await desk.code('readCsv', { path: '../secret.txt' })).to.equal('TOOL_FAILED TOOL_PATH');
      expect(await desk.code('readCsv', { path: 'teas.csv', rows: 7 })).to.equal('TOOL_ARGS');
    });
  });

  it('refuse a root that is no absolute path, and options nobody knows', () => {
    for (const [options, code] of [
      [{ root: 'relative' }, 'TOOL_SPEC'],
      [{ root: '/a\0b' }, 'TOOL_SPEC'],
      [{}, 'OPTION_TYPE'],
      [{ root, bytesmax: 1 }, 'OPTION_UNKNOWN'],
      [{ root, bytesMax: 0 }, 'OPTION_RANGE'],
    ] as const) {
      expect(() => fileTools(options as never), JSON.stringify(options))
        .to.throw()
        .with.property('code', code);
    }
  });
});
