// The built book as an EPUB 3: https://www.w3.org/TR/epub-33/. A reader of books runs no scripts, so questions are text with their
// answers at the end of the page, live parts are what is in the page for readers without script, and all panels of tabs are shown.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { loadBook } from './book.mjs';
import { htmlName } from './links.mjs';
import { element, elementsIn, escape, is, parseHtml, serialize } from './xhtml.mjs';
import { zip } from './zip.mjs';

/** @typedef {import('./xhtml.mjs').Node} Node */

const BUILT = 'target/book';
const STYLE = 'epub.css';

/**
 * @param {string} root of the repository, with the book built
 * @param {string} [out]
 * @returns {string} the file that was written
 */
export function writeEpub(root, out = 'target/everyhost.epub') {
  const book = loadBook(root);
  const built = new Map(book.pages.map(({ name }) => [name, htmlName(name)]));
  /** @type {Set<string>} */
  const pictures = new Set();
  const pages = book.pages.map(({ name, title, part }, index) => {
    const html = path.join(root, BUILT, built.get(name) ?? '');
    if (!existsSync(html)) throw new Error(`${html} is not there; make book builds it`);
    try {
      const [, content] = /<main>([^]*)<\/main>/.exec(readFileSync(html, 'utf8')) ?? [];
      if (content === undefined) throw new Error('there is no <main>');
      const page = new Page(built.get(name) ?? '', new Set(built.values()));
      const nodes = page.convert(parseHtml(content));
      for (const picture of page.pictures) pictures.add(picture);
      return { id: `page-${index}`, file: page.file, title, part, text: xhtml(title, serialize(nodes), page.file) };
    } catch (error) {
      throw new Error(`${BUILT}/${built.get(name)}: ${/** @type {Error} */ (error).message}`, { cause: error });
    }
  });
  const images = [...pictures].sort();
  const about = { ...bookToml(root), ...versionOf(root) };
  const file = path.resolve(root, out);
  writeFileSync(
    file,
    zip([
      ['mimetype', 'application/epub+zip'],
      ['META-INF/container.xml', CONTAINER],
      ['book/package.opf', packageDocument(about, pages, images)],
      ['book/nav.xhtml', navigation(pages)],
      ['book/title.xhtml', titlePage(about)],
      [`book/${STYLE}`, readFileSync(path.join(root, 'docs/theme', STYLE), 'utf8')],
      ...pages.map(({ file, text }) => /** @type {[string, string]} */ ([`book/${file}`, text])),
      ...images.map(
        (name) => /** @type {[string, Buffer]} */ ([`book/${name}`, readFileSync(path.join(root, BUILT, name))]),
      ),
    ]),
  );
  return file;
}

/** @type {(html: string) => string} */
const xhtmlName = (html) => html.replace(/\.html$/, '.xhtml');

/** Makes XHTML without script of what mdBook built. */
class Page {
  /** @type {Set<string>} below the book */
  pictures = new Set();
  /** @type {Node[]} */
  #answers = [];
  #questions = 0;

  /**
   * @param {string} html its name, from the root of the book
   * @param {Set<string>} pages the names of all pages
   */
  constructor(html, pages) {
    this.html = html;
    this.file = xhtmlName(html);
    this.pages = pages;
  }

