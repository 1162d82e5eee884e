/**
 * What the project's source must look like, as checks of the source itself. Every rule is a pure function from
 * files to problems, so that tidy.test.ts can run it on the real tree and on planted files that must be caught.
 * A problem's text says what to do.
 */
import ts from 'typescript';
import { eachNode, importsOf, lineAt, resolveRelative, type Source } from './source.js';

/** One thing to mend. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  /** What is wrong and what to do instead, in a sentence. */
  readonly say: string;
}

/** The table of layers.cjs. */
export interface Layers {
  readonly rows: readonly (readonly string[])[];
  readonly importedOnlyBy: Readonly<Record<string, readonly string[]>>;
  readonly packageOnlyIn: Readonly<Record<string, readonly string[]>>;
  readonly packageValuesOnlyIn: Readonly<Record<string, readonly string[]>>;
  readonly nodeModulesForbidden: Readonly<Record<string, readonly string[]>>;
  readonly productRooms: readonly string[];
}

/** A problem as one line a terminal can link to. */
export function problemLine({ path, line, say }: Problem): string {
  return `${path}:${line}: ${say}`;
}

/** Longest line, in characters. */
const lineCharsMax = 120;
/** Longer functions are reported. */
const functionLinesMax = 70;
/** Longer files are reported. */
const fileLinesMax = 400;

// ---- imports ----------------------------------------------------------------------------------------------------

/** Is the file the room, or in it? */
function within(file: string, room: string): boolean {
  return file === room || file.startsWith(`${room}/`);
}

/** Imports that point right, into a test double, at a hidden package or at what the room may not touch. */
export function importProblems(source: Source, layers: Layers): Problem[] {
  const room = layers.rows.flat().find((each) => within(source.path, each));
  if (room === undefined) {
    const say = 'the file is in no room: move it into one, or give its room a row in test/tidy/layers.cjs';
    return [{ path: source.path, line: 1, say }];
  }
  return importsOf(source).flatMap((each) => {
    const target = resolveRelative(source.path, each.specifier);
    const say =
      target === undefined
        ? packageProblem(source.path, room, each.specifier, each.typeOnly, layers)
        : arrowProblem(room, target, layers);
    return say === undefined ? [] : [{ path: source.path, line: each.line, say }];
  });
}

function arrowProblem(room: string, target: string, layers: Layers): string | undefined {
  const rowOf = (name: string): number => layers.rows.findIndex((row) => row.includes(name));
  const other = layers.rows.flat().find((each) => within(target, each));
  if (other === undefined || other === room) return undefined;
  const importers = layers.importedOnlyBy[other];
  if (importers !== undefined && !importers.includes(room)) {
    return `imports ${target}: only ${importers.join(', ')} may use ${other}; product code must not lean on doubles`;
  }
  if (rowOf(other) < rowOf(room)) return undefined;
  return `imports ${target}: ${room} may import only what is left of it; move the code, or hand it in from the right`;
}

