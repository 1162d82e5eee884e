/** The page of error codes, made from the table in the source. */
import { type ErrorEntry, type ErrorMoment, errorTable } from '../../src/core/errors.js';

const intro = `# Errors

Every failure that troupe reports is a \`TroupeError\` with one of these codes. Match by code, never by class or text:
class identity does not cross threads, and texts improve. A code is never renamed and never changes its meaning.

\`\`\`ts
import { TroupeError } from 'troupe';
import { system } from './system.js';

try {
  await system.get('/nobody').tell({ type: 'hello' });
} catch (error) {
  if (!TroupeError.is(error, 'ACTOR_UNKNOWN')) throw error;
  console.log(error.code, error.field, error.value, error.cause);
}
\`\`\`

\`error.field\` is the place it is about (an option, a path, or inside a message: \`order.items[3].callback\`),
\`error.value\` what was found there, \`error.cause\` the error underneath.

**Recovery** says what normally answers it. \`retry\`: the same call may succeed later. \`restart\`: supervision
restarts the actor. \`escalate\`: nothing below the caller can mend it. \`reload\`: put a definition, module or file
in place that fits. \`breaker\`: stop asking for a while. \`failover\`: the work moves to another thread.
\`ignore\`: nothing is lost.

This page is made from \`errorTable\` (exported by the package, [source](../src/core/error-table.ts)), grouped by the
moment a failure occurs.
`;

const titles: Readonly<Record<ErrorMoment, string>> = {
  defining: 'Defining and configuring',
  spawning: 'Spawning',
  sending: 'Sending and asking',
  handling: 'Handling a message',
  supervising: 'Supervising',
  effects: 'Effects and jobs',
  workflows: 'Workflows',
  agents: 'Agents',
  journaling: 'Writing the journal',
  recovering: 'Recovering',
  threads: 'Threads',
  'shutting down': 'Shutting down',
};

/** The whole page, as it must lie in docs/errors.md. */
export function errorsPage(): string {
  const rows: [string, ErrorEntry][] = Object.entries(errorTable);
  const moments = [...new Set(rows.map(([, { when }]) => when))];
  const sections = moments.map((moment) => {
    const lines = rows
      .filter(([, { when }]) => when === moment)
      .map(([code, { meaning, severity, recovery }]) => `| \`${code}\` | ${meaning} | ${severity} | ${recovery} |`);
    const head = '| code | meaning | severity | recovery |\n|---|---|---|---|';
    return `\n## ${titles[moment]}\n\n${head}\n${lines.join('\n')}\n`;
  });
  return intro + sections.join('');
}
