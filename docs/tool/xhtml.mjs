// The content of a page that mdBook has built, as a tree, and as XHTML.

/**
 * @typedef {object} Element
 * @property {string} name
 * @property {Map<string, string>} attributes their text as in the source
 * @property {Node[]} children
 *
 * @typedef {Element | string} Node text as in the source
 */

/** Without a closing tag in HTML. */
const VOID = new Set(['area', 'br', 'col', 'hr', 'img', 'input', 'link', 'meta', 'source', 'wbr']);
/** All that XML has names for. mdBook writes any other character as it is. */
const XML_REFERENCE = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i;
const TOKEN =
  /<!--[^]*?-->|<\/(?<closed>[a-z][\w-]*)\s*>|<(?<opened>[a-z][\w-]*)(?<attributes>(?:\s+[^\s=>/"']+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+))?)*)\s*\/?>|[^<]+|</gi;
const ATTRIBUTE = /([^\s=>/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/g;

/** @type {(name: string, attributes?: Record<string, string>, ...children: Node[]) => Element} */
export const element = (name, attributes = {}, ...children) => ({
  name,
  attributes: new Map(Object.entries(attributes)),
  children,
});

/**
 * @param {string} html without comments, scripts and styles that matter
 * @returns {Node[]}
 * @throws {Error} if it isn't as mdBook writes it: each element closed, no reference that XML does not know
 */
export function parseHtml(html) {
  const root = element('root');
  const open = [root];
  for (const { 0: token, groups = {} } of html.matchAll(TOKEN)) {
    const parent = open[open.length - 1];
    if (token.startsWith('<!--')) continue;
    if (groups.closed) {
      if (groups.closed.toLowerCase() !== parent.name) throw new Error(`${token} is where </${parent.name}> should be`);
      open.pop();
    } else if (groups.opened) {
      const made = element(groups.opened.toLowerCase());
      for (const [, name, ...values] of groups.attributes.matchAll(ATTRIBUTE)) {
        made.attributes.set(name.toLowerCase(), values.find((value) => value !== undefined) ?? '');
      }
      parent.children.push(made);
      if (!VOID.has(made.name)) open.push(made);
    } else if (token === '<' || XML_REFERENCE.test(token)) {
      throw new Error(`cannot be XHTML: ${token.trim().slice(0, 80)}`);
    } else parent.children.push(token);
  }
  if (open.length > 1) throw new Error(`<${open[open.length - 1].name}> is never closed`);
  return root.children;
}

/** @returns {string} XHTML */
export function serialize(/** @type {Node[]} */ nodes) {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      const attributes = [...node.attributes].map(
        ([name, value]) => ` ${name}="${value.replaceAll('<', '&lt;').replaceAll('"', '&quot;')}"`,
      );
      const tag = `${node.name}${attributes.join('')}`;
      return VOID.has(node.name) ? `<${tag}/>` : `<${tag}>${serialize(node.children)}</${node.name}>`;
    })
    .join('');
}

/** @type {(node: Node, name: string, className?: string) => boolean} */
export const is = (node, name, className) =>
  typeof node !== 'string' && node.name === name && (className === undefined || hasClass(node, className));

/** @type {(node: Element, name: string) => boolean} */
const hasClass = (node, name) => (node.attributes.get('class') ?? '').split(/\s+/).includes(name);

/** @returns {Generator<Element>} every element in it, in their order */
export function* elementsIn(/** @type {Node[]} */ nodes) {
  for (const node of nodes) {
    if (typeof node === 'string') continue;
    yield node;
    yield* elementsIn(node.children);
  }
}

/** @type {(text: string) => string} */
export const escape = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
