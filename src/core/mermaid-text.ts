/** A text as part of a quoted label of Mermaid's: whatever could mean something to Mermaid or to HTML is a number. */
export function mermaidText(text: string): string {
  return text.replace(/[^A-Za-z0-9 _.,/:-]/gu, (character) => `#${character.codePointAt(0)};`);
}
