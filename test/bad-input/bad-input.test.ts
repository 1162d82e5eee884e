/**
 * Bad input at the door: each case has its stable code, names what is wrong, and leaves the system as it was. One test
 * per line of the list in the README's "Errors".
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { open as openLmdb } from 'lmdb';
import { fromPromise, fromTransition, setup, spawnChild } from 'xstate';
import { type ActorRef, createSystem, defineActor, type TroupeError } from '../../src/index.js';
import { Child } from '../helpers/child.js';
import { makeFolder, removeFolder } from '../helpers/scratch-folder.js';
import { rejection, useSystems } from '../helpers/with-system.js';
import { polite, silent } from './fixtures/polite.js';

const storeModule = new URL('../../src/journal/lmdb-store.js', import.meta.url).href;
const storeChild = fileURLToPath(new URL('../helpers/store-child.js', import.meta.url));

const thrown = (call: () => unknown): TroupeError => {
  try {
    call();
  } catch (error) {
    return error as TroupeError;
  }
  throw new Error('it was expected to throw, and returned');
};

describe('bad input', () => {
  const systems = useSystems();

  describe('definitions', () => {
    it('refuses two definitions of one name, naming both modules', () => {
      defineActor(
        { url: 'file:///one.js' },
        'twice',
        fromTransition((state) => state, 0),
      );
      const error = thrown(() =>
        defineActor(
          { url: 'file:///two.js' },
          'twice',
          fromTransition((state) => state, 0),
        ),
      );
      expect(error).to.include({ code: 'DEFINITION_DUPLICATE', field: 'name', value: 'twice' });
      expect(error.message).to.contain('file:///one.js').and.contain('file:///two.js');
    });

    it('refuses an inline child that could not be restored, when it is registered', () => {
      const logic = setup({}).createMachine({ entry: spawnChild(fromPromise(async () => 1) as never) });
      expect(thrown(() => defineActor(import.meta, 'inline', logic))).to.have.property('code', 'INLINE_CHILD');
    });

    it('refuses what is no logic, a bad name, and misspelt options with the nearest known one', () => {
      expect(thrown(() => defineActor(import.meta, 'x', (() => 1) as never))).to.have.property(
        'code',
        'DEFINITION_LOGIC',
      );
      const logic = fromTransition((state) => state, 0);
      expect(thrown(() => defineActor(import.meta, 'no spaces', logic))).to.include({ code: 'DEFINITION_NAME' });
      const misspelt = thrown(() => defineActor(import.meta, 'x', logic, { durabilty: 'none' } as object));
      expect(misspelt).to.include({ code: 'OPTION_UNKNOWN', field: 'durabilty' });
      expect(misspelt.message).to.contain('"durability"');
    });

    it('quarantines an actor whose module does not exist or does not define it, and keeps its mail', async () => {
      const system = await systems.threads({ hosts: 1 });
      const logic = fromTransition((state) => state, 0);
      const gone = defineActor({ url: 'file:///nowhere/gone.js' }, 'gone', logic);
      const empty = defineActor({ url: new URL('./fixtures/missing-export.js', import.meta.url).href }, 'empty', logic);
      for (const [definition, code] of [
        [gone, 'DEFINITION_IMPORT'],
        [empty, 'DEFINITION_UNKNOWN'],
      ] as const) {
        const ref = (await system.spawn(definition as never, { id: definition.name } as never)) as ActorRef;
        await ref.tell({ type: 'keep' });
        const state = await until(
          () => system.state(ref),
          (now) => now?.status === 'quarantined',
        );
        expect(state?.error).to.have.property('code', code);
        expect(state?.mail).to.equal(1);
      }
    });
  });

  describe('spawning', () => {
    it('refuses another input or definition at a living path', async () => {
      const system = await systems.threads({ hosts: 1 });
      await system.spawn(polite, { id: 'a' });
      const error = await rejection(system.spawn(silent, { id: 'a' }));
      expect(error).to.have.property('code', 'SPAWN_CONFLICT');
      expect(error.message).to.contain('/a').and.contain('polite');
    });

    it('refuses an id with illegal characters, naming the character', async () => {
      const system = await systems.threads({ hosts: 1 });
      const error = await rejection(system.spawn(polite, { id: 'a b' }));
      expect(error).to.have.property('code', 'PATH_ILLEGAL');
      expect(error.message).to.contain('" "');
      expect(thrown(() => system.get('no-slash'))).to.have.property('code', 'PATH_ILLEGAL');
    });

    it('refuses what defineActor did not make, and misspelt options', async () => {
      const system = await systems.threads({ hosts: 1 });
      expect(await rejection(system.spawn({} as never))).to.have.property('code', 'DEFINITION_UNKNOWN');
      expect(await rejection(system.spawn(polite, { idd: 'x' } as never))).to.include({
        code: 'OPTION_UNKNOWN',
        field: 'idd',
      });
    });
  });

  describe('sending', () => {
    it('refuses events without a type, and types that are reserved', async () => {
      const system = await systems.threads({ hosts: 1 });
      const ref: ActorRef = await system.spawn(polite, { id: 'a' });
      for (const event of [undefined, null, 'keep', {}, { type: 7 }, { type: '' }, { type: 'xstate.init' }]) {
        expect(await rejection(ref.tell(event as never))).to.have.property('code', 'EVENT_SHAPE');
      }
      expect(await ref.ask({ type: 'read' })).to.equal(0);
    });

    it('refuses a payload that cannot be carried, naming the place inside it', async () => {
      const system = await systems.threads({ hosts: 1 });
      const ref = await system.spawn(polite, { id: 'a' });
      const error = await rejection(ref.tell({ type: 'keep', value: { items: [1, { callback: () => 1 }] } }));
      expect(error).to.have.property('code', 'PAYLOAD_NOT_CARRIABLE');
      expect(error.message).to.equal('keep.value.items[1].callback is a function');
      await ref.tell({ type: 'keep' });
      expect(await ref.ask({ type: 'read' })).to.equal(1);
    });

    it('refuses to tell or ask an actor that is unknown or has stopped', async () => {
      const system = await systems.threads({ hosts: 1 });
      const nobody = system.get('/nobody');
      expect(await rejection(nobody.tell({ type: 'keep' }))).to.have.property('code', 'ACTOR_UNKNOWN');
      expect(await rejection(nobody.ask({ type: 'read' }))).to.have.property('code', 'ACTOR_UNKNOWN');
      const ref = await system.spawn(polite, { id: 'a' });
      await ref.stop();
      expect(await rejection(ref.tell({ type: 'keep' }))).to.have.property('code', 'ACTOR_STOPPED');
      expect(await rejection(ref.ask({ type: 'read' }))).to.have.property('code', 'ACTOR_STOPPED');
    });

    it('refuses options of a message that it does not know', async () => {
      const system = await systems.oneThread();
      const ref = await system.spawn(silent, { id: 'a' });
      const misspelt = await rejection(ref.ask({ type: 'read' }, { timeout: 300 } as never));
      expect(misspelt).to.include({ code: 'OPTION_UNKNOWN', field: 'timeout' });
      expect(misspelt.message).to.contain('timeoutMs');
      const told = await rejection(ref.tell({ type: 'read' } as never, { traceParent: 'x' } as never));
      expect(told).to.include({ code: 'OPTION_UNKNOWN', field: 'traceParent' });
    });

    it('gives up a question at its deadline', async () => {
      const system = await systems.threads({ hosts: 1 });
      const ref = await system.spawn(silent, { id: 'a' });
      const error = await rejection(ref.ask({ type: 'read' }, { timeoutMs: 20 }));
      expect(error).to.have.property('code', 'ASK_TIMEOUT');
      expect(await rejection(ref.ask({ type: 'read' }, { timeoutMs: -1 }))).to.include({
        code: 'OPTION_RANGE',
        field: 'timeoutMs',
      });
    });

    it('makes a reply outside a request a dead letter with its code, and undoes what the message did', async () => {
      const system = await systems.threads({ hosts: 1 });
      const ref = await system.spawn(polite, { id: 'a' });
      await ref.tell({ type: 'chatter' });
      const letters = await until(
        () => system.deadLetters(),
        (list) => list.length === 1,
      );
      expect(letters[0]).to.include({ code: 'MESSAGE_FAILED', path: '/a' });
      expect(letters[0]?.error).to.have.property('code', 'REPLY_OUTSIDE_REQUEST');
      expect(letters[0]?.event).to.deep.equal({ type: 'chatter' });
      expect(await ref.ask({ type: 'read' })).to.equal(0);
    });
  });

  describe('starting', () => {
    it('refuses options out of range and misspelt ones', async () => {
      const folder = makeFolder();
      const journal = join(folder, 'journal');
      expect(await rejection(createSystem({} as never))).to.include({ code: 'OPTION_TYPE', field: 'journal' });
      expect(await rejection(createSystem({ journal, hosts: 0 }))).to.include({
        code: 'OPTION_RANGE',
        field: 'hosts',
      });
      const misspelt = await rejection(createSystem({ journal, host: 1 } as never));
      expect(misspelt).to.include({ code: 'OPTION_UNKNOWN', field: 'host' });
      expect(misspelt.message).to.contain('"hosts"');
      expect(fs.existsSync(journal)).to.equal(false);
      removeFolder(folder);
    });

    it('refuses a journal that another system of this process has open', async () => {
      const folder = makeFolder();
      const system = await createSystem({ journal: folder, logger: false, signals: false });
      try {
        const error = await rejection(createSystem({ journal: folder, logger: false, signals: false }));
        expect(error).to.have.property('code', 'JOURNAL_IN_USE');
        expect(error.message).to.contain(String(process.pid));
      } finally {
        await system.stop();
        removeFolder(folder);
      }
    });

    it('refuses a folder that is not a journal, and one that cannot be written', async () => {
      const folder = makeFolder();
      fs.writeFileSync(join(folder, 'notes.txt'), 'not a journal');
      expect(await rejection(createSystem({ journal: folder, logger: false }))).to.have.property(
        'code',
        'NOT_A_JOURNAL',
      );
      const file = join(folder, 'notes.txt');
      expect(await rejection(createSystem({ journal: file, logger: false }))).to.have.property(
        'code',
        'JOURNAL_UNWRITABLE',
      );
      expect(fs.readFileSync(file, 'utf8')).to.equal('not a journal');
      removeFolder(folder);
    });

    it('refuses a journal on a read-only file system, and opens it when it can be written again', async function () {
      const mounted = makeFolder();
      const journal = join(mounted, 'journal');
      // Only the system's administrator may mount, and not in every container.
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', mounted]).status !== 0) {
        removeFolder(mounted);
        return this.skip();
      }
      const start = () => createSystem({ journal, hosts: 1, logger: false, signals: false });
      try {
        const system = await start();
        const ref = await system.spawn(polite, { id: 'a' });
        await ref.tell({ type: 'keep' });
        await system.stop();
        spawnSync('mount', ['-o', 'remount,ro', mounted]);
        for (const folder of [journal, join(mounted, 'another')]) {
          const error = await rejection(createSystem({ journal: folder, logger: false, signals: false }));
          expect(error).to.include({ code: 'JOURNAL_UNWRITABLE', field: 'journal', value: folder });
          expect(error.message).to.contain(folder).and.contain('make it writable');
        }
        spawnSync('mount', ['-o', 'remount,rw', mounted]);
        const again = await start();
        expect(await again.get('/a').ask({ type: 'read' })).to.equal(1);
        await again.stop();
      } finally {
        spawnSync('umount', ['-l', mounted]);
        removeFolder(mounted);
      }
    });

    it('refuses a folder this user may not write, also when the folder above may be', async function () {
      // For the system's administrator every folder can be written, so this is asked as somebody else.
      if (process.getuid?.() === undefined) return this.skip();
      const scratch = makeFolder();
      fs.chmodSync(scratch, 0o755);
      const closed = join(scratch, 'closed');
      fs.mkdirSync(closed, { mode: 0o555 });
      const program = `
        const { openLmdbStore } = await import(${JSON.stringify(storeModule)});
        if (process.getuid() === 0) process.setuid(65534);
        for (const folder of ${JSON.stringify([closed, join(closed, 'below'), join(scratch, 'beside')])}) {
          try { openLmdbStore(folder); console.log('open'); } catch (error) { console.log(error.code); }
        }`;
      const asked = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
      removeFolder(scratch);
      const refused = 'JOURNAL_UNWRITABLE';
      expect(asked.stdout.trim().split('\n'), asked.stderr).to.deep.equal(
        process.getuid() === 0 ? [refused, refused, refused] : [refused, refused, 'open'],
      );
    });

    it('refuses a journal of a newer format, saying what to do, and leaves it as it is', async () => {
      const folder = makeFolder();
      const system = await createSystem({ journal: folder, hosts: 1, logger: false, signals: false });
      await system.stop();
      const raw = openLmdb({ path: folder, noSubdir: false, overlappingSync: false });
      await raw.openDB('store', { encoding: 'binary' }).put('format', Buffer.from('999'));
      await raw.close();
      const error = await rejection(createSystem({ journal: folder, logger: false, signals: false }));
      expect(error).to.have.property('code', 'JOURNAL_NEWER');
      expect(error.message).to.contain('999').and.contain('install a newer one');
      removeFolder(folder);
    });

    it('refuses a journal that a live process has open, naming it, until that is gone', async () => {
      const folder = makeFolder();
      const holder = new Child(process.execPath, [storeChild, 'hold', folder]);
      await holder.said(1);
      const error = await rejection(createSystem({ journal: folder, logger: false, signals: false }));
      expect(error).to.have.property('code', 'JOURNAL_IN_USE');
      expect(error.message).to.contain(String(holder.pid)).and.contain('stop it, or use another folder');
      await holder.kill();
      const system = await createSystem({ journal: folder, hosts: 1, logger: false, signals: false });
      await system.stop();
      removeFolder(folder);
    });

    it('says so when the system has stopped', async () => {
      const system = await systems.threads({ hosts: 1 });
      const ref = await system.spawn(polite, { id: 'a' });
      await system.stop();
      expect(await rejection(system.spawn(polite, { id: 'b' }))).to.have.property('code', 'SYSTEM_STOPPED');
      expect(await rejection(ref.tell({ type: 'keep' })))
        .to.have.property('code')
        .that.is.oneOf(['SYSTEM_STOPPED', 'NO_SYSTEM']);
      await system.stop();
    });
  });
});

/** Ask again until the answer is good; the test's own time limit ends it otherwise. */
async function until<T>(ask: () => Promise<T>, isGood: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isGood(answer)) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
