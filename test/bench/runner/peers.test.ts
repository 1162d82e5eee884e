/** Packages of others that contenders are written with: installed once, whole, and absent with a reason. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { installPeers, loadPeer, ownPlace, type PeersPlace, peerVersion } from '../../../bench/runner/peers.js';
import { makeFolder, removeFolder } from '../../helpers/scratch-folder.js';

describe('peers', () => {
  let folder: string;
  let told: string[];
  let calls: (readonly string[])[];

  beforeEach(() => {
    folder = makeFolder();
    told = [];
    calls = [];
    mkdirSync(path.join(folder, 'bench'));
    writeManifest({ small: '1.2.3' }, { large: '4.5.6', broken: '7.8.9' });
  });

  afterEach(() => removeFolder(folder));

  const writeManifest = (dependencies: object, optionalDependencies: object): void => {
    writeFileSync(path.join(folder, 'bench', 'package.json'), JSON.stringify({ dependencies, optionalDependencies }));
    writeFileSync(path.join(folder, 'bench', 'package-lock.json'), '{}');
  };

  /** An npm that installs `small`, with all of them `large`, and never `broken`. */
  const place = (failure?: string): PeersPlace => ({
    from: path.join(folder, 'bench'),
    to: path.join(folder, 'peers'),
    npm: (args, target) => {
      calls.push(args);
      if (failure !== undefined) return failure;
      put(target, 'small', '1.2.3');
      if (!args.includes('--omit=optional')) put(target, 'large', '4.5.6');
      return undefined;
    },
    tell: (line) => void told.push(line),
  });

  const put = (target: string, name: string, version: string): void => {
    const modules = path.join(target, 'node_modules', name);
    mkdirSync(modules, { recursive: true });
    writeFileSync(path.join(modules, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }));
    writeFileSync(path.join(modules, 'index.js'), `exports.title = '${name} ${version}';`);
  };

  it('are installed once, told of, and imported from where they lie', async () => {
    expect(installPeers(['small'], place())).to.deep.equal(new Map());
    expect(installPeers(['small'], place('asked again'))).to.deep.equal(new Map());
    expect(calls).to.deep.equal([['ci', '--omit=optional']]);
    expect(told).to.deep.equal(['Installing small (npm ci in peers) ...']);
    expect(peerVersion('small', place())).to.equal('1.2.3');
    expect((await loadPeer<{ title: string }>('small', place())).title).to.equal('small 1.2.3');
  });

  it('of which some are large come only when one of those is wanted', () => {
    installPeers(['small'], place());
    expect(installPeers(['small', 'large'], place())).to.deep.equal(new Map());
    expect(calls).to.deep.equal([['ci', '--omit=optional'], ['ci']]);
    installPeers(['small'], place());
    expect(calls, 'the larger set has the smaller one').to.have.length(2);
  });

  it('that are large are not waited for by a quick run, which takes them when they are there', () => {
    const left = new Map([['large', 'large is large: only a run without --quick installs it.']]);
    expect(installPeers(['small', 'large'], place(), true)).to.deep.equal(left);
    installPeers(['large'], place());
    expect(installPeers(['small', 'large'], place(), true)).to.deep.equal(new Map());
    expect(calls).to.deep.equal([['ci', '--omit=optional'], ['ci']]);
    writeManifest({ small: '1.2.3' }, { large: '5.0.0' });
    expect(installPeers(['large'], place(), true), 'another version').to.deep.equal(left);
  });

  it('that cannot be had are absent, and not asked for again', () => {
    const absent = new Map([['broken', 'broken could not be installed here.']]);
    expect(installPeers(['broken', 'large'], place())).to.deep.equal(absent);
    expect(installPeers(['broken', 'large'], place())).to.deep.equal(absent);
    expect(calls).to.have.length(1);
  });

  it('are absent when npm fails, and those installed before stay', () => {
    installPeers(['small'], place());
    writeManifest({ small: '1.2.3' }, { large: '5.0.0' });
    const absent = installPeers(['small', 'large'], place('no network'));
    expect(absent).to.deep.equal(new Map([['large', 'large could not be installed: no network.']]));
    expect(readdirSync(folder).sort(), 'nothing half done is left').to.deep.equal(['bench', 'peers']);
    expect(installPeers(['large'], place()), 'it is tried again').to.deep.equal(new Map());
  });

  it('that nobody listed are absent, and npm is not asked', () => {
    const absent = installPeers(['stranger'], place());
    expect(absent).to.deep.equal(new Map([['stranger', 'stranger is not in bench/package.json.']]));
    expect(calls).to.deep.equal([]);
    expect(existsSync(path.join(folder, 'peers'))).to.equal(false);
  });

  it("are none of troupe's own packages' business", () => {
    expect(path.relative(path.join(ownPlace.from, '..'), ownPlace.to)).to.equal('.peers');
  });
});
