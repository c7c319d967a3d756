// Signing speed in Node. `everyhost bench` starts this program, writes one JSON object to its stdin (Config in
// crates/everyhost/src/bench/engine.rs) and reads one JSON object a line from its stdout: progress, then the result.

import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { enter, messagesFor, oneByOne, PKCS8_PREFIX } from './bench/contestants.mjs';
import { race } from './bench/race.mjs';
import { resultOf } from './bench/result.mjs';
import { versions } from './bench/versions.mjs';
import { fromHex } from './bytes.mjs';
import { readLines } from './lines.mjs';

try {
  for await (const line of readLines(process.stdin)) await run(JSON.parse(line));
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** @param {import('./bench/result.mjs').Config} config */
async function run(config) {
  const keypair = fromHex(config.keypair);
  /** @type {Record<string, Uint8Array<ArrayBuffer>>} */
  const modules = {};
  for (const [name, file] of Object.entries(config.modules)) modules[name] = new Uint8Array(await readFile(file));
  const loadGlue = async (/** @type {WebAssembly.Module} */ module) => {
    const glue = await import(pathToFileURL(config.glue).href);
    glue.initSync({ module });
    return glue;
  };
  const { contestants, missing } = await enter({ keypair, modules, loadGlue, libraries: await libraries() });
  contestants.push(nodeCrypto(keypair));
  const settings = {
    messages: messagesFor(config.messages),
    rounds: config.rounds,
    warmUpMs: config.warm_up_ms,
    sliceMs: config.slice_ms,
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
  };
  const lanes = await race(contestants, settings, (done, of, what) => print({ progress: { done, of, what } }));
  const version = `Node ${process.versions.node}`;
  print({ result: resultOf(lanes, missing, { version, runtime: `V8 ${process.versions.v8}` }) });
}

/** @returns {Promise<import('./bench/contestants.mjs').Libraries>} */
async function libraries() {
  const [nacl, noble, { sha512 }, sodium] = await Promise.all([
    import('tweetnacl'),
    import('@noble/ed25519'),
    import('@noble/hashes/sha2.js'),
    import('libsodium-wrappers'),
  ]);
  await sodium.default.ready;
  return { nacl: nacl.default, noble, sha512, sodium: sodium.default, versions: await versions() };
}

/**
 * OpenSSL, with the key made ready once.
 *
 * @param {Uint8Array} keypair
 * @returns {import('./bench/race.mjs').Contestant}
 */
function nodeCrypto(keypair) {
  const der = Buffer.concat([PKCS8_PREFIX, keypair.subarray(0, 32)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const signAll = oneByOne((message) => sign(null, message, key));
  return { id: 'node-crypto', version: `OpenSSL ${process.versions.openssl}`, signAll };
}

/** @param {object} line */
function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
