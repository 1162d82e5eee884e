/** A child process of a test that speaks JSON lines: each line it prints is a message. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { createInterface } from 'node:readline';

/** See the file's header. */
export class Child {
  /** Everything it said so far. */
  readonly messages: unknown[] = [];
  private readonly process: ChildProcess;
  private readonly ended: Promise<void>;
  private errors = '';
  private waiters: (() => void)[] = [];
  private isOver = false;

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.process = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stderr!.on('data', (text: Buffer) => {
      this.errors += text.toString();
    });
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      this.messages.push(JSON.parse(line));
      this.wake();
    });
    this.ended = new Promise((resolve) => {
      this.process.on('close', () => {
        this.isOver = true;
        this.wake();
        resolve();
      });
    });
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** It has ended, and all it said was heard. */
  get hasEnded(): boolean {
    return this.isOver;
  }

  /** What it wrote to stderr. */
  get stderr(): string {
    return this.errors;
  }

  /** Resolves when it has said so many messages; rejects when it ends before. */
  async said(count: number): Promise<unknown[]> {
    while (this.messages.length < count) {
      if (this.isOver) throw new Error(`the child ended after ${this.messages.length} messages: ${this.errors}`);
      await new Promise<void>((resolve) => {
        this.waiters.push(resolve);
      });
    }
    return this.messages;
  }

  /** Resolves when it has ended by itself. */
  async end(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    await this.ended;
    return { code: this.process.exitCode, signal: this.process.signalCode };
  }

  /** kill -9, and wait until it is gone. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  private wake(): void {
    const { waiters } = this;
    this.waiters = [];
    for (const waiter of waiters) waiter();
  }
}
