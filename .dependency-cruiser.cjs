/** The import arrows, enforced on the real module graph (`npm run arrows`). The table is test/tidy/layers.cjs. */
'use strict';

const layers = require('./test/tidy/layers.cjs');

/** A room or a file as a pattern for paths. */
function pattern(room) {
  return room.endsWith('.ts') ? `^${room.replace('.', '\\.')}$` : `^${room}/`;
}

const rooms = layers.rows.flat();

/** One rule for each room: everything in the project that is neither itself nor to its left. */
const arrows = layers.rows.flatMap((row, index) =>
  row.map((room) => ({
    name: `arrow: ${room}`,
    severity: 'error',
    comment: `${room} may import only itself and the rooms left of it. Move the code, or hand it in from the right.`,
    from: { path: pattern(room) },
    to: {
      path: rooms.map(pattern),
      pathNot: [room, ...layers.rows.slice(0, index).flat()].map(pattern),
    },
  })),
);

const forTestsOnly = Object.entries(layers.importedOnlyBy).map(([room, importers]) => ({
  name: `for tests only: ${room}`,
  severity: 'error',
  comment: `Only ${importers.join(', ')} may import ${room}: product code must not lean on doubles.`,
  from: { pathNot: [room, ...importers].map(pattern) },
  to: { path: pattern(room) },
}));

/** @param {boolean} valuesOnly let `import type` pass */
function hiddenPackages(table, valuesOnly) {
  return Object.entries(table).map(([name, homes]) => ({
    name: `hidden package: ${name}`,
    severity: 'error',
    comment: `${name} is used only in ${homes.join(', ')}. Use the contract in front of it.`,
    from: { path: layers.productRooms.map(pattern), pathNot: homes.map(pattern) },
    to: { path: `node_modules/${name}/`, ...(valuesOnly ? { dependencyTypesNot: ['type-only'] } : {}) },
  }));
}

const nodeModules = Object.entries(layers.nodeModulesForbidden).map(([room, names]) => ({
  name: `no I/O, no threads: ${room}`,
  severity: 'error',
  comment: `${room} holds values and contracts only. Put what touches the machine behind a contract, further right.`,
  from: { path: pattern(room) },
  to: { dependencyTypes: ['core'], path: names.map((name) => `^(node:)?${name}$`) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...arrows,
    ...forTestsOnly,
    ...hiddenPackages(layers.packageOnlyIn, false),
    ...hiddenPackages(layers.packageValuesOnlyIn, true),
    ...nodeModules,
    {
      name: 'no cycles',
      severity: 'error',
      comment:
        'Modules that import each other have no order of loading. A cycle through `import type` is no such cycle.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'everything resolves',
      severity: 'error',
      comment: 'The import leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'product knows no dist',
      severity: 'error',
      comment: 'Inside the package import the source by a relative path, not by the name `troupe`.',
      from: { path: layers.productRooms.map(pattern) },
      to: { path: '^dist/' },
    },
    {
      name: 'product needs no dev dependency',
      severity: 'error',
      comment: 'A published file may not import what only developers install. Types vanish at build time.',
      from: { path: layers.productRooms.map(pattern) },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: ['node_modules', '^dist/'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'] },
  },
};
