/**
 * Actor paths: `/orders/order-17`. A path is a list of ids, each written after a slash; the root is `/`.
 * Ids are made of the letters and digits of ASCII and `_ . ~ @ : $ + -`, so a path needs no escaping in a
 * URL's path, a log line, a shell word or a file name (except `:` on Windows). `.` and `..` alone are
 * refused, because URLs and file systems would read them as steps.
 *
 * P1  `parsePath` and `formatPath` are each other's inverse: two different lists never share a path.
 */
import { describeBriefly, TroupeError } from './errors.js';
import { limits } from './limits.js';

/** The path of the system's guardian, above every user's actor. */
const rootPath = '/';

const legalId = /^[A-Za-z0-9_.~@:$+-]+$/;
const illegalCharacter = /[^A-Za-z0-9_.~@:$+-]/u;

/**
 * Check an id for use as the last part of a path.
 * @param field what to call it in the error, e.g. `id` or `children[2].id`
 * @returns the id
 * @throws TroupeError PATH_ILLEGAL naming the character; OPTION_TYPE when it is no string
 */
export function checkId(id: unknown, field = 'id'): string {
  if (typeof id !== 'string') {
    throw new TroupeError('OPTION_TYPE', `${field} must be a string, but is ${describeBriefly(id)}`, {
      field,
      value: id,
    });
  }
  const fault = faultOf(id);
  if (fault !== undefined) throw new TroupeError('PATH_ILLEGAL', `${field} ${fault}`, { field, value: id });
  return id;
}

function faultOf(id: string): string | undefined {
  if (id === '') return 'is empty';
  if (id.length > limits.idCharsMax) return `has ${id.length} characters; the most is ${limits.idCharsMax}`;
  if (id === '.' || id === '..') return `must not be "${id}"`;
  if (legalId.test(id)) return undefined;
  const found = illegalCharacter.exec(id)!;
  const allowed = 'letters, digits and _ . ~ @ : $ + -';
  return `${JSON.stringify(id)} has ${JSON.stringify(found[0])} at position ${found.index}; allowed are ${allowed}`;
}

/**
 * The path of a child.
 * @throws TroupeError PATH_ILLEGAL when the id is illegal or the whole path becomes too long
 */
export function childPath(parent: string, id: string): string {
  checkId(id);
  return checkLength(parent === rootPath ? `/${id}` : `${parent}/${id}`);
}

function checkLength(path: string): string {
  if (path.length <= limits.pathCharsMax) return path;
  throw new TroupeError('PATH_ILLEGAL', `path has ${path.length} characters; the most is ${limits.pathCharsMax}`, {
    field: 'path',
    value: path,
  });
}

/**
 * The ids of a path, outermost first; none for the root.
 * @throws TroupeError PATH_ILLEGAL
 */
export function parsePath(path: string): string[] {
  if (typeof path !== 'string' || !path.startsWith('/')) {
    const message = `path ${describeBriefly(path)} does not begin with "/"`;
    throw new TroupeError('PATH_ILLEGAL', message, { field: 'path', value: path });
  }
  checkLength(path);
  if (path === rootPath) return [];
  const ids = path.slice(1).split('/');
  for (const id of ids) checkId(id, `path ${path}: id`);
  return ids;
}

/** The path of a list of ids. Same errors as `childPath`. */
export function formatPath(ids: readonly string[]): string {
  return ids.reduce(childPath, rootPath);
}

/** The path above, or undefined for the root. Expects a legal path. */
export function parentPath(path: string): string | undefined {
  if (path === rootPath) return undefined;
  return path.slice(0, path.lastIndexOf('/')) || rootPath;
}

/** The last id of a path, '' for the root. Expects a legal path. */
export function idOfPath(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Is a path this one, or below it? Expects legal paths. */
export function isUnder(path: string, under: string): boolean {
  return under === rootPath || path === under || path.startsWith(`${under}/`);
}
