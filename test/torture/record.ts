/** Runs on record: one line of JSON each in docs/torture-record.jsonl, and the tables made from them. */
import os from 'node:os';
import type { TortureReport, TortureSettings } from './torture.js';

/** A run as it is kept. */
interface RunRecord {
  /** The day it ended, in UTC. */
  date: string;
  seed: number;
  durability: string;
  hosts: number;
  /** What was accounted for. */
  sums: Record<string, number>;
  complaints: number;
  machine: string;
  node: string;
}

/** Kills of the process. */
export interface KillsRecord extends RunRecord {
  /** The first ones had none. */
  kind?: 'kills';
  kills: number;
  msPerKill: number;
  /** By place: failpoints, `starting`, `working`. */
  places: Record<string, number>;
}

/** Deaths of host threads. */
export interface FaultsRecord extends RunRecord {
  kind: 'faults';
  faults: number;
  msPerFault: number;
  /** By kind of fault. */
  kinds: Record<string, number>;
}

const end = '<!-- end of what is made -->';

/** @returns a run's line, with its end */
export function recordLine(settings: TortureSettings, report: TortureReport): string {
  const { seed, durability, hosts, victims } = settings;
  const { deaths, places } = report;
  const msEach = Math.round(report.tookMs / Math.max(1, deaths));
  const run = { date: new Date().toISOString().slice(0, 10), seed, durability, hosts };
  const outcome = {
    sums: report.sums,
    complaints: report.failures.reduce((sum, { complaints }) => sum + complaints.length, 0),
    machine: machineName(),
    node: process.version,
  };
  const record: KillsRecord | FaultsRecord =
    victims === 'kills'
      ? { kind: victims, ...run, kills: deaths, msPerKill: msEach, places, ...outcome }
      : { kind: victims, ...run, faults: deaths, msPerFault: msEach, kinds: places, ...outcome };
  return `${JSON.stringify(record)}\n`;
}

function machineName(): string {
  const model = os.cpus()[0]?.model.trim() || os.arch();
  return `${model}, ${os.availableParallelism()} cores, ${os.type()} ${os.release().split('-')[0]}`;
}

/** The page with its tables made anew. @param lines the content of docs/torture-record.jsonl */
export function withRecord(page: string, lines: string): string {
  const records = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as KillsRecord | FaultsRecord);
  const kills = records.filter((record) => record.kind !== 'faults');
  const faults = records.filter((record) => record.kind === 'faults');
  return between('faults', between('kills', page, killsText(kills)), faultsText(faults));
}

/** The page with one of its tables replaced. */
function between(what: string, page: string, text: string): string {
  const begin = `<!-- ${what}: made from torture-record.jsonl by npm run docs:torture -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < from) throw new Error(`the page has no place for the record: '${begin}' and '${end}'`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n${page.slice(to)}`;
}

const none = 'No run is on record yet.\n';

function killsText(records: readonly KillsRecord[]): string {
  if (records.length === 0) return none;
  const sums = (name: string) => total(records, (record) => record.sums[name]);
  const kills = total(records, (record) => record.kills);
  return [
    `**${kills} kills, ${complaintsOf(records)} complaints.** ` +
      `Accounted for: ${sums('acked')} acknowledged messages, ${sums('passed')} between actors, ` +
      `${sums('timers')} timers, ${sums('effects')} effects, ${sums('living')} living actors.`,
    '',
    '| date | seed | durability | hosts | kills | at failpoints | ms each | lost | doubled | disordered | orphans |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...records.map(({ places, kills, msPerKill, ...run }) => {
      const atFailpoints = Object.entries(places).reduce((sum, [at, count]) => sum + (at.includes('.') ? count : 0), 0);
      return row(run, [show(kills), show(atFailpoints), msPerKill], ['lost', 'doubled', 'disordered', 'orphans']);
    }),
    '',
    machinesOf(records),
  ].join('\n');
}

function faultsText(records: readonly FaultsRecord[]): string {
  if (records.length === 0) return none;
  const sums = (name: string) => total(records, (record) => record.sums[name]);
  const faults = total(records, (record) => record.faults);
  const kind =
    (...names: string[]) =>
    (record: FaultsRecord) =>
      names.reduce((sum, name) => sum + (record.kinds[name] ?? 0), 0);
  const columns = [
    kind('exit'),
    kind('hoard'),
    kind('loop', 'block', 'hung'),
    kind('reject', 'throwLater', 'exitLater'),
  ];
  const outside = [kind('killed'), kind('failpoint')];
  return [
    `**${faults} host threads lost, ${complaintsOf(records)} complaints.** ` +
      `Accounted for: ${sums('givenUp')} fatal messages, given up after ${sums('attempts')} attempts; ` +
      `${sums('words')} threads that died of what had been begun; ${sums('acked')} acknowledged messages, ` +
      `${sums('passed')} between actors, ${sums('timers')} timers, ${sums('effects')} effects.`,
    '',
    '| date | seed | durability | hosts | faults | exit | heap | hang | later | from outside | failpoint | ms each ' +
      '| lost | doubled | disordered | orphans | misjudged |',
    `|${'---|'.repeat(17)}`,
    ...records.map((record) =>
      row(
        record,
        [record.faults, ...[...columns, ...outside].map((count) => count(record)), record.msPerFault].map(show),
        ['lost', 'doubled', 'disordered', 'orphans', 'misjudged'],
      ),
    ),
    '',
    machinesOf(records),
  ].join('\n');
}

function row(
  { date, seed, durability, hosts, sums }: Omit<RunRecord, 'complaints' | 'machine' | 'node'>,
  columns: readonly (string | number)[],
  found: readonly string[],
): string {
  const counts = found.map((name) => show(sums[name] ?? 0));
  return `| ${[date, seed, durability, hosts, ...columns, ...counts].join(' | ')} |`;
}

function total<R>(records: readonly R[], pick: (record: R) => number | undefined): string {
  return show(records.reduce((sum, record) => sum + (pick(record) ?? 0), 0));
}

function complaintsOf(records: readonly RunRecord[]): string {
  return total(records, ({ complaints }) => complaints);
}

function machinesOf(records: readonly RunRecord[]): string {
  const machines = [...new Set(records.map(({ machine, node }) => `${machine}, Node.js ${node}`))];
  return `Machine: ${machines.join('; ')}.\n`;
}

function show(value: number): string {
  return value.toLocaleString('en-US');
}
