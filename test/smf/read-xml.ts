/**
 * Reads the XML that a service manifest is made of, strictly: elements, attributes, comments, character data, the five
 * entities. What is not well formed is refused with its line. A package for one file would be more to look after;
 * `npm run test:service` asks xmllint as well.
 */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** Character data directly in it. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const NAME = String.raw`[A-Za-z_][\w:.-]*`;
const TOKEN = new RegExp(
  [
    String.raw`<!--(?<comment>(?:(?!--)[^])*)-->`,
    String.raw`<(?<open>${NAME})(?<attributes>(?:\s+${NAME}="[^"<]*")*)\s*(?<empty>/?)>`,
    String.raw`</(?<close>${NAME})\s*>`,
    String.raw`(?<text>[^<]+)`,
  ].join('|'),
  'y',
);
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

export function readXml(xml: string): Element {
  const prolog = /^<\?xml version="1\.0"\?>\s*(?:<!DOCTYPE [^>[]+>)?/.exec(xml);
  if (prolog === null) throw new Error('no XML declaration');
  const refuse = (what: string): never => {
    throw new Error(`line ${String(xml.slice(0, TOKEN.lastIndex).split('\n').length)}: ${what}`);
  };
  const plain = (text: string): string =>
    text.replaceAll(
      /&([^;]*);?/g,
      (whole, name: string) => ENTITIES[name] ?? refuse(`${whole} is no entity`),
    );
  const root: Open = { name: '', attributes: {}, children: [], text: '' };
  const stack: Open[] = [root];
  for (TOKEN.lastIndex = prolog[0].length; TOKEN.lastIndex < xml.length;) {
    const before = TOKEN.lastIndex;
    const token = TOKEN.exec(xml)?.groups;
    const inside = stack.at(-1) ?? root;
    if (token === undefined) {
      TOKEN.lastIndex = before;
      return refuse(`not well formed: ${xml.slice(before, before + 30)}`);
    }
    const { open, attributes: list = '', empty, close, text } = token;
    if (open !== undefined) {
      const pairs = [...list.matchAll(/([\w:.-]+)="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, plain(value)] as const,
      );
      const attributes = Object.fromEntries(pairs);
      if (Object.keys(attributes).length < pairs.length) refuse(`an attribute of ${open} is there twice`);
      const element: Open = { name: open, attributes, children: [], text: '' };
      inside.children.push(element);
      if (empty === '') stack.push(element);
    } else if (close !== undefined) {
      if (stack.length === 1 || inside.name !== close) refuse(`</${close}> where <${inside.name}> is open`);
      stack.pop();
    } else if (text !== undefined) {
      if (stack.length === 1 && text.trim() !== '') refuse('text outside of the root');
      inside.text += plain(text);
    }
  }
  const [only, ...others] = root.children;
  if (stack.length > 1) refuse(`<${stack.at(-1)?.name ?? ''}> is never closed`);
  if (only === undefined || others.length > 0) return refuse('not one root element');
  return only;
}
