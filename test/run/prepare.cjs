/**
 * What every command needs before it can start: the right Node.js, the dependencies of the lock file, a fresh
 * build. I own `node_modules` (as a whole, through npm) and `dist`; nobody else writes either.
 *
 * R1  This file runs on any Node.js of the last ten years: it is CommonJS, in the syntax of 2009, and requires
 *     nothing but Node's own modules. An old Node.js is refused by a sentence, not by a syntax error.
 * R2  What is already right is left alone: a second run asks no registry and compiles nothing, so it works offline.
 * R3  A step that fails leaves its old mark removed, so the next run does it again.
 * R4  All notices go to stderr: stdout belongs to the command that follows.
 */
'use strict';

var childProcess = require('child_process');
var crypto = require('crypto');
var fs = require('fs');
var path = require('path');

var root = path.join(__dirname, '..', '..');
var sourceFolders = ['src', 'supervisors', 'actors', 'test', 'bench'];

/** A failure that was already explained in one line. */
function fail(sentence) {
  process.stderr.write(sentence + '\n');
  process.exit(1);
}

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** 'v20.19.1-nightly' -> [20, 19, 1] */
function versionParts(text) {
  var match = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2] || 0), Number(match[3] || 0)] : [0, 0, 0];
}

/**
 * Why this Node.js cannot run the package, in one line; undefined when it can.
 * @param {string} running `process.version`
 * @param {string} range `engines.node` of package.json, of the form '>=20.19'
 */
function nodeRefusal(running, range) {
  var have = versionParts(running);
  var need = versionParts(range);
  for (var i = 0; i < 3; i += 1) {
    if (have[i] > need[i]) return undefined;
    if (have[i] < need[i]) {
      return (
        'troupe needs Node.js ' +
        range.replace('>=', '') +
        ' or newer; this is ' +
        running +
        '. Install a newer one from https://nodejs.org and run the command again.'
      );
    }
  }
  return undefined;
}

/** Does an optional package belong on this machine? With `libc` named we cannot tell without asking the loader. */
function wantedHere(entry) {
  if (!entry.optional) return true;
  if (!entry.os || !entry.cpu || entry.libc) return false;
  return entry.os.indexOf(process.platform) >= 0 && entry.cpu.indexOf(process.arch) >= 0;
}

/**
 * The first package that is not installed as the lock file says, or undefined when all are. npm keeps its own
 * record of what it installed in `node_modules/.package-lock.json`; a folder without it was not made by npm.
 * @param {object} lock package-lock.json
 * @param {object | undefined} installed node_modules/.package-lock.json
 */
function staleDependency(lock, installed) {
  if (!installed) return 'node_modules';
  var names = Object.keys(lock.packages);
  for (var i = 0; i < names.length; i += 1) {
    var entry = lock.packages[names[i]];
    if (names[i] === '' || !wantedHere(entry)) continue;
    var have = installed.packages[names[i]];
    if (!have || have.version !== entry.version || have.integrity !== entry.integrity) return names[i];
  }
  return undefined;
}

/** npm's record of what it installed, less what was deleted since. */
function installedLock() {
  var installed;
  try {
    installed = readJson(path.join(root, 'node_modules', '.package-lock.json'));
  } catch (_missing) {
    return undefined;
  }
  Object.keys(installed.packages).forEach(function (name) {
    if (!fs.existsSync(path.join(root, name, 'package.json'))) delete installed.packages[name];
  });
  return installed;
}

/** Run a program with our stdin and stderr; its stdout becomes our stderr (R4). True when it succeeded. */
function run(program, args, shell) {
  var ended = childProcess.spawnSync(program, args, { cwd: root, stdio: ['inherit', 2, 2], shell: shell });
  if (ended.error) process.stderr.write(String(ended.error.message) + '\n');
  return ended.status === 0;
}

/** The npm that started us, else the one on the path. */
function npm(args) {
  var script = process.env.npm_execpath;
  if (script && /npm-cli\.c?js$/.test(script)) return run(process.execPath, [script].concat(args), false);
  return run('npm', args, process.platform === 'win32');
}

/** Install the dependencies when they are missing or differ from the lock file. */
function install() {
  var lock = readJson(path.join(root, 'package-lock.json'));
  var stale = staleDependency(lock, installedLock());
  if (stale === undefined) return;
  process.stderr.write('Installing dependencies (npm ci; ' + stale + ' is missing or of another version) ...\n');
  // `--include=dev`: tests and build need them, whatever NODE_ENV says. `--loglevel=error`: npm warns about the
  // install scripts of native packages, which have nothing to do where a prebuilt binary exists.
  var done = npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error']);
  if (!done) fail('The dependencies could not be installed; see the lines above. npm needs its registry for this.');
}

/** All files the build reads, in a fixed order. */
function sourceFiles() {
  var found = [];
  function walk(folder) {
    var names = fs.readdirSync(path.join(root, folder)).sort();
    for (var i = 0; i < names.length; i += 1) {
      var file = folder + '/' + names[i];
      if (fs.statSync(path.join(root, file)).isDirectory()) walk(file);
      else if (/\.[cm]?ts$/.test(names[i])) found.push(file);
    }
  }
  for (var i = 0; i < sourceFolders.length; i += 1) {
    if (fs.existsSync(path.join(root, sourceFolders[i]))) walk(sourceFolders[i]);
  }
  return found;
}

/**
 * A fingerprint of everything the build depends on. By content, not by date: a checkout, a copy or a restored
 * cache gives files dates that mean nothing.
 */
function buildFingerprint() {
  var hash = crypto.createHash('sha256');
  var files = ['tsconfig.json', 'package.json', 'package-lock.json'].concat(sourceFiles());
  for (var i = 0; i < files.length; i += 1) {
    hash.update(files[i] + '\n');
    hash.update(fs.readFileSync(path.join(root, files[i])));
  }
  return hash.digest('hex');
}

function builtFingerprint(stamp) {
  try {
    return fs.readFileSync(stamp, 'utf8');
  } catch (_missing) {
    return undefined;
  }
}

/**
 * Compile when `dist` does not come from the sources as they are.
 * @param {boolean} always compile even then
 */
function build(always) {
  var dist = path.join(root, 'dist');
  var stamp = path.join(dist, '.fingerprint');
  var fingerprint = buildFingerprint();
  if (!always && builtFingerprint(stamp) === fingerprint) return;
  process.stderr.write('Building ...\n');
  // From nothing, so that the output of a deleted source does not live on (R3).
  fs.rmSync(dist, { recursive: true, force: true });
  var compiler = path.join(root, 'node_modules', 'typescript', 'lib', 'tsc.js');
  if (!run(process.execPath, [compiler, '-p', root], false)) fail('The build failed; see the lines above.');
  fs.writeFileSync(stamp, fingerprint);
}

/** Refuse a Node.js that cannot run the package. Uses nothing an old one lacks (R1). */
function checkNode() {
  var refusal = nodeRefusal(process.version, readJson(path.join(root, 'package.json')).engines.node);
  if (refusal !== undefined) fail(refusal);
}

module.exports = {
  root: root,
  checkNode: checkNode,
  install: install,
  build: build,
  nodeRefusal: nodeRefusal,
  staleDependency: staleDependency,
};
