// What the tool has to know of a page: its fenced blocks, headings, links and comments, each with its line.
// It reads the Markdown that CONVENTIONS allow, not all that there is.

/**
 * @typedef {object} Block a fenced block
 * @property {number} line of its opening fence, counted from 1
 * @property {string} language the first word of its info string
 * @property {Map<string, string>} attributes what follows, after commas; a bare word has the value ''
 * @property {string} indent what stands before the fence
 * @property {string[]} lines between the fences, without the indent
 * @property {boolean} closed
 */

/**
 * @typedef {object} Heading
 * @property {number} line
 * @property {number} level
 * @property {string} text
 * @property {string} id as mdBook makes it
 */

/** @typedef {{ line: number, target: string }} Link */

/**
 * @typedef {object} Markdown
 * @property {Block[]} blocks
 * @property {Heading[]} headings
 * @property {{ line: number, id: string }[]} terms of definition lists
 * @property {Link[]} links
 * @property {{ line: number, text: string }[]} comments
 * @property {{ line: number, text: string }[]} prose the lines outside of blocks and comments
 */

/**
 * @param {string} text of a page
 * @returns {Markdown}
 */
export function parseMarkdown(text) {
  const lines = text.split('\n');
  /** @type {Markdown} */
  const page = { blocks: [], headings: [], terms: [], links: [], comments: [], prose: [] };
  for (let at = 0; at < lines.length; at++) {
    const fence = /^(\s*)(`{3,}|~{3,})\s*([^`]*)$/.exec(lines[at]);
    if (fence) {
      const [, indent, mark, info] = fence;
      const block = { line: at + 1, ...parseInfo(info), indent, lines: /** @type {string[]} */ ([]), closed: false };
      for (at++; at < lines.length; at++) {
        const line = lines[at].startsWith(indent) ? lines[at].slice(indent.length) : lines[at].trimStart();
        const end = /^\s{0,3}(`{3,}|~{3,})\s*$/.exec(line);
        if (end && end[1][0] === mark[0] && end[1].length >= mark.length) {
          block.closed = true;
          break;
        }
        block.lines.push(line);
      }
      page.blocks.push(block);
      // A question is text of the page: its links are checked too.
      if (block.language === 'question')
        block.lines.forEach((line, index) => {
          for (const target of linksOf(line)) page.links.push({ line: block.line + 1 + index, target });
        });
    } else if (lines[at].includes('<!--')) {
      const start = at;
      while (!lines[at].includes('-->') && at + 1 < lines.length) at++;
      const comment = lines.slice(start, at + 1).join('\n');
      page.comments.push({ line: start + 1, text: /<!--([^]*?)(?:-->|$)/.exec(comment)?.[1].trim() ?? '' });
    } else {
      page.prose.push({ line: at + 1, text: lines[at] });
    }
  }
  const ids = new Map();
  for (const [index, { line, text: prose }] of page.prose.entries()) {
    const heading = /^(#{1,6})\s+(.*?)\s*#*\s*$/.exec(prose);
    if (heading) {
      const own = /^(.*?)\s*\{\s*#([\w-]+)[^}]*\}$/.exec(heading[2]);
      const title = own ? own[1] : heading[2];
      const id = own ? own[2] : unique(headingId(title), ids);
      page.headings.push({ line, level: heading[1].length, text: title, id });
    }
    if (/^: /.test(page.prose[index + 1]?.text ?? '')) page.terms.push({ line, id: unique(headingId(prose), ids) });
    for (const target of linksOf(prose)) page.links.push({ line, target });
  }
  return page;
}

/** `rust,file=src/lib.rs,append` */
function parseInfo(/** @type {string} */ info) {
  const [language = '', ...rest] = info.trim().split(/[\s,]+/);
  const attributes = new Map(
    rest.filter(Boolean).map((word) => {
      const equals = word.indexOf('=');
      return equals < 0
        ? /** @type {const} */ ([word, ''])
        : /** @type {const} */ ([word.slice(0, equals), word.slice(equals + 1)]);
    }),
  );
  return { language, attributes };
}

/**
 * As mdBook does: letters, digits, `_` and `-` stay, a space becomes `-`, everything else goes.
 * @param {string} title in Markdown
 */
export function headingId(title) {
  const plain = title
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(`[^`]*`)|<[^>]*>|\*/g, (_, code) => code ?? '')
    .replace(/`/g, '')
    .trim();
  return [...plain]
    .map((c) => (/[\p{Alphabetic}\p{N}_-]/u.test(c) ? c.toLowerCase() : /\s/.test(c) ? '-' : ''))
    .join('');
}

/** The second of its kind gets `-1`, the third `-2`. */
function unique(/** @type {string} */ id, /** @type {Map<string, number>} */ ids) {
  const seen = ids.get(id) ?? 0;
  ids.set(id, seen + 1);
  return seen === 0 ? id : `${id}-${seen}`;
}

/** @returns {string[]} the targets of its links and pictures, in Markdown and in HTML */
function linksOf(/** @type {string} */ line) {
  const plain = line.replace(/(`+)(?:(?!\1).)*\1/g, '');
  const targets = [...plain.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)].map((match) => match[1]);
  targets.push(...[...plain.matchAll(/\b(?:href|src)="([^"]*)"/g)].map((match) => match[1]));
  const reference = /^\s*\[[^\]]+\]:\s*(\S+)/.exec(plain);
  if (reference) targets.push(reference[1]);
  return targets;
}
