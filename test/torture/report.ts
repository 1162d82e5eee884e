/** What the torture prints: 80 columns. */
import { failpointNames } from '../../src/core/failpoint.js';
import type { FaultKind } from './faults.js';
import type { TortureFailure, TortureReport, TortureSettings } from './torture.js';

const complaintsShown = 12;

/** A number with thousands set apart. */
function show(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** The first line. */
export function headText({ victims, deaths, seed, durability, hosts }: TortureSettings): string {
  const most = hosts === 1 ? '1 host' : `1 to ${hosts} hosts`;
  return `torture: ${show(deaths)} ${victims}, seed ${seed}, ${durability}, ${most}`;
}

/** How far it has come. */
export function progressText(report: TortureReport, { victims }: Pick<TortureSettings, 'victims'>): string {
  const { deaths, tookMs, journals, failures } = report;
  const columns = [
    `${show(deaths).padStart(9)} ${victims}`,
    `${show(tookMs / 1_000).padStart(7)} s`,
    `${show(tookMs / Math.max(1, deaths)).padStart(5)} ms each`,
    `journals accounted for: ${journals}`,
    failures.length > 0 ? 'FAILED' : '',
  ];
  return columns.join('  ').trimEnd();
}

/** How the faults are called. */
const faultNames: Record<FaultKind, string> = {
  exit: 'process.exit while a message was handled',
  hoard: 'the heap limit was reached',
  loop: 'a busy loop, ended as hung',
  block: 'a call that blocked, ended as hung',
  hung: 'one or the other, left by the process before',
  reject: 'a rejection nobody handled',
  throwLater: "an exception in a timer's callback",
  exitLater: "process.exit in a timer's callback",
  killed: 'terminated from outside',
  failpoint: 'process.exit at a failpoint of the kernel',
  other: 'in another way',
};

function faultsText({ deaths, places, tookMs }: TortureReport): string[] {
  const kinds = Object.entries(faultNames).filter(([kind]) => (places[kind] ?? 0) > 0);
  return [
    `${show(deaths)} host threads lost in ${show(tookMs / 1_000)} s, ${show(tookMs / Math.max(1, deaths))} ms each`,
    ...kinds.map(([kind, name]) => `    ${show(places[kind] ?? 0).padStart(7)}  ${name}`),
  ];
}

function killsText({ deaths: kills, places, sums, tookMs }: TortureReport): string[] {
  const at = (name: string): number => places[name] ?? 0;
  const failpoints = [...failpointNames].map((name) => `    ${show(at(name)).padStart(7)}  ${name}`);
  const atFailpoints = failpointNames.reduce((sum, name) => sum + at(name), 0);
  const instants = `${show(at('starting'))} while starting, ${show(at('working'))} while working`;
  return [
    `${show(kills)} kills in ${show(tookMs / 1_000)} s, ${show(tookMs / Math.max(1, kills))} ms each`,
    `  at named failpoints ${show(atFailpoints)}`,
    ...failpoints,
    `  at random instants ${show(kills - atFailpoints)}: ${instants}`,
    `  and host threads in living processes: ${show(sums.hostsKilled ?? 0)}`,
  ];
}

/** Everything that was counted. */
export function summaryText(report: TortureReport, { victims }: Pick<TortureSettings, 'victims'>): string {
  const { sums, journals } = report;
  const sum = (name: keyof typeof sums): string => show(sums[name] ?? 0).padStart(9);
  const blame = [
    `${sum('givenUp')}  messages that were fatal, given up after ${show(sums.attempts ?? 0)} attempts`,
    `${sum('words')}  threads that died of what a message had begun`,
  ];
  return [
    '',
    ...(victims === 'kills' ? killsText(report) : faultsText(report)),
    '',
    `Accounted for, ${show(journals)} journals`,
    `${sum('acked')}  messages that were acknowledged`,
    `${sum('unacked')}  that were not; ${show(sums.unackedHandled ?? 0)} of them were handled all the same, once`,
    `${sum('passed')}  messages between actors`,
    `${sum('gathered')}  fan-outs that came together again`,
    `${sum('timers')}  timers`,
    `${sum('effects')}  effects, run ${show(sums.effectRuns ?? 0)} times, applied once each`,
    `${sum('living')}  actors that live, ${show(sums.ended ?? 0)} that ended`,
    ...(victims === 'kills' ? [] : blame),
    '',
    `lost ${sum('lost').trim()}, doubled ${sum('doubled').trim()}, out of order ${sum('disordered').trim()}, ` +
      `orphans ${sum('orphans').trim()}`,
    ...(victims === 'kills' ? [] : [`misjudged ${sum('misjudged').trim()}`]),
  ].join('\n');
}

/** All of it in a line. */
export function summaryLine({ seed, durability, victims }: TortureSettings, report: TortureReport): string {
  const { deaths, sums, tookMs } = report;
  const { acked, passed, timers, effects, givenUp, attempts, words, lost, doubled, disordered, misjudged } = sums;
  const done = `${durability}, seed ${seed}: ${deaths} ${victims}, ${show(tookMs / deaths)} ms each`;
  const checked = `${acked} acknowledged, ${passed} passed on, ${timers} timers, ${effects} effects`;
  const found = `lost ${lost}, doubled ${doubled}, out of order ${disordered}`;
  if (victims === 'kills') return `${done}; ${checked}; ${found}`;
  const blamed = `given up ${givenUp} after ${attempts} attempts, ${words} charged for what they began`;
  return `${done}; ${checked}, ${blamed}; ${found}, misjudged ${misjudged}`;
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
function againCommand({ victims, deaths, seed, durability, hosts, mutant }: TortureSettings): string {
  const options = `--${victims} ${deaths} --seed ${seed} --durability ${durability} --hosts ${hosts}`;
  return `npm run torture -- ${options}${mutant === undefined ? '' : ` --mutant ${mutant}`}`;
}
