// The half of a bench program that Node, Deno and Bun share: lines in, lines out, and what they load from npm.

import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { readLines } from '../lines.mjs';
import { RUNTIME } from '../runtime.mjs';
import { eachVerified, oneByOne, PKCS8_PREFIX } from './contestants.mjs';
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
      own: nodeCrypto,
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
 * OpenSSL, or the runtime's replacement for it, with each key made ready once.
 *
 * @returns {import('./contestants.mjs').Contestant[]}
 */
function nodeCrypto(/** @type {Uint8Array} */ keypair) {
  const der = Buffer.concat([PKCS8_PREFIX, keypair.subarray(0, 32)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  // Deno and Bun say a version of OpenSSL too, and have something else in its place.
  const openssl = RUNTIME.host === 'node' ? process.versions.openssl : undefined;
  const version = openssl && `OpenSSL ${openssl}`;
  /** @type {Map<Uint8Array, import('node:crypto').KeyObject>} */
  const publicKeys = new Map();
  const publicKeyOf = (/** @type {Uint8Array} */ bytes) => {
    const made = publicKeys.get(bytes) ?? createPublicKey({ key: spki(bytes), format: 'der', type: 'spki' });
    publicKeys.set(bytes, made);
    return made;
  };
  return [
    { id: 'node-crypto', version, signAll: oneByOne((message) => sign(null, message, key)) },
    {
      id: 'verify-node-crypto',
      version,
      verifyAll: eachVerified(({ publicKey, message, signature }) =>
        verify(null, message, publicKeyOf(publicKey), signature),
      ),
    },
  ];
}

/** A public key as SubjectPublicKeyInfo (RFC 8410). */
function spki(/** @type {Uint8Array} */ publicKey) {
  return Buffer.concat([Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0), publicKey]);
}
