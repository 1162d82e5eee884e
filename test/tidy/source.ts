/**
 * The project's own source as data, for the checks in rules.ts: files with their text and syntax tree, and what
 * each one imports.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** One source file. `path` is relative to the project's root, with forward slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** One place where a file names another module. */
export interface Import {
  /** As written: `./ref.js`, `node:fs`, `xstate`. */
  readonly specifier: string;
  readonly line: number;
  /** True when nothing of it is left after compiling. */
  readonly typeOnly: boolean;
}

/** A file made of given text; used for real files and for planted ones. */
export function makeSource(filePath: string, text: string): Source {
  return { path: filePath, text, tree: ts.createSourceFile(filePath, text, ts.ScriptTarget.Latest, true) };
}

/** The project's root: the folder, here or above, whose package.json is the package's. */
export function projectRoot(): string {
  let folder = process.cwd();
  for (;;) {
    if (manifestName(folder) === 'troupe') return folder;
    const parent = path.dirname(folder);
    if (parent === folder)
      throw new Error(`run the tests inside the project: no package.json of troupe above ${process.cwd()}`);
    folder = parent;
  }
}

function manifestName(folder: string): unknown {
  try {
    return (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name?: unknown }).name;
  } catch {
    return undefined;
  }
}

/** All source files below the given folders, in a fixed order. Folders that do not exist are empty. */
export function readSources(root: string, folders: readonly string[]): Source[] {
  return folders
    .flatMap((folder) => filesBelow(root, folder))
    .filter((file) => /\.(ts|cjs|mjs)$/.test(file))
    .map((file) => makeSource(file, readFileSync(path.join(root, file), 'utf8')));
}

function filesBelow(root: string, folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(path.join(root, folder)).sort();
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const file = `${folder}/${name}`;
    return statSync(path.join(root, file)).isDirectory() ? filesBelow(root, file) : [file];
  });
}

/** The line of a position, counted from 1. */
export function lineAt(source: Source, position: number): number {
  return source.tree.getLineAndCharacterOfPosition(position).line + 1;
}

/** Call `visit` for every node of the file, parents first. */
export function eachNode(source: Source, visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, walk);
  };
  walk(source.tree);
}

/** Everything the file imports: statements, re-exports, `import()` and `import('...').Type`. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, literal: ts.Node | undefined, typeOnly: boolean): void => {
    if (literal === undefined || !ts.isStringLiteralLike(literal)) return;
    found.push({ specifier: literal.text, line: lineAt(source, node.getStart()), typeOnly });
  };
  eachNode(source, (node) => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, importsOnlyTypes(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false);
    }
  });
  return found;
}

function importsOnlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  return (
    clause.name === undefined &&
    names !== undefined &&
    ts.isNamedImports(names) &&
    names.elements.length > 0 &&
    names.elements.every((element) => element.isTypeOnly)
  );
}

/** The source file a relative specifier means, seen from `from`; undefined for packages and Node's modules. */
export function resolveRelative(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return path.posix.join(path.posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}
