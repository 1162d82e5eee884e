/**
 * The files of a log: their names, and where their bytes come from.
 *
 * What I own: names and reading. What the bytes mean belongs to `log-walk.ts`; writing to `log-file.ts`.
 *
 * S1  Who reads beside the owner holds the files: one that the owner drops can still be read.
 */
import fs from 'node:fs';
import { join } from 'node:path';

const namePattern = /^log-(\d{12})\.bin$/;

/** The name of the file with a number. */
export function logFileName(number: number): string {
  return `log-${String(number).padStart(12, '0')}.bin`;
}

/** The numbers of the log files in a folder, in order. */
export function logFileNumbers(folder: string): number[] {
  const numbers = fs.readdirSync(folder).flatMap((name) => namePattern.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => a - b);
}

/** Log files to read from. Calls throw what the file system throws. */
export interface LogSource {
  /** The numbers of the files, in order. */
  numbers(): readonly number[];
  /** How long a file is, in bytes; undefined when there is none. */
  sizeOf(number: number): number | undefined;
  /** A part of a file, as much as there is; undefined when there is no such file. */
  read(number: number, offset: number, bytesMax?: number): Buffer | undefined;
}

/** The files of a folder as they are at each call. For the owner, who alone makes and drops them. */
export function logFolder(folder: string): LogSource {
  const withFile = <T>(number: number, use: (descriptor: number) => T): T | undefined => {
    const descriptor = openIfThere(folder, number);
    if (descriptor === undefined) return undefined;
    try {
      return use(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  };
  return {
    numbers: () => logFileNumbers(folder),
    sizeOf: (number) => fs.statSync(join(folder, logFileName(number)), { throwIfNoEntry: false })?.size,
    read: (number, offset, bytesMax) => withFile(number, (descriptor) => readPart(descriptor, offset, bytesMax)),
  };
}

/** S1. Files stay open until `close`. */
export class HeldLog implements LogSource {
  private readonly descriptors = new Map<number, number>();

  constructor(private readonly folder: string) {}

  /** Open those that were made since. */
  hold(): void {
    for (const number of logFileNumbers(this.folder)) {
      if (this.descriptors.has(number)) continue;
      const descriptor = openIfThere(this.folder, number);
      if (descriptor !== undefined) this.descriptors.set(number, descriptor);
    }
  }

  /** Is a file missing between this one and the last? Then it was dropped before it could be opened. */
  hasGapFrom(number: number): boolean {
    const held = this.numbers().filter((other) => other >= number);
    return held.some((other, index) => other !== number + index);
  }

  numbers(): readonly number[] {
    return [...this.descriptors.keys()].sort((a, b) => a - b);
  }

  sizeOf(number: number): number | undefined {
    const descriptor = this.descriptors.get(number);
    return descriptor === undefined ? undefined : fs.fstatSync(descriptor).size;
  }

  read(number: number, offset: number, bytesMax?: number): Buffer | undefined {
    const descriptor = this.descriptors.get(number);
    return descriptor === undefined ? undefined : readPart(descriptor, offset, bytesMax);
  }

  close(): void {
    for (const descriptor of this.descriptors.values()) fs.closeSync(descriptor);
    this.descriptors.clear();
  }
}

function openIfThere(folder: string, number: number): number | undefined {
  try {
    return fs.openSync(join(folder, logFileName(number)), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readPart(descriptor: number, offset: number, bytesMax = Number.POSITIVE_INFINITY): Buffer {
  const bytes = Math.min(bytesMax, Math.max(0, fs.fstatSync(descriptor).size - offset));
  const target = Buffer.allocUnsafeSlow(bytes);
  for (let done = 0; done < bytes; ) {
    const read = fs.readSync(descriptor, target, done, bytes - done, offset + done);
    if (read === 0) return target.subarray(0, done);
    done += read;
  }
  return target;
}
