/** `troupe replay`: an actor's history, turn by turn, and whether it comes out the same when it is run again. */
import { verifyHistory, type VerifyReport } from '../host/verify.js';
import { type ActorHistory, historyOf } from '../journal/history.js';
import type { HistoryEntry } from '../journal/history-entry.js';
import type { Standing } from '../journal/standing.js';
import { TroupeError } from '../core/errors.js';
import { EntryViewer, type HistoryEntryView, viewState } from '../system/history.js';
import { Definitions, elsewhereText } from './definitions.js';
import { firstDifference } from './difference.js';
import { linesOf, stateText } from './history-lines.js';
import { requireActor, withStanding } from './open.js';
import { ExitCode, type ExitCodeValue, type Output } from './output.js';
import { block, count, countOf, dateOf, inline } from './text.js';

/** What `replay` is asked for. Turns are numbers as history has them. */
export interface ReplayOptions {
  journal: string;
  from?: number | undefined;
  to?: number | undefined;
  last?: number | undefined;
  verify: boolean;
  definitions: readonly string[];
}

/** Replay an actor. */
export async function replay(target: string, options: ReplayOptions, out: Output): Promise<ExitCodeValue> {
  return withStanding(options.journal, async (standing) => {
    requireActor(standing, target);
    const history = historyOf(standing, target);
    if (options.verify) return verify(standing, history, options, out);
    sayWho(history, out);
    tell(standing, history, options, out);
    return ExitCode.ok;
  });
}

function sayWho(history: ActorHistory, out: Output): void {
  const { path, name } = history.subject;
  out.line(`${path}  ${name}  ${numberingText(history)}`);
  out.json({ kind: 'actor', path, definition: name, numbering: history.numbering, firstRecord: history.first });
}

function numberingText({ numbering, first }: ActorHistory): string {
  if (numbering === 'turns') return 'turns counted from its spawn';
  return first === undefined ? 'no history is kept' : `its spawn is not kept any more: turns numbered by record`;
}

function tell(standing: Standing, history: ActorHistory, options: ReplayOptions, out: Output): void {
  const viewer = new EntryViewer({ get: (aid) => standing.pathOf(aid) });
  const { from = 0, to = Number.POSITIVE_INFINITY, last } = options;
  const kept: HistoryEntry[] = [];
  let newest: HistoryEntryView | undefined;
  let oldest: number | undefined;
  let date = '';
  const say = (entry: HistoryEntry): void => {
    newest = viewer.entry(entry);
    out.line();
    if (dateOf(newest.at) !== date) out.line(dateOf(newest.at));
    date = dateOf(newest.at);
    out.lines(linesOf(newest));
    out.json(newest);
  };
  for (const entry of history.entries()) {
    if (entry.turn > to) break;
    oldest ??= entry.turn;
    if (entry.turn < from) continue;
    if (last === undefined) say(entry);
    else if (kept.push(entry) > last) kept.shift();
  }
  for (const entry of kept) say(entry);
  refuseGone(history, options, oldest);
  if (newest === undefined) out.line(`nothing of it lies ${rangeText(options)}`);
  if (options.to !== undefined && newest?.kind === 'turn' && newest.after !== undefined) {
    const { version, ...state } = newest.after;
    out.line();
    out.line(`state after turn ${newest.turn} (version ${version})`);
    out.lines(block(state, out.width - 2).map((line) => `  ${line}`));
  }
}

function rangeText({ from, to }: ReplayOptions): string {
  if (from === undefined) return `before turn ${(to ?? 0) + 1}`;
  return to === undefined ? `behind turn ${from - 1}` : `between turns ${from} and ${to}`;
}

/** What was asked for and is not kept any more. */
function refuseGone(history: ActorHistory, { from, to }: ReplayOptions, oldest: number | undefined): void {
  const asked = to !== undefined && oldest === undefined ? to : from;
  if (history.numbering === 'turns' || asked === undefined) return;
  if (oldest !== undefined && asked >= (history.first ?? 0)) return;
  let first = oldest;
  for (const entry of history.entries()) {
    first ??= entry.turn;
    break;
  }
  const kept = first === undefined ? 'nothing of it is kept' : `the oldest turn kept is ${first}`;
  const message = `${history.subject.path}: turn ${asked} is older than the journal's retention; ${kept}`;
  throw new TroupeError('HISTORY_GONE', message, { field: 'turn', value: asked });
}

async function verify(
  standing: Standing,
  history: ActorHistory,
  { to, definitions }: ReplayOptions,
  out: Output,
): Promise<ExitCodeValue> {
  const { subject } = history;
  const known = await Definitions.from(definitions);
  const definition = await known.find(subject.name, subject.url);
  const elsewhere = known.foundElsewhere(subject.name, subject.url);
  sayWho(history, out);
  const report = verifyHistory(history, definition, standing.pathOf(subject.parent), to);
  const { same, skipped, difference } = report;
  out.line(`run again with version ${definition.version} of ${definition.name}, without effects`);
  if (elsewhere !== undefined) out.line(elsewhereText(elsewhere));
  for (const { why, first, last, count: turns } of skipped) {
    const which = turns === 1 ? `turn ${first}` : `${count(turns)} turns, ${first} to ${last},`;
    out.line(`${which} could not be: ${why}`);
  }
  if (difference === undefined) out.line(`${countOf(same, 'turn')}: the same states`);
  else sayDifference(report, out);
  out.json({ kind: 'verified', elsewhere, same, skipped, difference: difference && viewDifference(difference) });
  return difference === undefined ? ExitCode.ok : ExitCode.found;
}

function sayDifference({ same, difference }: VerifyReport, out: Output): void {
  if (difference === undefined) return;
  const { turn, position, what } = difference;
  out.line(`${countOf(same, 'turn')} the same, then turn ${turn} (record ${position}) differs: ${what}`);
  const { recorded, now, first } = viewDifference(difference);
  if (recorded === undefined) return;
  out.line(`  recorded  ${stateText(recorded)}`);
  out.line(`  now       ${stateText(now)}`);
  if (first === undefined) out.line('  the counters and timers beside the state differ');
  else out.line(`  at ${first.place || 'the top'}: ${inline(first.recorded)}, now ${inline(first.now)}`);
}

function viewDifference(difference: NonNullable<VerifyReport['difference']>) {
  const { turn, position, what, error } = difference;
  const recorded = difference.recorded && viewState(difference.recorded);
  const now = difference.now && viewState(difference.now);
  return { turn, position, what, error, recorded, now, first: firstDifference(recorded, now) };
}
