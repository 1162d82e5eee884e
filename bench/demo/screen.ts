/**
 * What the demo prints. On a terminal the last line is a progress bar and there is colour; elsewhere progress is a
 * plain line now and then. Nothing is wider than 80 columns.
 *
 * I own standard output while the demo runs.
 */
import { styleText } from 'node:util';

/** The styles in use. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const columns = 80;
const barWidth = 30;
/** Without a terminal: a line at each of so many steps. */
const plainSteps = 10;

/** A number with commas, the same in every locale. */
export function grouped(number: number): string {
  return number.toLocaleString('en-US');
}

/** Bytes for people. */
export function sized(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1_000 ** power).toFixed(1)} ${['', 'kB', 'MB', 'GB', 'TB'][power]}`;
}

/** A duration. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** Shorten a text in its middle, where paths differ least. */
export function shortened(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.floor((width - 1) / 3);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}

/** Prints. */
export class Screen {
  private readonly isTerminal = process.stdout.isTTY === true;
  private readonly isColoured = this.isTerminal && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
  private hasBar = false;
  private stepShown = -1;

  /** @param startedAt what times count from, in milliseconds since 1970 */
  constructor(readonly startedAt: number = Date.now()) {}

  /** Text in a style, where there is colour. */
  paint(style: Style, text: string): string {
    // Newer versions of Node look at the stream themselves and would leave the style out again.
    return this.isColoured ? styleText(style, text) : text;
  }

  /** A line, or several. */
  print(text = ''): void {
    this.clearBar();
    process.stdout.write(`${text}\n`);
  }

  /** End the line another process has left behind. */
  endLine(): void {
    process.stdout.write(this.isTerminal ? '\r\x1b[K\n' : '\n');
  }

  /** A heading above a block. */
  heading(text: string): void {
    this.print(`\n${this.paint('bold', text)}`);
  }

  /** Something that happened, with the time since the start. Breaks between words. */
  event(style: Style, mark: string, text: string): void {
    const time = seconds(Date.now() - this.startedAt).padStart(8);
    const [first, ...others] = wrapped(text, columns - 12);
    this.print(`${this.paint('dim', time)}  ${this.paint(style, `${mark} ${first}`)}`);
    for (const line of others) this.print(`${' '.repeat(12)}${this.paint(style, line)}`);
  }

  /** How far it is. */
  progress(done: number, total: number): void {
    const part = total === 0 ? 1 : Math.min(1, done / total);
    if (!this.isTerminal) {
      this.plainProgress(part, done, total);
      return;
    }
    const full = Math.round(part * barWidth);
    const bar = this.paint('cyan', '█'.repeat(full)) + this.paint('dim', '░'.repeat(barWidth - full));
    const time = seconds(Date.now() - this.startedAt).padStart(8);
    const percent = `${Math.floor(part * 100)} %`.padStart(5);
    process.stdout.write(`\r\x1b[K${time}  ${bar} ${percent}  ${grouped(done)} of ${grouped(total)} files`);
    this.hasBar = true;
  }

  private plainProgress(part: number, done: number, total: number): void {
    const step = Math.floor(part * plainSteps);
    if (step <= this.stepShown) return;
    this.stepShown = step;
    const percent = `${Math.floor(part * 100)} %`.padStart(5);
    this.event('dim', percent, `${grouped(done)} of ${grouped(total)} files`);
  }

  private clearBar(): void {
    if (this.hasBar) process.stdout.write('\r\x1b[K');
    this.hasBar = false;
  }
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > width && line !== '') {
      lines.push(line);
      line = shortened(word, width);
    } else line = line === '' ? shortened(word, width) : longer;
  }
  return [...lines, line];
}
