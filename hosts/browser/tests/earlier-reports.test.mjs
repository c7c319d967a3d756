// The reports of a published site are fetched before the next one is published: all of them, or it is an error.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { listenLocally } from '../http.mjs';

const SCRIPT = fileURLToPath(new URL('../../../scripts/earlier-reports.mjs', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'everyhost-earlier-'));
/** @type {Record<string, Buffer>} what the server has, by path */
const served = {};
/** @type {import('../http.mjs').LocalServer} */
let server;

before(async () => {
  const find = async (/** @type {string} */ at) =>
    at in served ? { type: 'application/octet-stream', body: /** @type {any} */ (served[at]) } : { missing: at };
  server = await listenLocally({ port: 0, policy: "default-src 'none'", find });
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  for (const at of Object.keys(served)) delete served[at];
});

const json = (/** @type {number} */ number) => Buffer.from(`{"number":${number}}\n`);

/** Serves a site of so many reports. */
function serve(/** @type {number} */ count, /** @type {object} */ change = {}) {
  const reports = Array.from({ length: count }, (_, number) => {
    const id = `20261130T0000Z-${number}`;
    served[`/results/reports/${id}/report.json.gz`] = gzipSync(json(number));
    const sha256 = createHash('sha256').update(json(number)).digest('hex');
    return { id, file: `reports/${id}/report.json.gz`, sha256, ...change };
  });
  served['/results/site.json'] = Buffer.from(JSON.stringify({ schema: 'everyhost/site/1', reports }));
}

async function fetched() {
  const dir = mkdtempSync(path.join(folder, 'to-'));
  const run = spawn(process.execPath, [SCRIPT, `${server.origin}/results`, dir]);
  let said = '';
  for (const stream of [run.stdout, run.stderr]) stream.on('data', (text) => (said += text));
  const [code] = await once(run, 'close');
  return { code, said, files: readdirSync(dir).map((name) => readFileSync(path.join(dir, name))) };
}

test('all reports of a site are fetched as they are', async () => {
  serve(3);
  const { code, said, files } = await fetched();
  assert.deepEqual([code, files], [0, [0, 1, 2].map((number) => gzipSync(json(number)))], said);
});

test('where there is no site yet there are none', async () => {
  const { code, said, files } = await fetched();
  assert.deepEqual([code, files], [0, []], said);
  assert.match(said, /no site yet/);
});

test('the oldest are left out of what would become too large, and it says so', async () => {
  serve(101);
  const { code, said, files } = await fetched();
  assert.deepEqual([code, files.length], [0, 99], said);
  assert.match(said, /2 older ones are left out/);
});

test('half a history is an error', async () => {
  serve(2);
  delete served['/results/reports/20261130T0000Z-1/report.json.gz'];
  assert.match((await fetched()).said, /report\.json\.gz is on the list, and not there/);
  serve(2);
  served['/results/reports/20261130T0000Z-1/report.json.gz'] = gzipSync(json(7));
  assert.match((await fetched()).said, /has the SHA-256 [0-9a-f]{64}; site\.json says/);
  serve(1, { file: '../../etc/passwd' });
  assert.match((await fetched()).said, /is no report's file/);
  serve(1, { id: '../x', file: 'reports/../x/report.json.gz' });
  const { code, said } = await fetched();
  assert.equal(code, 1);
  assert.match(said, /is no report's file/);
  served['/results/site.json'] = Buffer.from('{"schema":"everyhost/site/2"}');
  assert.match((await fetched()).said, /no list of the schema/);
});
