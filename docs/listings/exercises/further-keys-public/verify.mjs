import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { Keys, PrivateKey } from '../../../../hosts/javascript/signer/keys.mjs';

const { publicKeyOf } = await import(pathToFileURL(path.resolve(process.argv[2], 'public-key.mjs')));
const keys = await Keys.create(readFileSync('target/modules/keys.wasm'));

const file = execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519']);
const pem = execFileSync('openssl', ['pkey', '-pubout'], { input: file });
const jwk = keys.writePublicKey(keys.readPublicKey(pem), 'jwk');
assert.equal(await publicKeyOf(file), jwk, 'of a file without its public key');

const { seed } = keys.readPrivateKey(file);
const both = keys.writePrivateKey(new PrivateKey(seed, keys.readPublicKey(pem)), 'der');
assert.equal(await publicKeyOf(both), jwk, 'of a file with its public key');

const others = keys.writePrivateKey(new PrivateKey(seed, new Uint8Array(32)), 'der');
await assert.rejects(() => publicKeyOf(others), { code: 'KEY_PAIR_MISMATCH' });
await assert.rejects(() => publicKeyOf(pem), { code: 'KEY_IS_PUBLIC' });
