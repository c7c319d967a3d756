// Where WASI differs between hosts: a part of docs/src/hosts/wasi-programs.md, made of hosts/known-gaps.toml and the suite `wasi`.

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { readJson } from './data.mjs';
import { table } from './pages.mjs';

export const GAPS = 'hosts/known-gaps.toml';
const HOSTS = 'hosts/hosts.toml';
const VECTORS = 'vectors/wasi.json';
const OP = 'wasi';

/**
 * @typedef {{ id: string, flags: string[] }} Case
 * @typedef {{ rows: string[], cases: Case[], reason: string, link: string }} Difference
 */

/**
 * The values of each table of an array that are on one line, and that TOML writes as JSON does: no inline tables.
 *
 * @param {string} text
 * @param {string} name of the array
 * @returns {Record<string, unknown>[]}
 */
function records(text, name) {
  return text
    .split(new RegExp(`^\\[\\[${name}\\]\\]$`, 'm'))
    .slice(1)
    .map((record) => {
      const lines = record.matchAll(/^([a-z_]+) = ("(?:[^"\\]|\\.)*"|\[["\d].*\]|\d+)\s*(?:#.*)?$/gm);
      return Object.fromEntries([...lines].map(([, key, value]) => [key, JSON.parse(value)]));
    });
}

/** @returns {RegExp} for a glob as everyhost reads it: `*`, and `{one,other}` */
function patternOf(/** @type {string} */ glob) {
  const source = glob
    .replace(/[.+?^$()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replace(/\{([^}]*)\}/g, (_, words) => `(?:${words.replaceAll(',', '|')})`);
  return new RegExp(`^${source}$`);
}

/**
 * @param {Record<string, unknown>[]} gaps
 * @param {Case[]} cases
 * @returns {Difference[]}
 * @throws {Error} if an entry matches no case
 */
function differences(gaps, cases) {
  return (
    gaps
      // The suite of programs in Rust and C has the same operation.
      .filter(({ op, case: glob }) => op === OP && /^(wasi\/|\*)/.test(String(glob ?? '*')))
      .map(({ row, case: glob, flag, reason, link }) => {
        const pattern = patternOf(String(glob ?? '*'));
        const about = cases.filter(({ id, flags }) => pattern.test(id) && (!flag || flags.includes(String(flag))));
        if (about.length === 0) throw new Error(`no case of ${VECTORS} matches ${glob ?? flag}, which a gap names`);
        return { rows: [row].flat().map(String), cases: about, reason: String(reason), link: String(link) };
      })
  );
}

/** @returns {string} the part, in Markdown */
export function wasiDifferences(/** @type {string} */ root) {
  const text = (/** @type {string} */ file) => readFileSync(path.join(root, file), 'utf8');
  const { cases, flags } = /** @type {{ cases: Case[], flags: Record<string, string> }} */ (readJson(root, VECTORS));
  const known = differences(records(text(GAPS), 'gap'), cases);
  const rows = records(text(HOSTS), 'row')
    .filter(({ name, ops }) => {
      if (!Array.isArray(ops)) throw new Error(`${HOSTS}: the ops of ${name} are not a list on one line`);
      return ops.includes(OP);
    })
    .map(({ name }) => String(name));
  const used = Object.keys(flags).filter((flag) => cases.some((one) => one.flags[0] === flag));
  return [
    overview(rows, used, cases, known),
    '<details>',
    '<summary>Each difference</summary>',
    ...used.flatMap((flag) => details(flag, flags[flag], known)),
    '</details>',
  ].join('\n\n');
}

/**
 * How many cases differ, by what they are about. Rows that differ in the same cases share a line.
 *
 * @param {string[]} rows
 * @param {string[]} flags
 * @param {Case[]} cases
 * @param {Difference[]} known
 */
function overview(rows, flags, cases, known) {
  /** @type {Map<string, { names: string[], ids: Case[] }>} */
  const lines = new Map();
  for (const row of rows) {
    const ids = cases.filter((one) => known.some((each) => each.rows.includes(row) && each.cases.includes(one)));
    const key = ids.map(({ id }) => id).join();
    lines.set(key, { names: [...(lines.get(key)?.names ?? []), row], ids });
  }
  const counts = (/** @type {Case[]} */ some) =>
    [...flags.map((flag) => some.filter((one) => one.flags[0] === flag).length), some.length].map((number) =>
      number === 0 ? '' : String(number),
    );
  return table(
    ['host', ...flags, 'all'],
    [
      ['cases of the suite', ...counts(cases)],
      ...[...lines.values()].map(({ names, ids }) => [names.map((name) => `**${name}**`).join(', '), ...counts(ids)]),
    ],
  );
}

/**
 * @param {string} flag
 * @param {string} about
 * @param {Difference[]} known
 */
function details(flag, about, known) {
  const lines = known.flatMap(({ rows, cases, reason, link }) => {
    const names = cases.filter((one) => one.flags[0] === flag).map(({ id }) => `\`${id.replace(`${OP}/`, '')}\``);
    return names.length === 0 ? [] : [[rows.join(', '), `[${reason}](${link})`, names.join(', ')]];
  });
  if (lines.length === 0) return [];
  return [`**${flag}**: ${about}.`, table(['rows', 'what they do', 'cases'], lines, 3)];
}
