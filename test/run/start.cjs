/**
 * The door of every npm script that needs set-up: makes the clone ready, then runs a module in this process.
 *
 *   node test/run/start.cjs [--no-build | --rebuild] [module [arguments ...]]
 *
 * `module` is a path from the project's root; without one, set-up is all that happens. `--no-build` leaves `dist`
 * as it is, `--rebuild` compiles even when nothing changed. Syntax as old as prepare.cjs demands (its R1).
 */
'use strict';

var path = require('path');
var prepare = require('./prepare.cjs');

prepare.checkNode();

var args = process.argv.slice(2);
var option = /^--/.test(args[0] || '') ? args.shift() : undefined;
if (option !== undefined && option !== '--no-build' && option !== '--rebuild') {
  process.stderr.write('start.cjs: unknown option ' + option + '\n');
  process.exit(2);
}

prepare.install();
if (option !== '--no-build') prepare.build(option === '--rebuild');

if (args.length > 0) {
  var target = path.join(prepare.root, args[0]);
  // As if the module had been started by itself.
  process.argv = [process.argv[0], target].concat(args.slice(1));
  require('./import-module.cjs')(target);
}