function packageProblem(
  file: string,
  room: string,
  specifier: string,
  typeOnly: boolean,
  layers: Layers,
): string | undefined {
  if (!layers.productRooms.some((each) => within(file, each))) return undefined;
  const name = packageName(specifier);
  if (name === 'troupe') return 'imports the package by its own name: use a relative path to the source';
  const homes = layers.packageOnlyIn[name] ?? (typeOnly ? undefined : layers.packageValuesOnlyIn[name]);
  if (homes !== undefined && !homes.some((home) => within(file, home))) {
    return `imports ${name}, which is used only in ${homes.join(', ')}: use the contract in front of it`;
  }
  if (layers.nodeModulesForbidden[room]?.includes(specifier.replace(/^node:/, ''))) {
    return `imports ${specifier}: ${room} touches no machine; put this behind a contract, in a room to the right`;
  }
  return undefined;
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

// ---- files nobody imports ---------------------------------------------------------------------------------------

/**
 * Files no entry leads to. A string such as `'./host-entry.js'` counts as an import: that is how threads start.
 * @param isEntry is the file started or imported from outside
 */
export function orphans(sources: readonly Source[], isEntry: (path: string) => boolean): Problem[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reached = new Set<string>();
  const queue = sources.filter((source) => isEntry(source.path));
  for (let source = queue.pop(); source !== undefined; source = queue.pop()) {
    if (reached.has(source.path)) continue;
    reached.add(source.path);
    for (const target of mentions(source)) {
      const next = byPath.get(target);
      if (next !== undefined) queue.push(next);
    }
  }
  return sources
    .filter((source) => !reached.has(source.path))
    .map(({ path }) => ({
      path,
      line: 1,
      say: 'no entry leads to this file: import it where it is used, or delete it',
    }));
}

/** The files a file names, in imports or in any other string. */
function mentions(source: Source): string[] {
  const found: string[] = [];
  eachNode(source, (node) => {
    if (!ts.isStringLiteralLike(node)) return;
    const target = resolveRelative(source.path, node.text);
    if (target !== undefined) found.push(target);
  });
  return found;
}

// ---- banned calls -----------------------------------------------------------------------------------------------

/** A global that product code may not use, and what it uses instead. */
interface Ban {
  /** `Date.now`, `console`, `new Date()`. */
  readonly name: string;
  readonly instead: string;
  /** Files or rooms that may use it, each with the reason. */
  readonly allowed: Readonly<Record<string, string>>;
}

const theClock = { 'src/core/clock.ts': 'it is the clock' };
const timers = 'clock.after(delayMs, wake) of the Clock you were given';
const time = 'clock.now() of the Clock you were given';

/** All bans, with everyone who is excused and why. */
export const bans: readonly Ban[] = [
  { name: 'Date.now', instead: time, allowed: theClock },
  { name: 'new Date()', instead: time, allowed: {} },
  { name: 'Math.random', instead: 'the Random you were given', allowed: { 'src/core/random.ts': 'it is the chance' } },
  { name: 'console', instead: 'a channel of src/observe', allowed: { 'src/observe': 'it is where words leave' } },
  { name: 'setTimeout', instead: timers, allowed: theClock },
  { name: 'setInterval', instead: `${timers}, armed again by wake`, allowed: {} },
];

/** Modules that hand out the banned timers under another name. */
const timerModules = ['timers', 'timers/promises'];

/** Uses of banned globals. A method or field of the same name (`clock.setTimeout`) is no use. */
export function bannedCalls(source: Source): Problem[] {
  const problems: Problem[] = [];
  const report = (node: ts.Node, ban: Ban): void => {
    if (Object.keys(ban.allowed).some((room) => within(source.path, room))) return;
    problems.push({ path: source.path, line: lineAt(source, node.getStart()), say: `${ban.name}: use ${ban.instead}` });
  };
  eachNode(source, (node) => {
    const name = globalName(node);
    const ban = name === undefined ? undefined : bans.find((each) => each.name === name);
    if (ban !== undefined) report(node, ban);
  });
  for (const { specifier, line } of importsOf(source)) {
    if (!timerModules.includes(specifier.replace(/^node:/, ''))) continue;
    problems.push({ path: source.path, line, say: `${specifier}: use ${timers}` });
  }
  return problems;
}

/** The global a node reads, as the table of bans spells it. */
function globalName(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node)) {
    const bare = (node.arguments?.length ?? 0) === 0;
    return bare && ts.isIdentifier(node.expression) && node.expression.text === 'Date' ? 'new Date()' : undefined;
  }
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const owner = node.expression.text;
    return owner === 'globalThis' ? node.name.text : `${owner}.${node.name.text}`;
  }
  return ts.isIdentifier(node) && isRead(node) ? node.text : undefined;
}

/** Is the identifier a value that is read, rather than a name that is given? */
function isRead(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isQualifiedName(parent) || ts.isTypeNode(parent)) return false;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  // A declaration's own name; its default value or initializer is another child.
  return !('name' in parent && parent.name === node);
}

