/** Apart from start.cjs because an old Node.js cannot even parse `import()`. */
'use strict';

const { pathToFileURL } = require('node:url');

/** Run an ES module; whatever it throws ends the process as if it had been started by itself. */
module.exports = (file) => {
  void import(pathToFileURL(file).href);
};
