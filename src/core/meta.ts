/** Whoever defines something says in which module: every thread that runs it imports that. Checked at each door. */
import { describeBriefly, TroupeError } from './errors.js';

/**
 * The module of an `import.meta`.
 * @param meta what was given as the first argument
 * @param maker the function it was given to, e.g. `defineActor`; begins the error's message
 * @returns its URL
 * @throws TroupeError OPTION_TYPE with the field `meta`
 */
export function moduleOf(meta: unknown, maker: string): string {
  const url: unknown = (meta as { url?: unknown } | undefined | null)?.url;
  if (typeof url === 'string' && URL.canParse(url)) return url;
  const rule = 'must be import.meta of the module that exports the definition';
  const message = `${maker}: the first argument, meta, ${rule}, but is ${describeBriefly(meta)}`;
  throw new TroupeError('OPTION_TYPE', message, { field: 'meta', value: meta });
}