/** A `catch` that does nothing and does not say why: a failure nobody hears of. */
export function silentCatches(source: Source): Problem[] {
  const problems: Problem[] = [];
  eachNode(source, (node) => {
    if (!ts.isCatchClause(node) || !/^\{\s*\}$/.test(node.block.getText())) return;
    const say = 'the failure vanishes: handle it, or say in a comment inside why nothing is lost';
    problems.push({ path: source.path, line: lineAt(source, node.getStart()), say });
  });
  return problems;
}

// ---- text -------------------------------------------------------------------------------------------------------

// In pieces, so that this file does not catch itself.
const unfinished = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'PLACE' + 'HOLDER'].join('|')})\\b`);
const focused = new RegExp(`\\b(describe|context|it|specify)\\.(on${'ly'}|sk${'ip'})\\b|\\bx(it|describe)\\(`);

/** Marks of unfinished work, and tests that are focused or switched off. */
export function leftovers(source: Source): Problem[] {
  return eachLine(source, (text) => {
    const mark = unfinished.exec(text)?.[1];
    if (mark !== undefined) return `${mark}: finish it now, or open an issue and delete the mark`;
    const call = focused.exec(text)?.[0];
    if (call !== undefined) return `${call}: run all tests; delete what is wrong, use this.skip() for another platform`;
    return undefined;
  });
}

/** Lines that are too long for two windows side by side. */
export function longLines(source: Source): Problem[] {
  return eachLine(source, (text) =>
    text.length > lineCharsMax ? `${text.length} characters: break the line, ${lineCharsMax} is the limit` : undefined,
  );
}

function eachLine(source: Source, judge: (text: string) => string | undefined): Problem[] {
  return source.text.split('\n').flatMap((text, index) => {
    const say = judge(text);
    return say === undefined ? [] : [{ path: source.path, line: index + 1, say }];
  });
}

// ---- documentation ----------------------------------------------------------------------------------------------

/** A file that does not open with a comment on what it is and what it owns. */
export function headless(source: Source): Problem[] {
  if (/^(#!.*\n)?\/\*\*/.test(source.text)) return [];
  return [
    { path: source.path, line: 1, say: 'open the file with a comment: what it is, what it owns, its invariants' },
  ];
}

/** Exported declarations without a doc comment. Of overloads the first speaks for all. */
export function undocumented(source: Source): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const statement of source.tree.statements) {
    if (!isExported(statement)) continue;
    const name = declaredName(statement);
    if (name === undefined || seen.has(name)) continue;
    seen.add(name);
    if (ts.getJSDocCommentsAndTags(statement).some(ts.isJSDoc)) continue;
    const say = `export ${name} has no doc comment: say what it is, its parameters with units and defaults, its errors`;
    problems.push({ path: source.path, line: lineAt(source, statement.getStart()), say });
  }
  return problems;
}

function isExported(statement: ts.Statement): boolean {
  return ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some(isExportKeyword);
}

function isExportKeyword(modifier: ts.Modifier): boolean {
  return modifier.kind === ts.SyntaxKind.ExportKeyword;
}

function declaredName(statement: ts.Statement): string | undefined {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations[0]?.name.getText();
  return (statement as unknown as ts.DeclarationStatement).name?.getText();
}

// ---- length, as a report ----------------------------------------------------------------------------------------

/** Functions and files that are long. Not a failure: length is a smell, and a table is long by nature. */
export function lengthReport(source: Source): string[] {
  const report: string[] = [];
  const lines = source.text.split('\n').length - 1;
  if (lines > fileLinesMax) report.push(`${source.path}: ${lines} lines`);
  eachNode(source, (node) => {
    // A suite of tests is a list, not a function to hold in one's head.
    if (!ts.isFunctionLike(node) || source.path.startsWith('test/')) return;
    const first = lineAt(source, node.getStart());
    const length = lineAt(source, node.getEnd()) - first + 1;
    if (length > functionLinesMax) report.push(`${source.path}:${first}: ${functionName(node)} has ${length} lines`);
  });
  return report;
}

function functionName(node: ts.SignatureDeclaration): string {
  const owner = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return owner === undefined ? 'a function' : owner.getText();
}
