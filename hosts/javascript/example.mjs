// What the examples of Node, Deno, Bun and the browser share: options, output, and each failure as one sentence.
// hosts/examples.json says what every example answers, in any language.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { fromHex, toHex } from './conformance/bytes.mjs';
import { PUBLISHED_KEY } from './conformance/published.mjs';
import { RUNTIME } from './conformance/runtime.mjs';
import { publicJwk } from './signer/token.mjs';

const MODULE = fileURLToPath(new URL('../../target/modules/signer-raw.wasm', import.meta.url));

const USAGE = '[--message TEXT | --message-file FILE] [--key-file FILE] [--module FILE]';
const HELP = `usage: example.mjs ${USAGE}

Signs a message with a Wasm module, makes an EdDSA JWT of it, and has the jose library verify the token.

  --message TEXT       what to sign, as UTF-8 (default: hello)
  --message-file FILE  the same, from a file
  --key-file FILE      the keypair: 64 bytes, or 128 hex digits (default: a published key, for tests only)
  --module FILE        the signer (default: target/modules/signer-raw.wasm of the workspace)
  --help               print this`;

/**
 * @typedef {object} Given what the command line says
 * @property {string} message
 * @property {Uint8Array<ArrayBuffer>} keypair 64 bytes
 * @property {string} module the path of the .wasm file
 *
 * @typedef {object} Signed
 * @property {Uint8Array} wasm the bytes of the module that signed
 * @property {Uint8Array} publicKey
 * @property {Uint8Array} signature of the message
 * @property {string} token with the message as its only claim
 * @property {{ host: string, runtime: string }} [where] if it was not this process
 */

/**
 * Signs, has the token verified, and prints. The process ends with 0, with 2 for a wrong command line, and with 1 for
 * everything else that fails.
 */
export async function example(/** @type {(given: Given) => Promise<Signed>} */ sign) {
  try {
    const given = await readArguments();
    if (!given) return console.log(HELP);
    const jose = await loadJose();
    const signed = await sign(given).catch((error) => {
      throw explained(error, given.module);
    });
    const key = await jose.importJWK(publicJwk(signed.publicKey));
    const { payload } = await jose.jwtVerify(signed.token, key, { algorithms: ['EdDSA'] });
    if (payload.message !== given.message) throw new Error('jose reads other claims than were signed');
    await print(given, signed, `jose ${jose.version}`);
  } catch (error) {
    console.error(`example: ${String(error instanceof Error ? error.message : error).split('\n')[0]}`);
    process.exitCode = error instanceof WrongUse ? 2 : 1;
  }
}

/** @returns {Promise<Given | undefined>} undefined if help was asked for */
async function readArguments() {
  const values = parse();
  if (values.help) return undefined;
  if (values.message !== undefined && values['message-file'] !== undefined) {
    throw new WrongUse('--message and --message-file exclude each other');
  }
  return {
    message: values['message-file'] ? await readMessage(values['message-file']) : (values.message ?? 'hello'),
    keypair: values['key-file'] ? await readKeypair(values['key-file']) : PUBLISHED_KEY.slice(),
    module: values.module ?? MODULE,
  };
}

function parse() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean' },
        message: { type: 'string' },
        'message-file': { type: 'string' },
        'key-file': { type: 'string' },
        module: { type: 'string' },
      },
    }).values;
  } catch (error) {
    // The first sentence; the others are about arguments that begin with a dash.
    throw new WrongUse(/** @type {Error} */ (error).message.split(/\.\s|\n/)[0]);
  }
}

/** @param {string} file */
async function readMessage(file) {
  const bytes = await read(file);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(`${file}: expected UTF-8`);
  }
}

/** A key comes from a file because other users of a machine can see a command line. */
async function readKeypair(/** @type {string} */ file) {
  const bytes = await read(file);
  if (bytes.length === 64) return bytes;
  const digits = new TextDecoder('latin1').decode(bytes).trim().toLowerCase();
  if (/^[0-9a-f]{128}$/.test(digits)) return fromHex(digits);
  throw new Error(`${file}: expected a keypair of 64 bytes or 128 hex digits, found ${bytes.length} bytes`);
}

/** @param {string} file */
async function read(file) {
  try {
    return Uint8Array.from(await readFile(file));
  } catch (error) {
    throw new Error(`cannot read ${file}: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
}

async function loadJose() {
  try {
    const text = await readFile(new URL('node_modules/jose/package.json', import.meta.url), 'utf8');
    return { ...(await import('jose')), version: JSON.parse(text).version };
  } catch (cause) {
    throw new Error('jose is not installed; install it with: make setup', { cause });
  }
}

/**
 * @param {any} error that signing threw
 * @param {string} module
 */
function explained(error, module) {
  if (error.code === 'ENOENT') return new Error(`${module} does not exist; build it with: make modules`);
  if (error.code?.startsWith('E')) return new Error(`cannot read ${module}: ${error.message}`);
  if (error instanceof WebAssembly.CompileError) {
    return new Error(`${module} is not a Wasm module: ${error.message}`);
  }
  if (error.code === 'NO_EXPORT' || error instanceof WebAssembly.LinkError) {
    return new Error(`${module} is not a signer module: ${error.message}`);
  }
  return error.name === 'SignerError' ? new Error(`${error.code}: ${error.message}`) : error;
}

/**
 * @param {Given} given
 * @param {Signed} signed
 * @param {string} verifier
 */
async function print({ message, module }, { wasm, publicKey, signature, token, where }, verifier) {
  const here = { host: RUNTIME.host, runtime: `${RUNTIME.name} ${RUNTIME.version}, ${RUNTIME.engine}` };
  const sha256 = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(wasm))));
  const lines = {
    ...(where ?? here),
    module: `${path.basename(module)} ${sha256.slice(0, 16)}`,
    message: `${new TextEncoder().encode(message).length} bytes`,
    'public key': toHex(publicKey),
    signature: toHex(signature),
    token,
    'verified by': verifier,
  };
  for (const [key, value] of Object.entries(lines)) console.log(`${key.padEnd(12)}  ${value}`);
}

class WrongUse extends Error {
  /** @param {string} what is wrong */
  constructor(what) {
    super(`${what}; expected ${USAGE}`);
  }
}
