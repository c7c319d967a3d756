// The committed figures: docs/data/matrix.json of `everyhost run --all`, sizes.json of `make size`, speed.json and components.json
// of `make bench`.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const MATRIX = 'docs/data/matrix.json';
export const SIZES = 'docs/data/sizes.json';
export const SPEED = 'docs/data/speed.json';
export const COMPONENTS = 'docs/data/components.json';

/**
 * @typedef {{ name: string, kind: 'wasm' | 'native' | 'oracle', host: string, version: string, runtime: string,
 *   cells: Record<string, { right: number, planned: number }> }} Row `cells`: by module
 * @typedef {{ row: string, title: string, reason: string, link: string, cases: number }} Gap
 * @typedef {{ source: string, finished: string, tool: string, planned: number, right: number, gaps: number, red: number,
 *   modules: Record<string, { sha256: string, bytes: number, gzip_bytes: number }>, rows: Row[], known_gaps: Gap[] }} Matrix
 * @typedef {{ name: string, bytes: number }} Part
 * @typedef {{ of: 'chapter' | 'everyhost' | 'ladder' | 'peer', name: string, how: string, bytes: number, gzip_bytes: number, brotli_bytes?: number,
 *   groups?: Part[], sign?: number, verify?: number }} Size `sign` and `verify` are times, 1 is that of signer-raw
 * @typedef {{ id: string, label: string, kind: 'ours' | 'chapter' | 'native' | 'other', version?: string, median_us: number, quartiles_us: [number, number],
 *   times_as_fast_as: Record<string, number> }} Contestant
 * @typedef {{ issuers: number, a_call: number }} Load how many keys the signatures are by, and how many go in a call
 * @typedef {{ id: string, than: string, alone: boolean, load?: Load, bound: { times_as_fast: number } | { share_of_time: number },
 *   seen: { median: number, quartiles: [number, number] }, met: boolean }} Expectation
 * @typedef {{ engine: string, version: string, runtime: string, clock: string, contestants: Contestant[],
 *   alone: Contestant[], expectations: Expectation[], verifying?: Verifying[] }} Engine `alone`: each in a program of its own
 * @typedef {Load & { contestants: Contestant[] }} Verifying
 * @typedef {{ finished: string, machine: { cpu: string, threads: number, os: string },
 *   settings: { messages: number, rounds: number }, engines: Engine[] }} Speed one run of `make bench`
 * @typedef {{ module: string, bytes: number, us: number }} Signed a message of so many bytes, in microseconds
 * @typedef {{ source: string, finished: string, machine: Speed['machine'],
 *   engines: { engine: string, clock: string, signed: Signed[] }[] }} Components
 */

/**
 * @template T
 * @param {string} root
 * @param {string} file
 * @returns {T}
 */
export const readJson = (root, file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));

/** The last run of `make bench` on each kind of processor, the newest first. @returns {Speed[]} */
export const readSpeeds = (/** @type {string} */ root) => readJson(root, SPEED).machines;

