// Shows the matrix of the last run. install.sh takes it from target/report/report.json.

import { element, fill, load, number } from './ui.mjs';

/** What a verdict is worth: a cell shows its worst. */
const GREEN = ['pass'];
const GAP = 'known-gap';

/**
 * The part of the report that is shown; crates/everyhost/report.schema.json has all of it.
 *
 * @typedef {{ tool: string, started: string, end: string, strict: boolean, planned: number, executed: number,
 *   verdicts: Record<string, number>, rows: { name: string, kind: string, unavailable?: string,
 *   host?: { host: string, version: string, runtime: string, os: string } }[], modules: { name: string }[],
 *   matrix: { row: string, module: string, planned: number, verdicts: Record<string, number> }[],
 *   known_gaps: { title: string, row: string, reason: string, link: string }[] }} Report
 */

/** @param {HTMLElement} place */
export async function start(place) {
  const response = await load(new URL('report.json', import.meta.url));
  const report = /** @type {Report | null} */ (await response.json());
  if (report === null) {
    place.append(
      element(
        'p',
        { class: 'live-status', role: 'status' },
        'This book was built before any run: there is no report. make run asks every host, and make book then shows the matrix here.',
      ),
    );
    return;
  }
  place.append(summary(report), table(report), gaps(report));
}

/** @param {Report} report */
function summary({ tool, started, end, verdicts, planned }) {
  const passed = count(verdicts, GREEN);
  const known = count(verdicts, [GAP]);
  const red = planned - passed - known;
  const when = started.replace('T', ' ').replace(/(:\d\d)?(\.\d+)?Z$/, ' UTC');
  return element(
    'p',
    { class: `live-status ${end === 'green' ? 'live-good' : 'live-bad'}` },
    `${when}, ${tool}: ${number(passed)} of ${number(planned)} answers as expected, ${number(known)} known gaps, ${number(red)} red.`,
  );
}

/** @param {Report} report */
function table({ rows, matrix }) {
  // What is asked most comes first.
  const asked = (/** @type {string} */ name) =>
    matrix.filter(({ module }) => module === name).reduce((sum, { planned }) => sum + planned, 0);
  const shown = [...new Set(matrix.map(({ module }) => module))].sort((a, b) => asked(b) - asked(a));
  const body = rows.map((row) => {
    const { host } = row;
    const about = host ? `${host.version} · ${host.runtime} · ${host.os}` : (row.unavailable ?? 'not asked');
    const cells = shown.map((module) => {
      const cell = matrix.find((cell) => cell.row === row.name && cell.module === module);
      if (!cell) return element('td', { class: 'live-none' }, '–');
      const passed = count(cell.verdicts, GREEN);
      const isGreen = passed === cell.planned;
      const isKnown = passed + count(cell.verdicts, [GAP]) === cell.planned;
      const [sign, meaning] = isGreen ? ['✓', 'all'] : isKnown ? ['◐', 'known gaps'] : ['✗', 'red'];
      return element(
        'td',
        { class: isGreen ? 'live-all' : isKnown ? 'live-some' : 'live-red' },
        element('span', { 'aria-hidden': 'true' }, `${sign} `),
        `${number(passed)} / ${number(cell.planned)}`,
        element('span', { class: 'live-hidden' }, ` ${meaning}`),
      );
    });
    return element('tr', {}, element('th', { scope: 'row', title: about }, row.name), ...cells);
  });
  const caption = '✓ every answer as expected, ◐ all but known gaps, ✗ red, – not a pair';
  return element(
    'div',
    { class: 'live-scroll', tabindex: '0', role: 'group', 'aria-label': 'Matrix of the last run' },
    fill(element('table', { class: 'live-matrix' }), caption, ['', ...shown], body),
  );
}

/** @param {Report} report */
function gaps({ known_gaps }) {
  const items = known_gaps.map(({ title, row, reason, link }) =>
    element(
      'li',
      {},
      element('strong', {}, row),
      `, ${title}: ${reason} (`,
      element('a', { href: link }, 'source'),
      ')',
    ),
  );
  return element(
    'details',
    {},
    element('summary', {}, `The ${known_gaps.length} known gaps, with their reasons`),
    element('ul', {}, ...items),
  );
}

/**
 * @param {Record<string, number>} verdicts
 * @param {string[]} which
 */
const count = (verdicts, which) => which.reduce((sum, verdict) => sum + (verdicts[verdict] ?? 0), 0);
