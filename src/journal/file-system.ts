/**
 * Is the journal's folder on a file system that keeps its promises? Flushes, locks and mapped files may not hold over a
 * network or in user space, and what lies on a container's own layer goes with the container. We cannot tell how a
 * given one is set up, so this is a warning and no refusal. Linux only: elsewhere nothing is known.
 */
import fs from 'node:fs';
import type { ErrorCode } from '../core/errors.js';

/** Something the program should know about its journal; nothing was refused. */
export interface JournalWarning {
  code: ErrorCode;
  message: string;
}

const overNetwork = 'reaches its disk over a network, where flushes, locks and mapped files may not hold';
const inUserSpace = 'is run by a program, and whether flushes and mapped files hold is up to that';
const ofContainer = 'is the layer of a container and goes with it; mount a volume for the journal';

/** By the number that `statfs` gives (linux/magic.h, statfs(2)). */
const shaky = new Map<number, { name: string; why: string }>([
  [0x6969, { name: 'NFS', why: overNetwork }],
  [0x517b, { name: 'SMB', why: overNetwork }],
  [0xff534d42, { name: 'CIFS', why: overNetwork }],
  [0xfe534d42, { name: 'SMB2', why: overNetwork }],
  [0x564c, { name: 'NCP', why: overNetwork }],
  [0x5346414f, { name: 'AFS', why: overNetwork }],
  [0x6b414653, { name: 'AFS', why: overNetwork }],
  [0x73757245, { name: 'Coda', why: overNetwork }],
  [0x00c36400, { name: 'Ceph', why: overNetwork }],
  [0x0bd00bd0, { name: 'Lustre', why: overNetwork }],
  [0x47504653, { name: 'GPFS', why: overNetwork }],
  [0x19830326, { name: 'BeeGFS', why: overNetwork }],
  [0x01021997, { name: '9p', why: overNetwork }],
  [0x786f4256, { name: 'vboxsf', why: overNetwork }],
  [0x65735546, { name: 'FUSE', why: inUserSpace }],
  [0x794c7630, { name: 'overlayfs', why: ofContainer }],
  [0x61756673, { name: 'aufs', why: ofContainer }],
]);

/** What is to be said of a file system, by its number; undefined for one that is as good as its disk. */
export function fileSystemWarning(type: number, folder: string): JournalWarning | undefined {
  const found = shaky.get(type);
  if (found === undefined) return undefined;
  return { code: 'JOURNAL_FILE_SYSTEM', message: `${folder} lies on ${found.name}, which ${found.why}` };
}

/** The same, by looking. Never throws: who cannot look has nothing to say. */
export function warningsAbout(folder: string): JournalWarning[] {
  if (process.platform !== 'linux') return [];
  try {
    const warning = fileSystemWarning(fs.statfsSync(folder).type, folder);
    return warning === undefined ? [] : [warning];
  } catch {
    return [];
  }
}
