// The committed figures: docs/data/sizes.json of `make size`, docs/data/speed.json of `make bench`.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const SIZES = 'docs/data/sizes.json';
export const SPEED = 'docs/data/speed.json';

/**
 * @typedef {{ name: string, bytes: number }} Part
 * @typedef {{ of: 'chapter' | 'everyhost' | 'ladder' | 'peer', name: string, how: string, bytes: number, gzip_bytes: number, brotli_bytes?: number,
 *   groups?: Part[], sign?: number, verify?: number }} Size `sign` and `verify` are times, 1 is that of signer-raw
 * @typedef {{ id: string, label: string, kind: 'ours' | 'chapter' | 'native' | 'other', version?: string, median_us: number, quartiles_us: [number, number],
 *   times_as_fast_as: Record<string, number> }} Contestant
 * @typedef {{ id: string, than: string, alone: boolean, bound: { times_as_fast: number } | { share_of_time: number },
 *   seen: { median: number, quartiles: [number, number] }, met: boolean }} Expectation
 * @typedef {{ engine: string, version: string, runtime: string, clock: string, contestants: Contestant[],
 *   alone: Contestant[], expectations: Expectation[] }} Engine `alone`: each in a program of its own
 * @typedef {{ source: string, finished: string, machine: { cpu: string, threads: number, os: string },
 *   settings: { messages: number, rounds: number }, engines: Engine[] }} Speed
 */

/**
 * @template T
 * @param {string} root
 * @param {string} file
 * @returns {T}
 */
export const readJson = (root, file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));

/**
 * @param {string} root
 * @param {string} file
 * @param {unknown} value
 */
function writeJson(root, file, value) {
  writeFileSync(path.join(root, file), `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * @param {string} root
 * @param {string} [from] a `sizes.json`
 */
export function takeSizes(root, from = path.join(root, 'target/report/sizes.json')) {
  const { sizes } = JSON.parse(readFileSync(from, 'utf8'));
  const ratio = (/** @type {{ median: number } | null | undefined} */ of) => of && Number(of.median.toFixed(2));
  const kept = sizes.map((/** @type {any} */ { of, name, how, bytes, gzip_bytes, brotli_bytes, parts, times }) => ({
    ...{ of, name, how, bytes, gzip_bytes, brotli_bytes },
    groups: parts?.groups ?? undefined,
    sign: ratio(times?.sign),
    verify: ratio(times?.verify) ?? undefined,
  }));
  writeJson(root, SIZES, { source: 'make size, which writes target/report/sizes.json', sizes: kept });
}

/**
 * @param {string} root
 * @param {string} [from] a `bench.json`
 */
export function takeSpeed(root, from = path.join(root, 'target/report/bench.json')) {
  const { finished, machine, settings, engines } = JSON.parse(readFileSync(from, 'utf8'));
  const round = (/** @type {number} */ value) => Number(value.toPrecision(4));
  const contestant = (
    /** @type {Contestant} */ { id, label, kind, version, median_us, quartiles_us, times_as_fast_as },
  ) => ({
    id,
    label,
    kind,
    version,
    median_us: round(median_us),
    quartiles_us: quartiles_us.map(round),
    times_as_fast_as: Object.fromEntries(Object.entries(times_as_fast_as).map(([name, times]) => [name, round(times)])),
  });
  writeJson(root, SPEED, {
    source: 'make bench, which writes target/report/bench.json',
    finished,
    machine: { cpu: machine.cpu, threads: machine.threads, os: machine.os },
    settings: { messages: settings.messages, rounds: settings.rounds },
    engines: engines.map(
      (/** @type {Engine} */ { engine, version, runtime, clock, contestants, alone, expectations }) => ({
        engine,
        version,
        runtime,
        clock,
        contestants: contestants.map(contestant),
        alone: alone.map(contestant),
        expectations: expectations.map(({ seen, ...expectation }) => ({
          ...expectation,
          seen: { median: round(seen.median), quartiles: seen.quartiles.map(round) },
        })),
      }),
    ),
  });
}

/**
 * Our modules have the same bytes on every machine; what the chapter's builds have depends on the folder they are built in.
 * @param {string} root
 * @param {import('./problems.mjs').Problems} problems
 */
export function checkSizes(root, problems) {
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
