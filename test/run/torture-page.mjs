/** Makes the table of docs/torture.md anew: `node test/run/start.cjs test/run/torture-page.mjs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.join(import.meta.dirname, '..', '..');
const { withRecord } = await import(pathToFileURL(path.join(root, 'dist/test/torture/record.js')).href);
const page = path.join(root, 'docs', 'torture.md');
const record = path.join(root, 'docs', 'torture-record.jsonl');
writeFileSync(page, withRecord(readFileSync(page, 'utf8'), readFileSync(record, 'utf8')));
