/** `troupe migrate --check`: would every stored state fit the definitions as they are now? Nothing is changed. */
import type { ActorDefinition } from '../cell/define.js';
import { decodeStored } from '../cell/stored.js';
import { Replay } from '../host/replay.js';
import { subjectOf } from '../journal/history.js';
import { type ActorRow, RowStatus } from '../journal/row.js';
import type { Standing } from '../journal/standing.js';
import { Definitions, elsewhereText } from './definitions.js';
import { withStanding } from './open.js';
import { ExitCode, type ExitCodeValue, type Output } from './output.js';
import { count, countOf } from './text.js';

/** Actors named one by one; more are only counted. */
const namedMax = 20;

/** What became of the actors of one definition. */
interface Tally {
  definition: string;
  version: number | undefined;
  /** The module the journal names, when it was not among those given. */
  elsewhere: string | undefined;
  fits: number;
  migrated: number;
  /** No state yet, or none that outlives its thread: there is nothing to fit. */
  empty: number;
  failed: number;
}

/** Try every stored state. */
export async function migrateCheck(
  { journal, definitions }: { journal: string; definitions: readonly string[] },
  out: Output,
): Promise<ExitCodeValue> {
  return withStanding(journal, async (standing) => {
    const found = await Definitions.from(definitions);
    const tallies = new Map<string, Tally>();
    let failed = 0;
    for (const row of standing.actors()) {
      if (row.status === RowStatus.ended) continue;
      const tally = tallies.get(row.name) ?? newTally(row.name, found.foundElsewhere(row.name, row.url));
      tallies.set(row.name, tally);
      try {
        const definition = await found.find(row.name, row.url);
        tally.version = definition.version;
        tally[tryState(standing, row, definition)] += 1;
      } catch (error) {
        tally.failed += 1;
        failed += 1;
        const { code, message } = error as { code?: unknown; message?: unknown };
        out.json({ kind: 'unfit', path: row.path, definition: row.name, code, message });
        if (failed > namedMax) continue;
        out.line(`${row.path}  ${row.name}`);
        out.line(`    ${String(code ?? 'error')}: ${String(message ?? error)}`);
      }
    }
    if (failed > namedMax) out.line(`... and ${count(failed - namedMax)} more`);
    for (const tally of tallies.values()) {
      out.json({ kind: 'definition', ...tally });
      out.line(tallyText(tally));
      if (tally.elsewhere !== undefined) out.line(elsewhereText(tally.elsewhere));
    }
    out.json({ kind: 'report', ok: failed === 0, failed });
    out.line(failed === 0 ? 'every state fits' : `${countOf(failed, 'state')} would be quarantined`);
    return failed === 0 ? ExitCode.ok : ExitCode.found;
  });
}

function newTally(definition: string, elsewhere: string | undefined): Tally {
  return { definition, version: undefined, elsewhere, fits: 0, migrated: 0, empty: 0, failed: 0 };
}

function tallyText({ definition, version, fits, migrated, empty, failed }: Tally): string {
  const parts = [`${count(fits)} fit`, `${count(migrated)} to be migrated`];
  if (empty > 0) parts.push(`${count(empty)} without a state`);
  if (failed > 0) parts.push(`${count(failed)} do not fit`);
  return `${definition}${version === undefined ? '' : ` version ${version}`}: ${parts.join(', ')}`;
}

/** Restore a state as a host would, and have it stored again. @throws why it does not fit */
function tryState(standing: Standing, row: ActorRow, definition: ActorDefinition): 'fits' | 'migrated' | 'empty' {
  const state = standing.stateOf(row);
  if (state === undefined || row.isVolatile) return 'empty';
  const attempt = new Replay(definition, subjectOf(row), standing.pathOf(row.parent));
  try {
    attempt.restore(state, []);
    attempt.encodeState();
  } finally {
    attempt.drop();
  }
  return decodeStored(state)[0] === definition.version ? 'fits' : 'migrated';
}
