/** The definitions a command runs: from the modules it was given, or from those the journal names. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ActorDefinition, loadDefinition, lookupDefinition, markHostThread } from '../cell/define.js';
import { TroupeError } from '../core/errors.js';

/** Finds definitions by name. */
export class Definitions {
  private readonly known = new Map<string, Promise<ActorDefinition>>();

  private constructor() {}

  /**
   * Import modules first. They are imported as on a host, so one that starts a system is refused.
   * @param modules files, as on the command line
   * @throws TroupeError DEFINITION_IMPORT
   */
  static async from(modules: readonly string[]): Promise<Definitions> {
    markHostThread();
    for (const module of modules) {
      const url = pathToFileURL(resolve(module)).href;
      try {
        await import(url);
      } catch (cause) {
        if (TroupeError.is(cause)) throw cause;
        const message = `${module} cannot be imported: ${(cause as Error).message}`;
        throw new TroupeError('DEFINITION_IMPORT', message, { field: 'definitions', value: module, cause });
      }
    }
    return new Definitions();
  }

  /**
   * The definition of a name.
   * @param url the module the journal names; used when no module given defines it
   * @throws TroupeError DEFINITION_IMPORT, DEFINITION_UNKNOWN
   */
  find(name: string, url: string): Promise<ActorDefinition> {
    const given = lookupDefinition(name);
    if (given !== undefined) return Promise.resolve(given);
    const key = `${name} ${url}`;
    const loading = this.known.get(key) ?? loadDefinition(name, url);
    this.known.set(key, loading);
    return loading;
  }
}
