/** How a place inside a value is written: `items[3].name`. */

/** A place as Standard Schema gives it. */
export type Place = readonly (PropertyKey | { readonly key: PropertyKey })[];

/** `['items', 3, 'two words']` as `items[3]["two words"]`; the value itself is the empty text. */
export function placeText(place: Place | undefined): string {
  let text = '';
  for (const segment of place ?? []) {
    const key = typeof segment === 'object' ? segment.key : segment;
    if (typeof key === 'number') text += `[${key}]`;
    else if (typeof key === 'string' && /^[A-Za-z_$][\w$]*$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${JSON.stringify(String(key))}]`;
  }
  return text;
}
