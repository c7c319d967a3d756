// mdBook's includes, held to more than mdBook holds them to: it exits 0 on a misspelt anchor and on a missing file.

import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const INCLUDE = /^\{\{#include\s+([^\s}:]+)(?::([^\s}]*))?\s*\}\}$/;
const START = /\bANCHOR:\s*([\w-]+)/;
const END = /\bANCHOR_END:\s*([\w-]+)/;

/** Folders of what is built or installed: none of it is in a clone. */
const NOT_COMMITTED = /(^|\/)(target|node_modules|\.venv)(\/|$)/;

/** @returns {{ file: string, anchor: string | undefined } | undefined} undefined where it is no include */
export function parseInclude(/** @type {string} */ line) {
  const match = INCLUDE.exec(line.trim());
  return match ? { file: match[1], anchor: match[2] } : undefined;
}

/**
 * @param {string} root of the repository
 * @param {string} page the page that includes, absolute
 * @param {{ file: string, anchor: string | undefined }} include
 * @returns {{ lines: string[] } | { problem: string }} what it stands for, or what is wrong with it
 */
export function resolveInclude(root, page, { file, anchor }) {
  const absolute = path.resolve(path.dirname(page), file);
  const shown = path.relative(root, absolute);
  if (shown.startsWith('..')) return { problem: `${file} is outside of the repository` };
  if (NOT_COMMITTED.test(shown)) {
    return { problem: `${shown} is built, not committed: show it in a console block, with the command that reads it` };
  }
  if (!existsSync(absolute) || !statSync(absolute).isFile()) {
    return { problem: `the included file ${shown} does not exist: mend the path, or write the file` };
  }
  const lines = readFileSync(absolute, 'utf8').replace(/\n$/, '').split('\n');
  if (anchor === undefined) {
    if (lines.some((line) => START.test(line))) {
      return { problem: `${shown} has anchors, which would be shown: include one by its name` };
    }
    if (lines.every((line) => line.trim() === '')) return { problem: `the included file ${shown} is empty` };
    return { lines };
  }
  if (anchor === '' || /^\d*(:\d*)?$/.test(anchor)) {
    return { problem: `${file}:${anchor} names lines, which move: put an anchor around them` };
  }
  return section(lines, anchor, shown);
}

/**
 * @param {string[]} lines
 * @param {string} anchor
 * @param {string} shown the file's name, for messages
 */
function section(lines, anchor, shown) {
  const starts = indexes(lines, START, anchor);
  const ends = indexes(lines, END, anchor);
  if (starts.length === 0) {
    const known = lines.flatMap((line) => START.exec(line)?.[1] ?? []);
    const there = known.length > 0 ? `it has ${known.join(', ')}` : 'it has none';
    return { problem: `${shown} has no anchor ${anchor}: ${there}` };
  }
  if (starts.length > 1) {
    const places = starts.map((index) => index + 1).join(', ');
    return { problem: `anchor ${anchor} is in ${shown} more than once (lines ${places}): rename one` };
  }
  if (ends.length !== 1 || ends[0] < starts[0]) {
    return {
      problem: `anchor ${anchor} of ${shown}:${starts[0] + 1} is not closed by one ANCHOR_END: ${anchor} below it`,
    };
  }
  const inside = lines.slice(starts[0] + 1, ends[0]).filter((line) => !START.test(line) && !END.test(line));
  if (inside.every((line) => line.trim() === ''))
    return { problem: `anchor ${anchor} of ${shown}:${starts[0] + 1} is empty` };
  return { lines: inside };
}

const indexes = (/** @type {string[]} */ lines, /** @type {RegExp} */ marker, /** @type {string} */ anchor) =>
  lines.flatMap((line, index) => (marker.exec(line)?.[1] === anchor ? [index] : []));

/**
 * @param {string} root
 * @param {string} page absolute
 * @param {import('./markdown.mjs').Block} block made of includes
 * @returns {string} what a reader types into the file
 * @throws {Error} where an include is broken
 */
export function expand(root, page, block) {
  const lines = block.lines.flatMap((line) => {
    const include = parseInclude(line);
    if (!include) return [line];
    const result = resolveInclude(root, page, include);
    if ('problem' in result) throw new Error(result.problem);
    return result.lines;
  });
  return `${lines.join('\n')}\n`;
}
