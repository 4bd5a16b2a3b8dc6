/** Text that is safe to put into a page as it is. Made by `html` only. */
export class SafeHtml {
  constructor(readonly text: string) {}
}

type Insertable = string | number | null | SafeHtml | readonly SafeHtml[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Template tag: everything inserted is escaped, for text and for quoted attributes, unless it is `SafeHtml`. */
export function html(strings: TemplateStringsArray, ...values: Insertable[]): SafeHtml {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) text += insert(value) + (strings[index + 1] ?? '');
  return new SafeHtml(text);
}

/** Nothing at all. */
export const NOTHING = new SafeHtml('');

function insert(value: Insertable): string {
  if (value === null) return '';
  if (value instanceof SafeHtml) return value.text;
  if (typeof value === 'object') return value.map((part) => part.text).join('');
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
