/** The definitions a command runs: from the modules it was given, or from those the journal names. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type ActorDefinition,
  loadDefinition,
  lookupDefinition,
  markHostThread,
  registeredDefinitions,
} from '../cell/define.js';
import { TroupeError } from '../core/errors.js';

/** Finds definitions by name. */
export class Definitions {
  private readonly known = new Map<string, Promise<ActorDefinition>>();

  /** @param given what the modules define that were given; undefined: none were given */
  private constructor(private readonly given: ReadonlySet<string> | undefined) {}

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
    const given = registeredDefinitions().map(({ name }) => name);
    return new Definitions(modules.length === 0 ? undefined : new Set(given));
  }

  /**
   * The definition of a name.
   * @param url the module the journal names; used when no module given defines it
   * @throws TroupeError DEFINITION_IMPORT, DEFINITION_UNKNOWN
   */
  find(name: string, url: string): Promise<ActorDefinition> {
    const key = `${name} ${url}`;
    const given = this.given?.has(name) === true ? lookupDefinition(name) : undefined;
    const loading = this.known.get(key) ?? (given === undefined ? loadDefinition(name, url) : Promise.resolve(given));
    this.known.set(key, loading);
    return loading;
  }

  /** Where a definition comes from when modules were given and none of them has it; else undefined. */
  foundElsewhere(name: string, url: string): string | undefined {
    return this.given === undefined || this.given.has(name) ? undefined : url;
  }
}

/** Said beside what came of a definition that the modules given do not have. */
export function elsewhereText(url: string): string {
  return `    not in the modules given: taken from ${url}, as the journal says`;
}
