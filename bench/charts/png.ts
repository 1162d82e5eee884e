/** SVG to PNG, at twice the pixels, with a font of our own: the same picture on every machine. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

const require = createRequire(import.meta.url);
/** Pixels of the picture for each of the drawing. */
const density = 2;
let ready: Promise<Uint8Array[]> | undefined;

/** Draw it. */
export async function pngOf(svg: string): Promise<Uint8Array> {
  ready ??= load();
  const fonts = { fontBuffers: await ready, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' };
  return new Resvg(svg, { font: fonts, fitTo: { mode: 'zoom', value: density } }).render().asPng();
}

async function load(): Promise<Uint8Array[]> {
  await initWasm(await readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  const files = [
    require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
    require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
  ];
  return Promise.all(files.map((file) => readFile(file)));
}
