/** Results as a JSON file that a person can read too, and whose differences a version control shows line by line. */

/** Indented by two; an object or a list that holds no other stands on one line, as a sample does. */
export function jsonText(value: unknown): string {
  const indented = JSON.stringify(value, undefined, 2);
  // A line break in a string is written `\n`, so what is replaced is always layout.
  return `${indented.replace(/\{[^{}[\]]*\}|\[[^{}[\]]*\]/g, (flat) => flat.replace(/\s*\n\s*/g, ' '))}\n`;
}
