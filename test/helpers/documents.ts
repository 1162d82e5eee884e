/** The documents as data: their code blocks, and a folder in which those blocks are a user's program. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** One fenced block of a document. */
export interface CodeBlock {
  /** The document, from the project's root. */
  readonly document: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  /** `ts`, `sh`, ... */
  readonly language: string;
  readonly code: string;
  /** What its first line names, as in `// counter.ts`. */
  readonly file: string | undefined;
}

/** Users' documents with code in them. */
export function documentsWithCode(root: string): string[] {
  const guides = readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...guides.map((name) => `docs/${name}`)];
}

/** The fenced blocks of a document, in order. */
export function codeBlocks(root: string, document: string): CodeBlock[] {
  const text = readFileSync(path.join(root, document), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => {
    const code = match[2]!;
    const line = text.slice(0, match.index).split('\n').length + 1;
    return { document, line, language: match[1]!, code, file: /^\/\/ ([\w-]+\.ts)\n/.exec(code)?.[1] };
  });
}

/** Make `folder` an ESM project that has the built package, XState and Node's types installed. */
export function makeProject(folder: string, root: string): void {
  const installed = path.join(folder, 'node_modules');
  mkdirSync(installed, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }\n');
  symlinkSync(root, path.join(installed, 'troupe'), 'junction');
  for (const name of ['xstate', '@types', 'undici-types']) {
    symlinkSync(path.join(root, 'node_modules', name), path.join(installed, name), 'junction');
  }
}

/** What the compiler has to say about the files of a folder, one line each; it also writes their JavaScript. */
export function compile(folder: string, files: readonly string[]): string[] {
  const program = ts.createProgram(
    files.map((file) => path.join(folder, file)),
    {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      strict: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [path.join(folder, 'node_modules', '@types')],
    },
  );
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    const name = file === undefined ? '' : path.relative(folder, file.fileName);
    return `${name}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

/** Run a program of the folder to its end. */
export function run(folder: string, file: string): { stdout: string; stderr: string; status: number | null } {
  const ended = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8', timeout: 30_000 });
  return { stdout: ended.stdout, stderr: ended.stderr, status: ended.status };
}
