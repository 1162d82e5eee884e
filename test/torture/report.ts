/** What the torture prints: 80 columns. */
import { failpointNames } from '../../src/core/failpoint.js';
import type { TortureFailure, TortureReport, TortureSettings } from './torture.js';

const complaintsShown = 12;

/** A number with thousands set apart. */
function show(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** The first line. */
export function headText({ kills, seed, durability, hosts }: TortureSettings): string {
  const most = hosts === 1 ? '1 host' : `1 to ${hosts} hosts`;
  return `torture: ${show(kills)} kills, seed ${seed}, ${durability}, ${most}`;
}

/** How far it has come. */
export function progressText({ kills, tookMs, journals, failures }: TortureReport): string {
  const columns = [
    `${show(kills).padStart(9)} kills`,
    `${show(tookMs / 1_000).padStart(7)} s`,
    `${show(tookMs / kills).padStart(5)} ms each`,
    `journals accounted for: ${journals}`,
    failures.length > 0 ? 'FAILED' : '',
  ];
  return columns.join('  ').trimEnd();
}

/** Everything that was counted. */
export function summaryText(report: TortureReport): string {
  const { kills, places, sums, journals, tookMs } = report;
  const at = (name: string): number => places[name] ?? 0;
  const failpoints = [...failpointNames].map((name) => `    ${show(at(name)).padStart(7)}  ${name}`);
  const atFailpoints = failpointNames.reduce((sum, name) => sum + at(name), 0);
  const instants = `${show(at('starting'))} while starting, ${show(at('working'))} while working`;
  const sum = (name: keyof typeof sums): string => show(sums[name] ?? 0).padStart(9);
  return [
    '',
    `${show(kills)} kills in ${show(tookMs / 1_000)} s, ${show(tookMs / Math.max(1, kills))} ms each`,
    `  at named failpoints ${show(atFailpoints)}`,
    ...failpoints,
    `  at random instants ${show(kills - atFailpoints)}: ${instants}`,
    `  and host threads in living processes: ${show(sums.hostsKilled ?? 0)}`,
    '',
    `Accounted for, ${show(journals)} journals`,
    `${sum('acked')}  messages that were acknowledged`,
    `${sum('unacked')}  that were not; ${show(sums.unackedHandled ?? 0)} of them were handled all the same, once`,
    `${sum('passed')}  messages between actors`,
    `${sum('gathered')}  fan-outs that came together again`,
    `${sum('timers')}  timers`,
    `${sum('effects')}  effects, run ${show(sums.effectRuns ?? 0)} times, applied once each`,
    `${sum('living')}  actors that live, ${show(sums.ended ?? 0)} that ended`,
    '',
    `lost ${sum('lost').trim()}, doubled ${sum('doubled').trim()}, out of order ${sum('disordered').trim()}, ` +
      `orphans ${sum('orphans').trim()}`,
  ].join('\n');
}

/** All of it in a line. */
export function summaryLine({ seed, durability }: TortureSettings, { kills, sums, tookMs }: TortureReport): string {
  const { acked, passed, timers, effects, lost, doubled, disordered } = sums;
  const checked = `${acked} acknowledged, ${passed} passed on, ${timers} timers, ${effects} effects`;
  const found = `lost ${lost}, doubled ${doubled}, out of order ${disordered}`;
  return `${durability}, seed ${seed}: ${kills} kills, ${show(tookMs / kills)} ms each; ${checked}; ${found}`;
}

/** What is wrong, and how to see it again. */
export function failureText(failure: TortureFailure, settings: TortureSettings): string {
  const { complaints, folder, plan } = failure;
  const shown = complaints.slice(0, complaintsShown).map((complaint) => `  ${complaint}`);
  const rest = complaints.length > complaintsShown ? [`  and ${complaints.length - complaintsShown} more`] : [];
  return [
    '',
    `FAILED: journal ${plan.number}, ${complaints.length} complaints`,
    ...shown,
    ...rest,
    `kept in ${folder}`,
    'Again, all of it or this journal alone:',
    `  ${againCommand(settings)}`,
    `  ${againCommand(settings)} --journal ${plan.number}`,
  ].join('\n');
}

/** The command that repeats a run. */
function againCommand({ kills, seed, durability, hosts, mutant }: TortureSettings): string {
  const options = `--kills ${kills} --seed ${seed} --durability ${durability} --hosts ${hosts}`;
  return `npm run torture -- ${options}${mutant === undefined ? '' : ` --mutant ${mutant}`}`;
}
