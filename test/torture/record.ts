/** Runs on record: one line of JSON each in docs/torture-record.jsonl, and the table made from them. */
import os from 'node:os';
import type { TortureReport, TortureSettings } from './torture.js';

/** A run as it is kept. */
export interface TortureRecord {
  /** The day it ended, in UTC. */
  date: string;
  seed: number;
  durability: string;
  hosts: number;
  kills: number;
  msPerKill: number;
  /** Kills by place: failpoints, `starting`, `working`. */
  places: Record<string, number>;
  /** What was accounted for. */
  sums: Record<string, number>;
  complaints: number;
  machine: string;
  node: string;
}

/** Where the table stands in the page. */
const begin = '<!-- made from torture-record.jsonl by npm run docs:torture -->';
const end = '<!-- end of what is made -->';

/** @returns a run's line, with its end */
export function recordLine(settings: TortureSettings, report: TortureReport): string {
  const { seed, durability, hosts } = settings;
  const record: TortureRecord = {
    date: new Date().toISOString().slice(0, 10),
    seed,
    durability,
    hosts,
    kills: report.kills,
    msPerKill: Math.round(report.tookMs / Math.max(1, report.kills)),
    places: report.places,
    sums: report.sums,
    complaints: report.failures.reduce((sum, { complaints }) => sum + complaints.length, 0),
    machine: machineName(),
    node: process.version,
  };
  return `${JSON.stringify(record)}\n`;
}

function machineName(): string {
  const model = os.cpus()[0]?.model.trim() || os.arch();
  return `${model}, ${os.availableParallelism()} cores, ${os.type()} ${os.release().split('-')[0]}`;
}

/** The page with its table made anew. @param lines the content of docs/torture-record.jsonl */
export function withRecord(page: string, lines: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place for the record: '${begin}' and '${end}'`);
  return `${page.slice(0, from + begin.length)}\n\n${recordText(lines)}\n${page.slice(to)}`;
}

function recordText(lines: string): string {
  const records = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TortureRecord);
  if (records.length === 0) return 'No run is on record yet.\n';
  const total = (pick: (record: TortureRecord) => number | undefined): string =>
    show(records.reduce((sum, record) => sum + (pick(record) ?? 0), 0));
  const sums = (name: string) => total((record) => record.sums[name]);
  const machines = [...new Set(records.map(({ machine, node }) => `${machine}, Node.js ${node}`))];
  return [
    `**${total(({ kills }) => kills)} kills, ${total(({ complaints }) => complaints)} complaints.** ` +
      `Accounted for: ${sums('acked')} acknowledged messages, ${sums('passed')} between actors, ` +
      `${sums('timers')} timers, ${sums('effects')} effects, ${sums('living')} living actors.`,
    '',
    '| date | seed | durability | hosts | kills | at failpoints | ms each | lost | doubled | disordered | orphans |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...records.map(recordRow),
    '',
    `Machine: ${machines.join('; ')}.`,
    '',
  ].join('\n');
}

function recordRow({ date, seed, durability, hosts, kills, msPerKill, places, sums }: TortureRecord): string {
  const atFailpoints = Object.entries(places).reduce((sum, [name, count]) => sum + (name.includes('.') ? count : 0), 0);
  const found = ['lost', 'doubled', 'disordered', 'orphans'].map((name) => show(sums[name] ?? 0));
  const cells = [date, seed, durability, hosts, show(kills), show(atFailpoints), msPerKill, ...found];
  return `| ${cells.join(' | ')} |`;
}

function show(value: number): string {
  return value.toLocaleString('en-US');
}