  /** @returns {Node[]} */
  convert(/** @type {Node[]} */ nodes) {
    const content = this.#all(nodes);
    if (this.#answers.length === 0) return content;
    return [...content, element('section', { class: 'answers' }, element('h2', {}, 'Answers'), ...this.#answers)];
  }

  /** @returns {Node[]} */
  #all(/** @type {Node[]} */ nodes) {
    return nodes.flatMap((node) => this.#one(node));
  }

  /** @returns {Node[]} */
  #one(/** @type {Node} */ node) {
    if (typeof node === 'string') return [node];
    if (is(node, 'a', 'header')) return this.#all(node.children);
    if (is(node, 'div', 'question-progress')) return [];
    // A picture that a click makes larger.
    if (is(node, 'label', 'checkbox-label'))
      return this.#all([...elementsIn(node.children)].filter(({ name }) => name === 'img'));
    if (is(node, 'section', 'question')) return [this.#question(node)];
    if (is(node, 'details')) return [this.#unfolded(node)];
    if (is(node, 'section') && node.attributes.has('data-tab')) return [this.#panel(node)];
    if (['button', 'form', 'input', 'script', 'style'].includes(node.name)) {
      throw new Error(`<${node.name}> does nothing in an EPUB`);
    }
    const made = element(node.name, {}, ...this.#all(node.children));
    for (const [name, value] of node.attributes) if (!name.startsWith('data-')) made.attributes.set(name, value);
    const { attributes } = made;
    if (node.name === 'a' && attributes.has('href')) attributes.set('href', this.#link(attributes.get('href') ?? ''));
    if (node.name === 'img') this.pictures.add(this.#resolve(attributes.get('src') ?? ''));
    return [made];
  }

  /** Its text and the choices; the answer goes to the end of the page. */
  #question(/** @type {import('./xhtml.mjs').Element} */ question) {
    const id = question.attributes.get('id') ?? '';
    const number = `Question ${(this.#questions += 1)}`;
    /** @type {Node[]} */
    const shown = [element('p', { class: 'question-number' }, number)];
    for (const child of question.children) {
      if (typeof child === 'string') shown.push(child);
      else if (is(child, 'form')) {
        const inside = [...elementsIn(child.children)];
        for (const legend of inside.filter(({ name }) => name === 'legend')) {
          shown.push(element('p', { class: 'question-text' }, ...this.#all(legend.children)));
        }
        const choices = inside.filter((each) => is(each, 'div', 'question-choice'));
        const items = choices.map((choice) => {
          const label = [...elementsIn(choice.children)].find(({ name }) => name === 'label');
          return element('li', {}, ...this.#all(label?.children ?? []));
        });
        if (items.length > 0) shown.push(element('ul', {}, ...items));
      } else if (is(child, 'details', 'question-details')) {
        const answer = child.children.filter((each) => !is(each, 'summary'));
        const back = element('p', { class: 'question-number' }, element('a', { href: `#${id}` }, number));
        this.#answers.push(element('section', { id: `${id}-answer` }, back, ...this.#all(answer)));
        shown.push(element('p', {}, element('a', { href: `#${id}-answer` }, 'The answer')));
      } else shown.push(...this.#one(child));
    }
    return element('section', { id, class: 'question' }, ...shown);
  }

  /** What is folded in a browser. Not every reader of books can fold. */
  #unfolded(/** @type {import('./xhtml.mjs').Element} */ details) {
    const children = details.children.map((child) =>
      typeof child !== 'string' && child.name === 'summary'
        ? element('p', {}, element('strong', {}, ...child.children))
        : child,
    );
    return element('div', { class: 'solution' }, ...this.#all(children));
  }

  /** A panel of tabs, under its title if it has no heading of its own. */
  #panel(/** @type {import('./xhtml.mjs').Element} */ section) {
    const first = section.children.find((child) => typeof child !== 'string');
    const titled = first !== undefined && ['h2', 'h3', 'h4'].some((name) => is(first, name));
    const title = element('p', {}, element('strong', {}, section.attributes.get('data-tab') ?? ''));
    return element('section', {}, ...(titled ? [] : [title]), ...this.#all(section.children));
  }

  #link(/** @type {string} */ href) {
    if (/^https?:|^#/.test(href)) return href;
    const [, target, anchor] = /^([^#]*)(#.*)?$/.exec(href) ?? [];
    if (!this.pages.has(this.#resolve(target))) throw new Error(`it links to ${href}, which is no page of the EPUB`);
    return xhtmlName(target) + (anchor ?? '');
  }

  /** @returns {string} from the root of the book */
  #resolve(/** @type {string} */ target) {
    return path.posix.join(path.posix.dirname(this.html), target);
  }
}

/** @typedef {{ id: string, file: string, title: string, part: string }} Entry */
/** @typedef {ReturnType<typeof bookToml> & ReturnType<typeof versionOf>} About */

/** What book.toml says of the book. */
function bookToml(/** @type {string} */ root) {
  const toml = readFileSync(path.join(root, 'docs/book.toml'), 'utf8');
  const value = (/** @type {string} */ key) => {
    const [, text] = new RegExp(`^${key} = \\[?"([^"]*)"\\]?$`, 'm').exec(toml) ?? [];
    if (text === undefined) throw new Error(`docs/book.toml has no ${key} = "…"`);
    return text;
  };
  return {
    title: value('title'),
    description: value('description'),
    author: value('authors'),
    language: value('language'),
  };
}

function versionOf(/** @type {string} */ root) {
  const say = (/** @type {string[]} */ words) =>
    execFileSync(path.join(root, 'scripts/version.sh'), words, { encoding: 'utf8' }).trim();
  return { version: say([]), date: say(['date']) };
}

const CONTAINER = `<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
`;

/** @type {(about: About, pages: Entry[], images: string[]) => string} */
function packageDocument(about, pages, images) {
  const items = [
    '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
    '<item id="title" href="title.xhtml" media-type="application/xhtml+xml"/>',
    `<item id="style" href="${STYLE}" media-type="text/css"/>`,
    ...pages.map(({ id, file }) => `<item id="${id}" href="${file}" media-type="application/xhtml+xml"/>`),
    ...images.map((file, index) => `<item id="image-${index}" href="${file}" media-type="${mediaType(file)}"/>`),
  ];
  const order = ['title', 'nav', ...pages.map(({ id }) => id)];
  return `<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book" xml:lang="${about.language}">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="book">urn:everyhost:book:${about.version}</dc:identifier>
<dc:title>${escape(about.title)}</dc:title>
<dc:creator>${escape(about.author)}</dc:creator>
<dc:language>${about.language}</dc:language>
<dc:description>${escape(about.description)}</dc:description>
<dc:rights>MIT OR Apache-2.0</dc:rights>
<meta property="dcterms:modified">${about.date}T00:00:00Z</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">Text, tables and code. Each picture has a text that says the same.</meta>
</metadata>
<manifest>
${items.join('\n')}
</manifest>
<spine>
${order.map((id) => `<itemref idref="${id}"/>`).join('\n')}
</spine>
</package>
`;
}

function mediaType(/** @type {string} */ file) {
  /** @type {Record<string, string>} */
  const known = { '.svg': 'image/svg+xml', '.png': 'image/png', '.jpg': 'image/jpeg' };
  const type = known[path.extname(file)];
  if (!type) throw new Error(`${file}: no media type is known for it here`);
  return type;
}

function navigation(/** @type {Entry[]} */ pages) {
  /** @type {string[]} */
  const lines = [];
  let part = '';
  for (const page of pages) {
    if (page.part !== part) {
      if (part !== '') lines.push('</ol></li>');
      lines.push(`<li><span>${escape(page.part)}</span><ol>`);
      part = page.part;
    }
    lines.push(`<li><a href="${page.file}">${escape(page.title)}</a></li>`);
  }
  if (part !== '') lines.push('</ol></li>');
  const list = `<h1>Contents</h1>\n<ol>\n${lines.join('\n')}\n</ol>`;
  return xhtml('Contents', `<nav epub:type="toc" id="toc">\n${list}\n</nav>`, 'nav.xhtml');
}

const titlePage = (/** @type {About} */ { title, description, author, version, date }) =>
  xhtml(
    title,
    `<h1>${escape(title)}</h1>
<p>${escape(description)}</p>
<p>${escape(author)}. Version ${version}, ${date}.</p>
<p>The book on the web has live parts, and questions that check your answer. Here you read them.</p>`,
    'title.xhtml',
  );

/** @type {(title: string, body: string, file: string) => string} */
function xhtml(title, body, file) {
  const style = path.posix.relative(path.posix.dirname(file), STYLE);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>${escape(title)}</title><link rel="stylesheet" type="text/css" href="${style}"/></head>
<body>
${body}
</body>
</html>
`;
}
