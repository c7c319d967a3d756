// Claims of the chapter that no other test checks, each by the quickest way to see it. docs/claims.toml names these tests.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSpeeds } from '../data.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const CHAPTER = path.join(ROOT, 'docs/listings/chapter');
const read = (/** @type {string} */ file) => readFileSync(path.join(ROOT, file), 'utf8');

/** @param {string} name of a module in target/modules */
async function instance(name) {
  const wasm = readFileSync(path.join(ROOT, `target/modules/${name}.wasm`));
  return /** @type {Record<string, any>} */ ((await WebAssembly.instantiate(wasm, {})).instance.exports);
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} [cwd]
 */
function run(program, args, cwd = ROOT) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 120_000 });
  if (error) throw error;
  return { status, output: stdout + stderr };
}

/** @type {typeof run} of a program that must succeed */
function mustRun(program, args, cwd) {
  const ended = run(program, args, cwd);
  assert.equal(ended.status, 0, ended.output);
  return ended;
}

/** What links a module of C without a library. */
const LINKED = ['--target=wasm32', '-nostdlib', '-Wl,--no-entry'];
const ADD_C = path.join(CHAPTER, 'c-linked-add/add.c');

/** @param {import('node:test').TestContext} t */
function scratch(t) {
  const folder = mkdtempSync(path.join(tmpdir(), 'everyhost-claims-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * @param {string} source
 * @param {string} folder
 * @param {string[]} args
 */
function rustc(source, folder, ...args) {
  const file = path.join(folder, 'code.rs');
  writeFileSync(file, source);
  return run('rustc', ['--crate-type', 'lib', '--emit', 'metadata', '--out-dir', folder, ...args, file]);
}

test('only numbers cross: a string becomes one, and an object becomes 0', async () => {
  const { add_numbers: add } = await instance('add-raw');
  assert.equal(add('2', 3), 5);
  assert.equal(add('two', 3), 3);
  assert.equal(add({}, [1, 2]), 0);
  assert.equal(add(2 ** 32 + 1, 1.9), 2);
  assert.throws(() => add(1n, 2), TypeError);
});

test("the chapter's four exports sign hello, and the key's place does not move", async () => {
  const signer = await instance('signer-raw');
  const listing = read('docs/listings/chapter/token-signer/src/lib.rs');
  const [key, signature] = ['signing_key', 'expected_signature'].map((name) => {
    const numbers = new RegExp(`let ${name}: \\[u8; 64\\] = \\[([^\\]]*)\\]`).exec(listing)?.[1] ?? '';
    return Uint8Array.from(
      numbers.split(',').filter((text) => text.trim()),
      Number,
    );
  });
  const place = signer.get_signing_key_ptr();
  const message = new TextEncoder().encode('hello');
  const pointer = signer.allocate_message(message.length);
  new Uint8Array(signer.memory.buffer).set(message, pointer);
  new Uint8Array(signer.memory.buffer).set(key, place);
  signer.sign();
  assert.deepEqual(new Uint8Array(signer.memory.buffer, signer.get_signature_ptr(), 64), signature);
  assert.equal(signer.get_signing_key_ptr(), place);
});

test('message.length counts UTF-16 units, and signing needs bytes', () => {
  const message = 'grüß 👋';
  assert.equal(message.length, 7);
  assert.equal(new TextEncoder().encode(message).length, 11);
});

test('TextEncoder takes no argument: it is UTF-8 whatever one passes', () => {
  // @ts-expect-error the listing passes one
  assert.equal(new TextEncoder('utf-16').encoding, 'utf-8');
});

test('the glue still has passArray8ToWasm0, and results come back as several values', () => {
  // Of a function that takes &[u8], as the chapter's does. The walk compares what this page prints with what comes out.
  const printed = read('docs/src/walk/bindgen.md');
  assert.match(printed, /function passArray8ToWasm0\(arg, malloc\)/);
  assert.match(printed, /passArray8ToWasm0\(message, wasm\.__wbindgen_malloc\)/);
  assert.match(printed, /passArray8ToWasm0\(secret_key, wasm\.__wbindgen_malloc\)/);
  const glue = read('target/pkg/token_signer.js');
  assert.match(
    glue,
    /getArrayU8FromWasm0\(ret\[0\], ret\[1\]\)\.slice\(\);\s*wasm\.__wbindgen_free\(ret\[0\], ret\[1\] \* 1, 1\)/,
  );
  for (const gone of ['__wbindgen_add_to_stack_pointer', 'getInt32Memory0', 'getUint8Memory0'])
    assert.ok(!glue.includes(gone), gone);
});

test('the wasm-bindgen sources have no unsafe block, and the raw ones have', () => {
  for (const file of [
    'docs/listings/chapter/token-signer-bindgen/src/lib.rs',
    'crates/token-signer-bindgen/src/lib.rs',
  ]) {
    assert.doesNotMatch(read(file).replace(/\/\/.*/g, ''), /\bunsafe\s*(\{|fn|impl)/, file);
  }
  assert.match(read('docs/listings/chapter/token-signer/src/lib.rs'), /unsafe \{/);
});

test('a reference into a static mut is a warning in edition 2018 and an error in 2024', (t) => {
  const folder = scratch(t);
  const source =
    'static mut KEY: Option<Vec<u8>> = None;\npub fn key() -> usize { unsafe { KEY.as_ref().unwrap().len() } }\n';
  const [old, today] = ['2018', '2024'].map((edition) => rustc(source, folder, '--edition', edition));
  assert.equal(old.status, 0, old.output);
  assert.match(old.output, /warning: creating a shared reference to mutable static/);
  assert.notEqual(today.status, 0);
  assert.match(today.output, /static_mut_refs/);
});

test('#[no_mangle] has to be #[unsafe(no_mangle)] since edition 2024', (t) => {
  const folder = scratch(t);
  const source = '#[no_mangle]\npub extern "C" fn sign() {}\n';
  assert.equal(rustc(source, folder, '--edition', '2018').status, 0);
  assert.match(rustc(source, folder, '--edition', '2024').output, /unsafe attribute used without unsafe/);
});

test('a reference that outlives its value does not compile', (t) => {
  const source = "pub fn leak() -> &'static [u8] { let key = vec![0u8; 64]; &key }\n";
  assert.match(rustc(source, scratch(t), '--edition', '2024').output, /error\[E0515\]/);
});

test('the target wasm32-wasi is now wasm32-wasip1', () => {
  const targets = run('rustc', ['--print', 'target-list']).output.split('\n');
  assert.ok(targets.includes('wasm32-wasip1'));
  assert.ok(targets.includes('wasm32-unknown-unknown'));
  assert.ok(!targets.includes('wasm32-wasi'));
});

test("the chapter's clang command links an empty module; with -c it makes an object with add in it", (t) => {
  const folder = scratch(t);
  mustRun('clang', ['-Oz', ...LINKED, '-o', 'printed.o', ADD_C], folder);
  const printed = new WebAssembly.Module(readFileSync(path.join(folder, 'printed.o')));
  assert.deepEqual(
    WebAssembly.Module.exports(printed).map(({ name }) => name),
    ['memory'],
  );
  assert.equal(WebAssembly.Module.customSections(printed, 'linking').length, 0);

  mustRun('clang', ['-Oz', '--target=wasm32', '-c', '-o', 'object.o', ADD_C], folder);
  const object = new WebAssembly.Module(readFileSync(path.join(folder, 'object.o')));
  assert.equal(WebAssembly.Module.customSections(object, 'linking').length, 1);
});

test('cargo build --target=wasm32-unknown-unknown makes token_signer.wasm, and of the profile’s lines lto does nothing', (t) => {
  const folder = scratch(t);
  const listing = path.join(CHAPTER, 'token-signer');
  /**
   * @param {string[]} command of cargo's
   * @param {string[]} options of the profile
   */
  const bytesWith = (command, ...options) => {
    // One folder of products for each, as a reader has one: what a build leaves must not be what the next one measures.
    const products = path.join(folder, String(Math.random()));
    const settings = options.flatMap((option) => ['--config', `profile.release.${option}`]);
    const where = ['--target=wasm32-unknown-unknown', '--target-dir', products];
    mustRun('cargo', [...command, '--release', '--locked', '--quiet', ...where, ...settings], listing);
    return statSync(path.join(products, 'wasm32-unknown-unknown/release/token_signer.wasm')).size;
  };
  const lines = read('docs/listings/chapter/token-signer/profile.toml').split('\n').slice(1);
  assert.deepEqual(
    lines.filter((line) => line !== ''),
    ['lto = true', "opt-level = 'z'", 'debug = false', "strip = 'symbols'"],
  );
  // `debug = false` is what --release has anyway.
  const [lto, small, strip] = ['lto=true', "opt-level='z'", "strip='symbols'"];
  const asPrinted = (/** @type {string[]} */ ...options) => bytesWith(['build'], ...options);
  const none = asPrinted();
  const inert = asPrinted(lto);
  assert.ok(Math.abs(none - inert) < 100, `${none} bytes, with the line lto ${inert}`);
  // Without the rlib beside it, lto takes effect.
  const asCdylib = (/** @type {string[]} */ ...options) => bytesWith(['rustc', '--crate-type', 'cdylib'], ...options);
  const alone = { strip: asCdylib(strip), lto: asCdylib(lto), small: asCdylib(small) };
  const without = { small: asCdylib(lto, strip), lto: asCdylib(small, strip), strip: asCdylib(lto, small) };
  const all = asCdylib(lto, small, strip);
  const sizes = JSON.stringify({ none, alone, without, all });
  assert.ok(alone.strip < alone.lto && alone.lto < alone.small && alone.small < none, sizes);
  assert.ok(without.small > without.lto && without.lto > without.strip && without.strip > all, sizes);
  assert.ok(all < 0.75 * none, sizes);
});

test('a C library that is not optimized stays larger when it is linked', (t) => {
  const folder = scratch(t);
  const sizes = ['-O0', '-Oz'].map((level) => {
    mustRun('clang', [level, ...LINKED, '-Wl,--export=add', '-Wl,--strip-all', '-o', `${level}.wasm`, ADD_C], folder);
    return statSync(path.join(folder, `${level}.wasm`)).size;
  });
  assert.ok(sizes[0] > sizes[1], `-O0 ${sizes[0]} bytes, -Oz ${sizes[1]}`);
});

test('an archive for wasm32 cannot be linked into a native test', (t) => {
  const folder = scratch(t);
  mustRun('clang', ['-Oz', '--target=wasm32', '-c', '-o', 'add.o', ADD_C], folder);
  mustRun('llvm-ar', ['rc', 'libadd.a', 'add.o'], folder);
  const main =
    'unsafe extern "C" { fn add(a: i32, b: i32) -> i32; }\n#[test]\nfn adds() { assert_eq!(unsafe { add(2, 3) }, 5) }\n';
  writeFileSync(path.join(folder, 'lib.rs'), main);
  const build = () => run('rustc', ['--test', '--edition', '2024', '-L', '.', '-l', 'static=add', 'lib.rs'], folder);
  const { status, output } = build();
  assert.notEqual(status, 0, output);
  assert.match(output, /undefined symbol: add|undefined reference to .add'/);
  // The same with an archive for this machine is fine, so that it is the target alone that fails.
  rmSync(path.join(folder, 'libadd.a'));
  mustRun('cc', ['-Os', '-c', '-o', 'add.o', ADD_C], folder);
  mustRun('ar', ['rc', 'libadd.a', 'add.o'], folder);
  assert.equal(build().status, 0);
});

/** @typedef {import('../data.mjs').Size} Size */

/** @param {string} name of a build in docs/data/sizes.json */
function bytes(name) {
  const { sizes } = /** @type {{ sizes: Size[] }} */ (JSON.parse(read('docs/data/sizes.json')));
  return sizes.find((size) => size.name === name)?.bytes ?? Number.NaN;
}

test('the measured sizes: the profile beats 102 K, and wasm-opt beats wasm-pack', () => {
  assert.ok(bytes('profile') < 102_000);
  assert.ok(bytes('wasm-opt') < bytes('wasm-pack'));
  assert.ok(bytes('wasm-opt') < bytes('profile'));
});

test('the measured sizes: wasm-pack alone no longer gives the smaller module', () => {
  assert.ok(bytes('wasm-pack') > 94_000);
  assert.ok(bytes('wasm-pack') > bytes('profile'));
});

/** The hosts of docs/data/speed.json that run JavaScript: there the chapter compares. */
function javascriptEngines() {
  const [{ engines }] = readSpeeds(ROOT);
  const found = engines.filter(({ contestants }) => contestants.some(({ id }) => id === 'tweetnacl'));
  const names = found.map(({ engine }) => engine);
  assert.ok(names.includes('node') && names.includes('chromium'), `measured in ${names.join(', ')}`);
  return found;
}

test('the measured speed: both faces take the same time, within a fifth', () => {
  for (const { engine, contestants } of javascriptEngines()) {
    const us = (/** @type {string} */ id) => contestants.find((each) => each.id === id)?.median_us ?? Number.NaN;
    const ratio = us('bindgen') / us('one-shot');
    assert.ok(ratio > 0.8 && ratio < 1.25, `${engine}: ${ratio}`);
  }
});

test('the measured speed: the chapter’s build is at least ten times as fast as tweetnacl', () => {
  for (const { engine, contestants } of javascriptEngines()) {
    const chapter = contestants.find(({ kind }) => kind === 'chapter');
    assert.ok((chapter?.times_as_fast_as.tweetnacl ?? 0) >= 10, engine);
  }
});

test('the chapter’s crates are packages of their own, with their edition and their lock', () => {
  for (const name of ['token-signer', 'token-signer-bindgen', 'c-linked-add']) {
    assert.match(read(`docs/listings/chapter/${name}/Cargo.toml`), /^edition = "2018"$/m);
    assert.ok(existsSync(path.join(CHAPTER, name, 'Cargo.lock')));
  }
});

test('__wbindgen_malloc gives an aligned address for size 0, and traps where memory cannot grow so far', async () => {
  const exports = await withoutGlue(chapterBindgen());
  for (const alignment of [1, 4, 8, 16]) assert.equal(exports.__wbindgen_malloc(0, alignment), alignment);
  assert.ok(exports.__wbindgen_malloc(32, 1) > 0);
  // Twice half of all that 32 bits can address is more than there is.
  assert.throws(() => {
    for (let time = 0; time < 2; time += 1) exports.__wbindgen_malloc(0x7fff_0000, 1);
  }, WebAssembly.RuntimeError);
});

test('the measured speed: holding the key makes signing at least 1.5 times as fast', () => {
  const [{ engines }] = readSpeeds(ROOT);
  for (const { engine, contestants } of engines) {
    const us = (/** @type {string} */ label) =>
      contestants.find((each) => each.label === label)?.median_us ?? Number.NaN;
    const ratio = us('Everyhost portable, key passed') / us('Everyhost portable, key held');
    assert.ok(ratio > 1.5, `${engine}: ${ratio}`);
  }
});

test('the memory of the linked module has 17 pages with wasm-bindgen, and 16 without', async () => {
  assert.equal((await instance('add-raw')).memory.buffer.byteLength / 65536, 16);
  assert.equal((await withoutGlue('target/pkg/c_linked_add_bg.wasm')).memory.buffer.byteLength / 65536, 17);
});

/** @returns {string} the chapter's listing for wasm-bindgen, as cargo builds it */
function chapterBindgen() {
  const target = 'target/chapter/token-signer-bindgen/release';
  const words = ['build', '--release', '--locked', '--quiet', '--lib', '--target=wasm32-unknown-unknown'];
  const listing = path.join(CHAPTER, 'token-signer-bindgen');
  mustRun('cargo', [...words, '--target-dir', path.join(ROOT, target)], listing);
  return `${target}/wasm32-unknown-unknown/release/token_signer.wasm`;
}

/**
 * @param {string} file the path of a module, whose imports do nothing here
 * @returns {Promise<Record<string, any>>} its exports
 */
async function withoutGlue(file) {
  const wasm = new WebAssembly.Module(readFileSync(path.join(ROOT, file)));
  const imports = Object.fromEntries(
    WebAssembly.Module.imports(wasm).map(({ module }) => [module, new Proxy({}, { get: () => () => 0 })]),
  );
  return /** @type {Record<string, any>} */ ((await WebAssembly.instantiate(wasm, imports)).exports);
}
