/** Writes docs/errors.md from the error table: `node test/run/start.cjs test/run/errors-page.mjs`. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.join(import.meta.dirname, '..', '..');
const { errorsPage } = await import(pathToFileURL(path.join(root, 'dist/test/helpers/errors-page.js')).href);
writeFileSync(path.join(root, 'docs', 'errors.md'), errorsPage());
