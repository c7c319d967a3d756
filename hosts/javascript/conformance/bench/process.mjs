// The half of a bench program that Node, Deno and Bun share: lines in, lines out, and what they load from npm.

import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { readLines } from '../lines.mjs';
import { RUNTIME } from '../runtime.mjs';
import { oneByOne, PKCS8_PREFIX } from './contestants.mjs';
import { Program } from './program.mjs';
import { versions } from './versions.mjs';

/** Answers the lines of stdin, until it ends. */
export async function serve() {
  try {
    const program = new Program({
      version: `${RUNTIME.name} ${RUNTIME.version}`,
      runtime: RUNTIME.engine,
      read: async (file) => new Uint8Array(await readFile(file)),
      loadGlue: (glue) => import(pathToFileURL(glue).href),
      libraries: await libraries(),
      own: (keypair) => [nodeCrypto(keypair)],
      cpuNs: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) * 1000;
      },
    });
    for await (const line of readLines(process.stdin)) {
      process.stdout.write(`${JSON.stringify(await program.answer(JSON.parse(line)))}\n`);
    }
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

/** @returns {Promise<import('./contestants.mjs').Libraries>} */
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
 * OpenSSL, or the runtime's replacement for it, with the key made ready once.
 *
 * @returns {import('./contestants.mjs').Contestant}
 */
function nodeCrypto(/** @type {Uint8Array} */ keypair) {
  const der = Buffer.concat([PKCS8_PREFIX, keypair.subarray(0, 32)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  // Deno and Bun say a version of OpenSSL too, and have something else in its place.
  const openssl = RUNTIME.host === 'node' ? process.versions.openssl : undefined;
  const signAll = oneByOne((message) => sign(null, message, key));
  return { id: 'node-crypto', version: openssl && `OpenSSL ${openssl}`, signAll };
}
