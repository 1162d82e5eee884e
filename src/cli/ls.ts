/** `troupe journal ls`: the actors of a journal. */
import { isUnder } from '../core/path.js';
import { durabilityNames } from '../journal/ops.js';
import { type ActorRow, RowStatus, statusNames } from '../journal/row.js';
import { withStanding } from './open.js';
import { ExitCode, type ExitCodeValue, type Output } from './output.js';
import { countOf, cut, cutFront } from './text.js';

/** What `ls` is asked for. */
export interface LsOptions {
  journal: string;
  /** Also those that have ended. */
  ended: boolean;
  /** At most so many. */
  limit: number;
}

/** List the actors at or below a path. */
export async function ls(under: string, { journal, ended, limit }: LsOptions, out: Output): Promise<ExitCodeValue> {
  return withStanding(journal, (standing) => {
    const [name, status, mail] = [18, 11, 7];
    const path = out.width - name - status - mail - 3;
    const columns = (...texts: [string, string, string, string]) =>
      [texts[0].padEnd(path), texts[1].padEnd(name), texts[2].padEnd(status), texts[3].padStart(mail)].join(' ');
    out.line(columns('PATH', 'DEFINITION', 'STATUS', 'MAIL'));
    let [shown, more] = [0, 0];
    for (const row of standing.actors()) {
      if (!isUnder(row.path, under) || (row.status === RowStatus.ended && !ended)) continue;
      if (shown >= limit) {
        more += 1;
        continue;
      }
      shown += 1;
      const word = statusNames[row.status];
      out.line(columns(cutFront(row.path, path), cut(row.name, name), word, String(row.mail.length)));
      out.json(actorLine(row));
    }
    out.line(more === 0 ? countOf(shown, 'actor') : `${countOf(shown, 'actor')}, and ${more} more (--limit)`);
    return ExitCode.ok;
  });
}

function actorLine(row: ActorRow): object {
  const { aid, path, name, version, mail, timers, children } = row;
  return {
    kind: 'actor',
    path,
    aid,
    definition: name,
    version,
    status: statusNames[row.status],
    durability: durabilityNames[row.durability],
    mail: mail.length,
    timers: timers?.size ?? 0,
    children: children?.size ?? 0,
  };
}
