// An oracle: answers the same cases from OpenSSL, through node:crypto, and from no module. If a signer and an oracle
// differ, one of them is wrong, or the standard leaves it open. hosts/CONTRACT.md is the contract.

import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';

import { toBytes, toHex } from '../javascript/conformance/bytes.mjs';
import { readLines } from '../javascript/conformance/lines.mjs';

const PROTOCOL = 1;
/** What an oracle has instead of a module. */
const NATIVE = 'native';

const SEED_LENGTH = 32;
const KEYPAIR_LENGTH = 64;
const PUBLIC_KEY_LENGTH = 32;
const SIGNATURE_LENGTH = 64;
const MAX_MESSAGE_LENGTH = 16 * 1024 * 1024;

/** What stands before the bytes of a key in DER: RFC 8410, section 7 and section 4. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** A stable code, which the wrappers give for the same input. */
class Refusal extends Error {}

/** @type {Record<string, (input: Record<string, any>) => object>} */
const OPERATIONS = {
  public_key: ({ seed }) => ({ public_key: toHex(publicKeyOf(privateKey(checkLength(toBytes(seed), SEED_LENGTH)))) }),
  sign: ({ keypair, message }) => {
    const key = keyOf(toBytes(keypair));
    return { signature: toHex(sign(null, checkMessage(toBytes(message)), key)) };
  },
  sign_many: ({ keypair, messages }) => {
    const key = keyOf(toBytes(keypair));
    const all = messages.map(toBytes).map(checkMessage);
    return { signatures: all.map((/** @type {Uint8Array} */ message) => toHex(sign(null, message, key))) };
  },
  verify: ({ public_key, message, signature }) => {
    const key = toBytes(public_key);
    if (key.length !== PUBLIC_KEY_LENGTH) throw new Refusal('PUBLIC_KEY_LENGTH');
    const bytes = checkMessage(toBytes(message));
    const given = toBytes(signature);
    // Node says the same of other lengths; that it does is not for a conformance kit to rely on.
    if (given.length !== SIGNATURE_LENGTH) return { valid: false };
    const spki = createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' });
    return { valid: verify(null, bytes, spki, given) };
  },
};

try {
  for await (const line of readLines(process.stdin)) {
    process.stdout.write(`${JSON.stringify(await answerTo(JSON.parse(line)))}\n`);
  }
} catch (error) {
  console.error(`oracle: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** @param {Record<string, any>} request */
async function answerTo(request) {
  if (request.cmd === 'hello') {
    if (request.protocol !== PROTOCOL)
      throw new Error(`protocol ${request.protocol} is not spoken here, only ${PROTOCOL}`);
    return hello(Object.keys(request.modules));
  }
  if (request.cmd !== 'run') throw new Error(`no such command: ${request.cmd}; expected hello or run`);
  const { seq, module, op, in: input } = request;
  if (module !== NATIVE) return { seq, unsupported: `an oracle runs no module, so not ${module}` };
  if (!Object.hasOwn(OPERATIONS, op)) return { seq, unsupported: `OpenSSL has no ${op}` };
  try {
    return { seq, ok: OPERATIONS[op](input) };
  } catch (error) {
    return { seq, ...(error instanceof Refusal ? { error: error.message } : { unsupported: String(error) }) };
  }
}

/** @param {string[]} names */
async function hello(names) {
  // There is no module to hash; the code is OpenSSL's, and this program's.
  const sha256 = createHash('sha256')
    .update(await readFile(new URL(import.meta.url)))
    .digest('hex');
  const loaded = (/** @type {string} */ name) =>
    name === NATIVE
      ? { sha256, ops: Object.keys(OPERATIONS) }
      : { sha256, ops: [], refused: 'an oracle runs no module' };
  return {
    protocol: PROTOCOL,
    host: 'openssl',
    version: process.versions.openssl,
    runtime: `OpenSSL ${process.versions.openssl}, through Node ${process.versions.node}`,
    os: `${process.platform}/${process.arch}`,
    modules: Object.fromEntries(names.map((name) => [name, loaded(name)])),
  };
}

/** @param {Uint8Array} keypair */
function keyOf(keypair) {
  const key = privateKey(checkLength(keypair, KEYPAIR_LENGTH).subarray(0, SEED_LENGTH));
  if (!publicKeyOf(key).equals(keypair.subarray(SEED_LENGTH))) throw new Refusal('KEY_PAIR_MISMATCH');
  return key;
}

function checkLength(/** @type {Uint8Array} */ key, /** @type {number} */ length) {
  if (key.length !== length) throw new Refusal('KEY_LENGTH');
  return key;
}

/** @param {Uint8Array} message */
function checkMessage(message) {
  if (message.length > MAX_MESSAGE_LENGTH) throw new Refusal('MESSAGE_TOO_LARGE');
  return message;
}

/** @param {Uint8Array} seed */
function privateKey(seed) {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

/** @param {import('node:crypto').KeyObject} key */
function publicKeyOf(key) {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
}
