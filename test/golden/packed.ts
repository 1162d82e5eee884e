/** A journal's folder in one file, as `test/run/golden.mjs` packs it: JSON of its files in base64, compressed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

type Packed = Record<string, { bytes: number; base64: string }>;

/** Unpack into an empty folder that is there. */
export function unpack(packed: Buffer, folder: string): void {
  const files = JSON.parse(gunzipSync(packed).toString()) as Packed;
  for (const [name, { bytes, base64 }] of Object.entries(files)) {
    const content = Buffer.alloc(bytes);
    content.write(base64, 'base64');
    writeFileSync(join(folder, name), content);
  }
}
