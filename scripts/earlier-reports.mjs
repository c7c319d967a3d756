// Fetches the reports of a published results site, so that the next site has them too.
//
//   node scripts/earlier-reports.mjs ADDRESS DIR
//
// ADDRESS is the folder of the site, such as https://example.org/results/. Its newest 99 reports go to DIR, as
// <id>.json.gz. If there is no site yet, DIR stays empty. Any other failure is an error, because a site without the earlier
// reports must not replace one that has them.

import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { gunzipSync } from 'node:zlib';

/** With the next one a hundred: about 500 MB of the 1 GB that GitHub Pages allows. */
const MOST = 99;
const SCHEMA = 'everyhost/site/1';
const MIB = 1 << 20;

/** @returns {Promise<Buffer | undefined>} undefined for a 404 */
async function get(/** @type {URL} */ url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return Buffer.from(await response.arrayBuffer());
}

/** @param {string} address @param {string} dir */
async function main(address, dir) {
  const base = new URL(address.endsWith('/') ? address : `${address}/`);
  mkdirSync(dir, { recursive: true });
  const list = await get(new URL('site.json', base));
  if (!list) return console.log(`${base}: no site yet, so no earlier reports`);
  const { schema, reports } = JSON.parse(list.toString());
  if (schema !== SCHEMA || !Array.isArray(reports))
    throw new Error(`${base}site.json is no list of the schema ${SCHEMA}`);
  for (const { id, file, sha256 } of reports.slice(0, MOST)) {
    if (!/^[0-9A-Za-z-]{1,80}$/.test(id) || file !== `reports/${id}/report.json.gz`) {
      throw new Error(`${base}site.json: ${JSON.stringify(file)} is no report's file`);
    }
    const packed = await get(new URL(file, base));
    if (!packed) throw new Error(`${base}${file} is on the list, and not there`);
    const found = createHash('sha256')
      .update(gunzipSync(packed, { maxOutputLength: 1024 * MIB }))
      .digest('hex');
    if (found !== sha256) throw new Error(`${base}${file} has the SHA-256 ${found}; site.json says ${sha256}`);
    writeFileSync(path.join(dir, `${id}.json.gz`), packed);
  }
  const dropped = Math.max(reports.length - MOST, 0);
  console.log(
    `${base}: earlier reports: ${reports.length - dropped}${dropped ? `; ${dropped} older ones are left out` : ''}`,
  );
}

const [address, dir] = process.argv.slice(2);
if (!address || !dir) {
  console.error('usage: node scripts/earlier-reports.mjs ADDRESS DIR');
  process.exitCode = 2;
} else {
  await main(address, dir).catch((error) => {
    console.error(`earlier-reports: ${error.message}${error.cause ? `: ${error.cause.message ?? error.cause}` : ''}`);
    process.exitCode = 1;
  });
}