function writeJson(/** @type {string} */ root, /** @type {string} */ file, /** @type {unknown} */ value) {
  writeFileSync(path.join(root, file), `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * The matrix of a report, and of which modules its rows ran a sample only, such as `bun × signer-small`.
 *
 * @returns {{ matrix: Matrix, sampled: Set<string> }}
 */
function matrixOf(/** @type {any} */ report) {
  const rows = report.rows.map((/** @type {any} */ { name, kind, host }) => ({
    ...{ name, kind, host: host.host, version: host.version, runtime: host.runtime },
    cells: Object.fromEntries(
      report.matrix
        .filter((/** @type {any} */ cell) => cell.row === name)
        .map((/** @type {any} */ { module, planned, verdicts }) => [module, { right: verdicts.pass ?? 0, planned }]),
    ),
  }));
  const matrix = {
    source: 'target/debug/everyhost run --strict --all, which writes target/report/report.json',
    finished: report.started.slice(0, 10),
    tool: report.tool,
    planned: report.planned,
    right: report.verdicts.pass ?? 0,
    gaps: report.verdicts['known-gap'] ?? 0,
    red: report.reds.length,
    modules: Object.fromEntries(
      report.modules.map((/** @type {any} */ one) => [one.name, only(one, ['sha256', 'bytes', 'gzip_bytes'])]),
    ),
    rows,
    known_gaps: report.known_gaps.map((/** @type {any} */ gap) => ({
      ...only(gap, ['row', 'title', 'reason', 'link']),
      cases: gap.matched,
    })),
  };
  const sampled = report.rows.flatMap((/** @type {any} */ row) =>
    Object.keys(row.sample?.left_out ?? {}).map((module) => cellName(row.name, module)),
  );
  return { matrix, sampled: new Set(sampled) };
}

const cellName = (/** @type {string} */ row, /** @type {string} */ module) => `${row} × ${module}`;

const REPORT = 'target/report/report.json';
const RUN_ALL = '`target/debug/everyhost run --strict --all`';

/**
 * @param {string} root
 * @param {string} [from] a `report.json`
 */
export function takeMatrix(root, from = path.join(root, REPORT)) {
  const { matrix, sampled } = matrixOf(JSON.parse(readFileSync(from, 'utf8')));
  if (sampled.size > 0)
    throw new Error(`${from}: of ${[...sampled].join(', ')} a sample ran; run everything with ${RUN_ALL}`);
  writeJson(root, MATRIX, matrix);
}

/**
 * What two runs must agree about, each figure with what it is of. What ran in part has none, and then there are no totals.
 * Versions of hosts differ from machine to machine.
 *
 * @param {Matrix} matrix
 * @param {Set<string>} sampled
 */
function figures({ rows, modules, planned, right, gaps, red }, sampled) {
  const all = Object.entries(modules).map(([name, { bytes, sha256 }]) => [name, `${bytes} bytes, sha256 ${sha256}`]);
  for (const row of rows)
    for (const [module, { right, planned }] of Object.entries(row.cells)) {
      const name = cellName(row.name, module);
      if (!sampled.has(name)) all.push([name, `${right} right of ${planned}`]);
    }
  if (sampled.size === 0) all.push(['the whole', `${right} right of ${planned}, ${gaps} known gaps, ${red} red`]);
  return new Map(/** @type {[string, string][]} */ (all));
}

/**
 * Whether the last report gives the committed figures.
 *
 * @param {string} root
 * @param {import('./problems.mjs').Problems} problems
 * @param {string} [from] a `report.json`
 */
export function checkMatrix(root, problems, from = path.join(root, REPORT)) {
  const { matrix, sampled } = matrixOf(JSON.parse(readFileSync(from, 'utf8')));
  const now = figures(matrix, sampled);
  const kept = figures(/** @type {Matrix} */ (readJson(root, MATRIX)), sampled);
  const advice = `${RUN_ALL}, then \`node docs/tool/main.mjs matrix-data\`, brings it in step`;
  for (const what of new Set([...kept.keys(), ...now.keys()])) {
    const [has, gives] = [kept, now].map((each) => each.get(what) ?? 'nothing');
    if (has !== gives) problems.add(MATRIX, 0, `${what}: it has ${has}; the last run gave ${gives}. ${advice}`);
  }
}

/**
 * @param {string} root
 * @param {string} [from] a `sizes.json`
 */
export function takeSizes(root, from = path.join(root, 'target/report/sizes.json')) {
  const { sizes } = JSON.parse(readFileSync(from, 'utf8'));
  const ratio = (/** @type {{ median: number } | null | undefined} */ of) => of && Number(of.median.toFixed(2));
  const kept = sizes.map((/** @type {any} */ { parts, times, ...one }) => ({
    ...only(one, ['of', 'name', 'how', 'bytes', 'gzip_bytes', 'brotli_bytes']),
    groups: parts?.groups ?? undefined,
    sign: ratio(times?.sign),
    verify: ratio(times?.verify) ?? undefined,
  }));
  writeJson(root, SIZES, { source: 'make size, which writes target/report/sizes.json', sizes: kept });
}

/**
 * Replaces the run of the same processor; those of others stay.
 *
 * @param {string} root
 * @param {string} [from] a `bench.json`
 */
export function takeSpeed(root, from = path.join(root, 'target/report/bench.json')) {
  const { finished, machine, settings, engines } = JSON.parse(readFileSync(from, 'utf8'));
  const round = (/** @type {number} */ value) => Number(value.toPrecision(4));
  const contestant = (/** @type {Contestant} */ { median_us, quartiles_us, times_as_fast_as, ...one }) => ({
    ...only(one, ['id', 'label', 'kind', 'version']),
    median_us: round(median_us),
    quartiles_us: quartiles_us.map(round),
    times_as_fast_as: Object.fromEntries(Object.entries(times_as_fast_as).map(([name, times]) => [name, round(times)])),
  });
  const taken = {
    finished,
    machine: only(machine, ['cpu', 'threads', 'os']),
    settings: only(settings, ['messages', 'rounds']),
    engines: engines.map((/** @type {Engine} */ { contestants, alone, expectations, verifying, ...one }) => ({
      ...only(one, ['engine', 'version', 'runtime', 'clock']),
      contestants: contestants.map(contestant),
      alone: alone.map(contestant),
      verifying: verifying?.map((load) => ({ ...load, contestants: load.contestants.map(contestant) })),
      expectations: expectations.map(({ seen, ...expectation }) => ({
        ...expectation,
        seen: { median: round(seen.median), quartiles: seen.quartiles.map(round) },
      })),
    })),
  };
  const others = readSpeeds(root).filter((each) => each.machine.cpu !== machine.cpu);
  writeJson(root, SPEED, {
    source: 'make bench, which writes target/report/bench.json; one run a processor',
    machines: [taken, ...others],
  });
}

/**
 * What a signature takes through the component and through the raw ABI, on the hosts that were timed with both.
 *
 * @param {string} root
 * @param {string} [from] a `bench.json`
 */
export function takeComponents(root, from = path.join(root, 'target/report/bench.json')) {
  const { finished, machine, engines } = JSON.parse(readFileSync(from, 'utf8'));
  /** @type {Components['engines']} */
  const timed = engines.map((/** @type {any} */ { engine, clock, crossing }) => ({
    ...{ engine, clock },
    signed: crossing
      .filter((/** @type {any} */ { what }) => what === 'sign')
      .map((/** @type {any} */ { module, bytes, ns }) => ({
        module,
        bytes,
        us: Number((ns.median / 1000).toPrecision(4)),
      })),
  }));
  const both = timed.filter(({ signed }) => new Set(signed.map(({ module }) => module)).size > 1);
  if (both.length === 0) throw new Error(`${from}: no host was timed with the component and with the module`);
  writeJson(root, COMPONENTS, {
    source: 'make bench, which writes target/report/bench.json',
    finished,
    machine: only(machine, ['cpu', 'threads', 'os']),
    engines: both,
  });
}

/** @returns {Record<string, unknown>} these fields of a record */
const only = (/** @type {Record<string, any>} */ record, /** @type {string[]} */ fields) =>
  Object.fromEntries(fields.map((field) => [field, record[field]]));

/**
 * Our modules have the same bytes on every machine; what the chapter's builds have depends on the folder they are built in.
 */
export function checkSizes(/** @type {string} */ root, /** @type {import('./problems.mjs').Problems} */ problems) {
  const manifest = 'target/modules/manifest.json';
  if (!existsSync(path.join(root, SIZES)) || !existsSync(path.join(root, manifest))) return;
  const built = /** @type {{ modules: Record<string, Size> }} */ (readJson(root, manifest)).modules;
  const { sizes } = /** @type {{ sizes: Size[] }} */ (readJson(root, SIZES));
  const advice = '`make size`, then `node docs/tool/main.mjs size-data`, brings the page in step';
  for (const { of, name, bytes, gzip_bytes } of sizes) {
    const now = built[name];
    if (of !== 'everyhost' || !now || (now.bytes === bytes && now.gzip_bytes === gzip_bytes)) continue;
    problems.add(
      SIZES,
      0,
      `${name} has ${now.bytes} bytes (${now.gzip_bytes} gzip) and not ${bytes} (${gzip_bytes}); ${advice}`,
    );
  }
}
