/** What the agents of this suite are asked, and what their model says: it has the number doubled by a tool. */

/** The question of run number `at`. @param thinksMs how long the model is to think before each of its answers */
export function question(at: number, thinksMs: number): string {
  return `Double ${at}, and think for ${thinksMs} ms.`;
}

/** What a run of that question must come to. */
export function doubled(at: number): string {
  return `It is ${2 * at}.`;
}

/** What the model says: it calls the tool, or has heard from it. */
export interface DoublerReply {
  readonly thinksMs: number;
  readonly call?: { readonly name: 'double'; readonly args: { readonly value: number } };
  readonly text: string;
}

/** @param asked the question @param told what the tool said, if it has */
export function doublerReply(asked: string, told: string | undefined): DoublerReply {
  const [value = Number.NaN, thinksMs = 0] = asked.match(/\d+/g)?.map(Number) ?? [];
  if (told !== undefined) return { thinksMs, text: `It is ${told}.` };
  return { thinksMs, call: { name: 'double', args: { value } }, text: '' };
}
