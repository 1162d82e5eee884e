/** A hash for spreading and comparing: the same on every machine and for ever, because results of it are stored. */

/** FNV-1a over a text's UTF-16 units. @returns a whole number from 0 to 2^32 - 1 */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
