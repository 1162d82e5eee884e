/** SVG as text: elements, attributes, and nothing that could break out of them. */

/** Attributes by name; an undefined one is left out. Numbers are written to two decimals. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element. @param content the elements inside, or text, which the caller has passed through `text` */
export function element(name: string, attributes: Attributes, content: string | readonly string[] = []): string {
  const pairs = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${typeof value === 'number' ? number(value) : escapeText(value)}"`],
  );
  const inside = typeof content === 'string' ? content : content.map((each) => `\n${each}`).join('');
  if (inside === '') return `<${name}${pairs.join('')}/>`;
  return `<${name}${pairs.join('')}>${inside}${typeof content === 'string' ? '' : '\n'}</${name}>`;
}

/** Text as it may stand inside an element or an attribute. */
export function escapeText(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}

/** A number with at most two decimals. */
export function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
