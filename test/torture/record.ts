/** One line of JSON for a run, kept in docs/torture-record.jsonl. */
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

/** @returns the line, with its end */
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
    machine: `${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.availableParallelism()} cores, ${os.type()}`,
    node: process.version,
  };
  return `${JSON.stringify(record)}\n`;
}
