// What every live part must do, in any browser. The tests speak to a page only through `evaluate` and the keyboard, which
// playwright and puppeteer have alike.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';

import { expectFitting, LAUNCH, until } from '../../../hosts/browser/tests/any-page.mjs';
import { toHex } from '../../../hosts/javascript/conformance/bytes.mjs';
import { SIGNATURE_OF_HELLO } from '../../../hosts/javascript/conformance/published.mjs';
import { fakeBatchModule } from '../../../hosts/javascript/tests/small-modules.mjs';
import { serveBook, serveFolder } from './page.mjs';

const SIGNATURE = toHex(SIGNATURE_OF_HELLO);
const PUBLIC_KEY = crypto.createPublicKey({
  key: { kty: 'OKP', crv: 'Ed25519', x: 'Pjk790z2PPjjhR6g_mqS5WWV9QaUfXxmMQ5s6sl6Pp8' },
  format: 'jwk',
});

/** @typedef {import('../../../hosts/browser/tests/any-page.mjs').Page} Page */

/** @param {keyof typeof LAUNCH} name of the browser */
export function testParts(name) {
  /** @type {import('../../../hosts/browser/tests/any-page.mjs').Browser} */
  let browser;
  /** @type {import('./page.mjs').Book} */
  let book;
  before(async () => {
    book = await serveBook();
    browser = await LAUNCH[name]();
  });
  after(async () => {
    await browser?.close();
    await book?.close();
  });

  /**
   * What makes a test on a page.
   *
   * @param {{ html?: string, wrong?: boolean, served?: Record<string, string | Uint8Array> }} options another page; whether things
   *   are to go wrong on it; what is served instead of the book's own files
   * @returns {(title: string, work: (page: Page) => Promise<void>) => void}
   */
  const onPageWith =
    ({ html = 'live.html', wrong = false, served = {} }) =>
    (title, work) => {
      test(`${name}: ${title}`, async () => {
        const kept = new Map(book.files);
        for (const [url, text] of Object.entries(served)) {
          const file = path.join(book.folder, `instead-${path.basename(url)}`);
          await writeFile(file, text);
          book.files.set(url, file);
        }
        const page = await browser.newPage(book.origin);
        try {
          await page.goto(`${book.origin}/book/${html}`);
          const states = () =>
            [...document.querySelectorAll('.live')].every(
              (place) => 'state' in /** @type {HTMLElement} */ (place).dataset,
            );
          await until(page, states);
          await work(page);
          if (!wrong) assert.deepEqual(page.wrong, [], 'nothing goes wrong on the page');
        } finally {
          await page.close();
          for (const [url, file] of kept) book.files.set(url, file);
        }
      });
    };
  const onPage = onPageWith({});

  onPage('memory signs hello as the book does, and wipe leaves zeros', async (page) => {
    assert.match(await status(page, 'memory'), /^A new instance\./);
    assert.equal(await bytes(page, 'Key'), '00'.repeat(64));
    assert.match(
      await press(page, 'memory', '1. Write'),
      /^allocate_message\(5\) gave \d+\..*key 64, signature 0, message 5/,
    );
    assert.match(await bytes(page, 'Key'), /^fe7282d4.*3e9f$/);
    assert.equal(await bytes(page, 'Message'), Buffer.from('hello').toString('hex'));
    assert.match(await found(page), /are at \d+ \(key buffer\)\.$/);
    const said = await press(page, 'memory', '2. Sign');
    assert.ok(said.includes(SIGNATURE), said);
    assert.equal(await bytes(page, 'Signature'), SIGNATURE);
    // Marked by an element with a meaning, not by a class alone.
    assert.equal(await page.evaluate(() => document.querySelectorAll('[data-live=memory] ins').length), 64);
    await press(page, 'memory', '3. Wipe');
    assert.equal(await bytes(page, 'Key'), '00'.repeat(64));
    assert.equal(await bytes(page, 'Signature'), '00'.repeat(64));
    assert.match(await found(page), /nowhere/);
  });

  onPage('memory holds a key: its buffer is empty then, and the signature the same', async (page) => {
    await press(page, 'memory', '1. Write');
    const said = await press(page, 'memory', 'Hold the key, then sign');
    assert.match(said, /load_key\(\) expanded the key and cleared its buffer\. The seed was (nowhere|at \d+ places)/);
    assert.ok(said.includes(SIGNATURE), said);
    assert.equal(await bytes(page, 'Key'), '00'.repeat(64));
    // A button that cannot be used now does nothing.
    assert.equal(await press(page, 'memory', '2. Sign'), said);
    assert.match(await press(page, 'memory', 'New instance'), /^A new instance\./);
    assert.equal(await bytes(page, 'Signature'), '00'.repeat(64));
  });

  onPage('memory signs a message of one’s own, as UTF-8', async (page) => {
    const message = 'Grüße, 日本 🦀 '.repeat(9);
    await fill(page, 'memory', 'Message', message);
    assert.match(
      await press(page, 'memory', '1. Write'),
      new RegExp(`^allocate_message\\(${Buffer.byteLength(message)}\\)`),
    );
    const caption = await page.evaluate(() => document.querySelectorAll('.live-bytes caption')[2].textContent);
    assert.match(
      caption,
      new RegExp(
        `^Message: ${Buffer.byteLength(message)} bytes at \\d+, the first 96 shown \\(${message.length} UTF-16 units`,
      ),
    );
    await press(page, 'memory', '2. Sign');
    const signature = Buffer.from(await bytes(page, 'Signature'), 'hex');
    assert.ok(crypto.verify(null, Buffer.from(message), PUBLIC_KEY, signature));
  });

  onPage('memory can be used with the keyboard alone', async (page) => {
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('[data-live=memory] input')).focus());
    for (const key of ['Tab', 'Enter', 'Tab', ' ', 'Tab', 'Tab', 'Enter']) await page.press(key);
    assert.match(await until(page, statusOf, 'memory', '^wipe'), /^wipe\(\) has cleared/);
    // The button that was pressed still has the focus, though it cannot be used now.
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), '3. Wipe');
  });

  onPage('comparison finds all signatures equal, and tweetnacl slower', async (page) => {
    await press(page, 'comparison', 'Sign them all');
    const text = await ended(page, 'comparison');
    assert.match(text, /^All 100 signatures are the same, byte for byte, from all four\./);
    const ratio = Number(/([\d,.]+) times as fast/.exec(text)?.[1].replace(',', ''));
    assert.ok(ratio > 2, text);
    const widths = await page.evaluate(() =>
      [...document.querySelectorAll('[data-live=comparison] .live-bar')].map(
        (bar) => bar.getBoundingClientRect().width,
      ),
    );
    assert.equal(widths.length, 4);
    assert.ok(
      widths.every((/** @type {number} */ width) => width > 0 && width <= widths[3]),
      String(widths),
    );
  });

  onPage('comparison leaves the page usable, and can be cancelled', async (page) => {
    await page.evaluate(() => {
      const noted = /** @type {any} */ (globalThis);
      noted.longest = 0;
      let last = performance.now();
      const tick = () => {
        noted.longest = Math.max(noted.longest, performance.now() - last);
        last = performance.now();
        noted.ticking = setTimeout(tick, 1);
      };
      tick();
    });
    await fill(page, 'comparison', 'Messages', '300');
    await press(page, 'comparison', 'Sign them all');
    await until(page, () =>
      [...document.querySelectorAll('[data-live=comparison] tbody td:nth-child(2)')].every(
        (cell) => cell.textContent !== '–',
      ),
    );
    await press(page, 'comparison', 'Cancel');
    assert.match(await until(page, statusOf, 'comparison', '^Cancelled'), /^Cancelled\.$/);
    const longest = await page.evaluate(() => /** @type {any} */ (globalThis).longest);
    assert.ok(longest < 1000, `the page stood still for ${longest} ms`);
  });

  onPageWith({
    served: {
      '/book/live/vendor/nacl-fast.min.js': 'globalThis.nacl = { sign: { detached: () => new Uint8Array(64) } };',
    },
  })('comparison says so when a signature differs', async (page) => {
    await press(page, 'comparison', 'Sign them all');
    const text = await until(page, statusOf, 'comparison', '^hello\\d+: tweetnacl');
    assert.match(text, /^hello0: tweetnacl \(JavaScript\) gives (00){64}, and not [0-9a-f]{128}$/);
  });

  onPage('lanes signs with every module that the browser takes, and all signatures are equal', async (page) => {
    await fill(page, 'lanes', 'Messages', '256');
    await press(page, 'lanes', 'Sign them');
    const text = await ended(page, 'lanes');
    assert.match(text, /^All 256 signatures are the same from every module\. In batches of 256, /);
    const rows = await page.evaluate(barsOf, 'lanes');
    assert.deepEqual(
      rows.map((/** @type {{ name: string }} */ { name }) => name),
      ['signer-raw', 'signer-raw-simd', 'signer-lanes', 'signer-lanes-relaxed'],
    );
    for (const { name, us, why, width } of rows) {
      if (name.endsWith('-relaxed') && why) assert.match(why, /it needs relaxed SIMD|SELF_TEST_FAILED/);
      else assert.ok(Number(us) > 0 && width > 0, `${name}: ${us} µs, ${width} px, ${why}`);
    }
    // Two a vector, in a batch: less than half is what one expects; that it is faster at all is what this asks.
    assert.ok(Number(rows[2].us) < Number(rows[0].us), JSON.stringify(rows));
  });

  onPage('lanes shows the curve over every batch size', async (page) => {
    await fill(page, 'lanes', 'Messages', '256');
    await press(page, 'lanes', 'Every batch size');
    await ended(page, 'lanes');
    const curve = await page.evaluate(() =>
      [...document.querySelectorAll('.live-curve tbody tr')].map((row) =>
        [...row.children].map((cell) => Number(cell.textContent?.replace(',', ''))),
      ),
    );
    assert.deepEqual(
      curve.map((/** @type {number[]} */ [size]) => size),
      [1, 2, 4, 16, 64, 256, 1024],
    );
    for (const row of curve) assert.ok(row.length >= 4 && row.every((/** @type {number} */ us) => us > 0), String(row));
  });

  onPage('lanes can be cancelled, and begun again', async (page) => {
    await fill(page, 'lanes', 'Messages', '4096');
    await press(page, 'lanes', 'Every batch size');
    assert.equal(await press(page, 'lanes', 'Cancel'), 'Cancelled.');
    await fill(page, 'lanes', 'Messages', '256');
    await press(page, 'lanes', 'Sign them');
    assert.match(await ended(page, 'lanes'), /^All 256/);
  });

  onPageWith({
    served: {
      '/book/modules/signer-lanes.wasm': fakeBatchModule(8),
      // An instruction that no browser knows: 0xfd, 0x1ff.
      '/book/modules/signer-lanes-relaxed.wasm': Uint8Array.of(
        ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
        ...[0x0a, 7, 1, 5, 0, 0xfd, 0xff, 0x03, 0x0b],
      ),
    },
  })(
    'lanes says of a module that the browser refuses, or that fails its self-test, why it is not used',
    async (page) => {
      await press(page, 'lanes', 'Sign them');
      const text = await ended(page, 'lanes');
      assert.match(text, /Not here: signer-lanes, signer-lanes-relaxed\.$/);
      const rows = await page.evaluate(barsOf, 'lanes');
      assert.match(rows[2].why, /^it refuses to work here: it signed its known answer wrongly \(SELF_TEST_FAILED\)$/);
      assert.match(rows[3].why, /^this browser refuses it: it needs relaxed SIMD \(/);
      assert.deepEqual([rows[2].us, rows[3].us], ['–', '–']);
    },
  );

  onPageWith({ served: { '/book/modules/signer-lanes.wasm': fakeBatchModule(0) } })(
    'lanes says so when a module signs otherwise',
    async (page) => {
      await press(page, 'lanes', 'Sign them');
      assert.equal(
        await until(page, statusOf, 'lanes', 'otherwise|^All'),
        'signer-lanes signs otherwise than signer-raw does',
      );
    },
  );

  onPage('issuers verifies with every module that the browser takes, and one issuer is faster', async (page) => {
    await fill(page, 'issuers', 'Signatures', '256');
    await press(page, 'issuers', 'Verify them');
    assert.match(await ended(page, 'issuers'), /^All 256 verdicts are the same from every module\. With 1 issuer, /);
    const [raw, lanes, relaxed] = await page.evaluate(barsOf, 'issuers');
    assert.deepEqual([raw.name, lanes.name, relaxed.name], ['signer-raw', 'verifier-lanes', 'verifier-lanes-relaxed']);
    // A held key is worth several times that; that it is worth something is what this asks.
    assert.ok(Number(lanes.us) > 0 && Number(lanes.us) < Number(raw.us), JSON.stringify([raw, lanes]));
    if (relaxed.why) assert.match(relaxed.why, /it needs relaxed SIMD|SELF_TEST_FAILED/);
    else assert.ok(Number(relaxed.us) > 0, JSON.stringify(relaxed));
  });

  onPage('issuers shows the curve over every number of issuers', async (page) => {
    await fill(page, 'issuers', 'Signatures', '256');
    await press(page, 'issuers', 'Every number of issuers');
    assert.match(await ended(page, 'issuers'), /^All 256 verdicts .* With 256 issuers, /);
    const curve = await page.evaluate(() =>
      [...document.querySelectorAll('[data-live=issuers] .live-curve tbody tr')].map((row) =>
        [...row.children].map((cell) => Number(cell.textContent?.replace(',', ''))),
      ),
    );
    assert.deepEqual(
      curve.map((/** @type {number[]} */ [issuers]) => issuers),
      [1, 4, 16, 64, 256],
    );
    for (const row of curve) assert.ok(row.length >= 3 && row.every((/** @type {number} */ us) => us > 0), String(row));
  });

  onPage('bytes shows the sections of each module, as they are', async (page) => {
    const rows = await page.evaluate(() =>
      [...document.querySelectorAll('[data-live=bytes] tbody tr:has(th)')].map((row) =>
        [...row.children].slice(0, 6).map((cell) => cell.textContent?.replaceAll(',', '')),
      ),
    );
    assert.equal(rows.length, 7);
    for (const [name, ...figures] of rows) {
      const [bytes, code, data, others, gzip] = figures.map(Number);
      const file = path.join(book.folder, `modules/${name}.wasm`);
      assert.equal(bytes, (await stat(file)).size, name);
      assert.equal(code + data + others, bytes, name);
      const details = execFileSync('wasm-objdump', ['-h', file], { encoding: 'utf8' });
      const inside = Number(/^ +Code start=\S+ end=\S+ \(size=(0x[0-9a-f]+)\)/m.exec(details)?.[1]);
      assert.ok(code - inside >= 2 && code - inside <= 6, `${name}: ${code} of code, ${inside} for wasm-objdump`);
      assert.ok(gzip > 0 && gzip < bytes, name);
    }
  });

  onPage('adder adds, wraps around, and refuses what is no 32-bit integer', async (page) => {
    const add = async (/** @type {string} */ a, /** @type {string} */ b) => {
      await fill(page, 'adder', 'a', a);
      await fill(page, 'adder', 'b', b);
      const said = await press(page, 'adder', 'Add');
      return [await page.evaluate(() => document.querySelector('output')?.value), said];
    };
    assert.deepEqual(await add('2', '3'), ['5', '2 + 3 = 5']);
    assert.match(
      (await add('2147483647', '1')).join(' '),
      /^-2147483648 .*2147483648, which 32 bits do not hold.*−2³²$/,
    );
    assert.deepEqual((await add('2147483648', '1'))[0], '');
    assert.match((await add('', '1')).join(' '), /a must be a whole number/);
    assert.match(await press(page, 'adder', 'Smallest − 1'), /wraps around to 2147483647/);
  });

  onPage('adder shows the WAT that wasm2wat shows', async (page) => {
    const shown = await page.evaluate(() => document.querySelector('.live-wat')?.textContent);
    assert.equal(
      shown,
      '(func (export "add_numbers") (param i32 i32) (result i32)\n  local.get 0\n  local.get 1\n  i32.add)',
    );
    const module = path.join(book.folder, 'modules/add-raw.wasm');
    const whole = execFileSync('wasm2wat', [module], { encoding: 'utf8' });
    const lines = (/** @type {string} */ text) =>
      text
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    const [, first] = /\n {2}(\(func \(;0;\)[^]*?)\n {2}\(func/.exec(whole) ?? [];
    assert.deepEqual(lines(shown), lines(first));
    assert.match(whole, /\(export "add_numbers" \(func 0\)\)/);
  });

  onPage('playground assembles, calls and says what went wrong', async (page) => {
    const said = async (/** @type {string} */ text) => {
      await until(
        page,
        () => !/Working…/.test(document.querySelector('[data-live=playground] [role=status]')?.textContent ?? ''),
      );
      assert.match(await status(page, 'playground'), new RegExp(text));
    };
    const about = () => page.evaluate(() => document.querySelector('[data-live=playground] pre')?.textContent);
    await press(page, 'playground', 'Run');
    await said('^add\\(2, 3\\) gives 5$');
    assert.match(
      await about(),
      /^module: core module, \d+ bytes\n[^]*\nexports {3}1 function: add\(i32, i32\) -> \(i32\)\n[^]*\nrows {6}as it is: /,
    );
    await press(page, 'playground', 'Trap');
    await said('zero');
    await press(page, 'playground', 'Memory');
    await said('out of bounds');
    await press(page, 'playground', 'Forever');
    await said('did not return within 2 s');
    const edited = async (/** @type {string} */ text, /** @type {string} */ call) => {
      await page.evaluate((text) => {
        const area = /** @type {HTMLTextAreaElement} */ (document.querySelector('[data-live=playground] textarea'));
        area.value = text;
      }, text);
      await fill(page, 'playground', 'Call', call);
      await press(page, 'playground', 'Run');
    };
    await edited('(module (func (export "f") (result i64) i32.const 1))', 'f()');
    await said('i64');
    await edited('(module (func (export "f")) end)', 'f()');
    await said('^expected `\\(` at line 1, column 29$');
    await edited('(module (func (export "f") (param i64 f64) (result i64) local.get 0))', 'f(9007199254740993, x)');
    await said('expected a value of type f64, found “x”');
    await edited('(module (func (export "f") (param i64 f64) (result i64) local.get 0))', 'f(9007199254740993, 0.5)');
    await said('gives 9007199254740993$');
    await edited('(module (import "env" "g" (func)) (func (export "f")))', 'f()');
    await said('imports env.g, and this page provides nothing');
    assert.match(await about(), /function env\.g/);
    await edited('(module (func (export "f")))', 'g()');
    await said('no function g is exported; there is f$');
    await page.evaluate(() => {
      const input = /** @type {HTMLInputElement} */ (document.querySelector('[data-live=playground] input[type=file]'));
      const chosen = new DataTransfer();
      chosen.items.add(new File(['(module)'], 'text.wasm'));
      input.files = chosen.files;
      input.dispatchEvent(new Event('change'));
    });
    await said('it is a module in the text format');
  });

  onPage('stack: a call that returns puts the pointer back, one that traps does not', async (page) => {
    const top = Number(/stack pointer is ([\d,]+)/.exec(await status(page, 'stack'))?.[1].replaceAll(',', ''));
    assert.ok(top > 0);
    assert.match(await press(page, 'stack', 'times(7, 2)'), /^times\(7, 2\) gave 3, and put the stack pointer back\.$/);
    assert.match(await press(page, 'stack', 'times(7, 0)'), /^times\(7, 0\) trapped: .*it is [\d,]+ lower\.$/);
    assert.match(await press(page, 'stack', 'times(7, 2)'), /gave 3/);
    assert.match(
      await press(page, 'stack', 'times(7, 0), 1,000 times'),
      /^times\(7, 0\) trapped, 1,000 times: .* a trap\.$/,
    );
    const rows = await page.evaluate(() =>
      [...document.querySelectorAll('[data-live=stack] tbody tr')].map((row) =>
        [...row.children].slice(2).map((cell) => cell.textContent?.replaceAll(',', '')),
      ),
    );
    const each = top - Number(rows[1][0]);
    assert.ok(each > 0 && each < 1000, String(rows));
    const backAt = (/** @type {number} */ pointer) => [String(pointer), 'back where it was'];
    assert.deepEqual(rows, [
      backAt(top),
      [String(top - each), `${each} lower`],
      backAt(top - each),
      [String(top - 1001 * each), `${1000 * each} lower`],
    ]);
    const gone = await page.evaluate(() => document.querySelector('[data-live=stack] .live-found')?.textContent);
    assert.equal(gone?.replaceAll(',', ''), `Stack that is gone: ${1001 * each} of ${top} bytes.`);
  });

  onPage('stack: when it is full every call traps, until there is a new instance', async (page) => {
    const full = await press(page, 'stack', 'times(7, 0), until the stack is full');
    assert.match(full, /^times\(7, 0\) trapped, [\d,]+ times: .* below address 0, .*Now try times\(7, 2\)\.$/);
    assert.match(
      await press(page, 'stack', 'times(7, 2)'),
      /^times\(7, 2\) trapped: .* Only a new instance fixes that\.$/,
    );
    assert.match(await press(page, 'stack', 'New instance'), /the stack is empty/);
    assert.match(await press(page, 'stack', 'times(7, 2)'), /gave 3/);
  });

  onPage('stack and abi can be used with the keyboard alone', async (page) => {
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('[data-live=stack] button')).focus());
    for (const key of ['Tab', 'Enter']) await page.press(key);
    assert.match(await until(page, statusOf, 'stack', 'trapped'), /^times\(7, 0\) trapped/);
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('[data-live=abi] input')).focus());
    for (const key of ['Tab', 'Tab', ' ']) await page.press(key);
    assert.match(await until(page, statusOf, 'abi', 'refuse'), /^Both refuse the key/);
  });

  onPage('abi signs both ways, and shows what is where', async (page) => {
    const key = '^fe7282d4.*3e9f$';
    assert.equal(
      await status(page, 'abi'),
      'Both signatures are the same 64 bytes. Raw: 5 calls, 69 bytes copied in and 64 out. ' +
        'Canonical: 4 calls, 69 bytes copied in and 76 out.',
    );
    const [raw, canonical] = await page.evaluate(waysOf);
    assert.deepEqual(
      raw.calls.map((/** @type {string} */ text) => text.replace(/\(.*/, '')),
      ['get_signing_key_ptr', 'allocate_message', 'try_sign', 'get_signature_ptr', 'wipe'],
    );
    assert.match(raw.grids[0].bytes, new RegExp(key));
    assert.equal(raw.grids[1].bytes, Buffer.from('hello').toString('hex'));
    assert.deepEqual([raw.grids[2].bytes, raw.grids[2].marked], [SIGNATURE, 64]);
    assert.equal(raw.grids[3].bytes, '00'.repeat(64));
    assert.match(raw.grids[0].caption, /^Key: 64 bytes at \d+, static data$/);

    const [at, result] = /^sign\((\d+), 64, \d+, 5\)/.exec(canonical.calls[2]) ?? [];
    assert.ok(at, canonical.calls[2]);
    assert.match(canonical.grids[0].bytes, new RegExp(key));
    assert.equal(canonical.grids[0].caption, `Key: 64 bytes at ${result}, heap`);
    // The result: ok, the address and the length.
    const [, , area, signature, freed, after] = canonical.grids;
    const [, address] = /^Signature: 64 bytes at (\d+), heap$/.exec(signature.caption) ?? [];
    const expected = Buffer.alloc(12);
    expected.writeUInt32LE(Number(address), 4);
    expected.writeUInt32LE(64, 8);
    assert.equal(area.bytes, expected.toString('hex'));
    assert.equal(signature.bytes, SIGNATURE);
    assert.match(freed.bytes, /^.{16}(00){56}$/);
    assert.equal(after.bytes, '00'.repeat(64));
    assert.equal(after.caption, signature.caption);
  });

  onPage('abi shows a refused key as a status, and as a case of the enum', async (page) => {
    assert.match(
      await press(page, 'abi', 'With a wrong key'),
      /^Both refuse the key: by status 3, and by case 1 of the enum\. /,
    );
    const [raw, canonical] = await page.evaluate(waysOf);
    assert.match(raw.text, /The status is the whole result: 3 is KEY_PAIR_MISMATCH\./);
    assert.match(canonical.text, /Byte 0 is 1: err\. Byte 4 is the case of the WIT’s enum: 1, key-pair-mismatch\./);
    assert.match(canonical.grids[2].bytes, /^01.{6}01/);
    // As long as a message may be, and not ASCII.
    await fill(page, 'abi', 'Message', 'ü'.repeat(2000));
    await press(page, 'abi', 'Sign both ways');
    const text = await status(page, 'abi');
    assert.match(text, /^Both signatures are the same 64 bytes\. Raw: 5 calls, 4064 bytes copied in/);
  });

  onPageWith({ served: { '/book/live/report.json': JSON.stringify(REPORT) } })(
    'matrix shows every row and module of a report',
    async (page) => {
      const text = await page.evaluate(() => document.querySelector('[data-live=matrix]')?.textContent);
      assert.match(text, /^2026-01-02 03:04 UTC, everyhost 9: 5 of 8 answers as expected, 1 known gaps, 2 red\./);
      const rows = await page.evaluate(() =>
        [...document.querySelectorAll('.live-matrix tbody tr')].map((row) =>
          [...row.children].map((cell) => cell.textContent),
        ),
      );
      assert.deepEqual(rows, [
        ['one', '✓ 4 / 4 all', '◐ 1 / 2 known gaps'],
        ['two', '✗ 0 / 2 red', '–'],
      ]);
      assert.match(text, /The 1 known gaps, with their reasonsone, of one: because \(source\)/);
    },
  );

  onPageWith({ served: { '/book/live/report.json': 'null\n' } })(
    'matrix says so when there was no run',
    async (page) => {
      assert.match(await status(page, 'matrix'), /there is no report\. make run asks every host/);
    },
  );

  onPageWith({ html: 'no-wasm.html', served: { '/book/live/report.json': JSON.stringify(REPORT) } })(
    'without WebAssembly each part says why, and the fallback stays',
    async (page) => {
      for (const part of ['memory', 'comparison', 'lanes', 'issuers', 'adder', 'stack', 'abi']) {
        assert.match(await status(page, part), /^This part cannot run here: this browser has no WebAssembly/);
        assert.match(await page.evaluate(textOf, part), new RegExp(`Fallback of ${part}\\.$`));
      }
      // The matrix needs none.
      assert.match(await page.evaluate(textOf, 'matrix'), /✓/);
    },
  );

  onPageWith({ served: { '/book/modules/signer-raw.wasm': 'not Wasm', '/book/live/report.json': '{' }, wrong: true })(
    'a module that is damaged or missing is named',
    async (page) => {
      assert.match(await status(page, 'memory'), /^This part cannot run here: this browser refuses signer-raw\.wasm: /);
      assert.match(await status(page, 'matrix'), /^This part cannot run here: /);
    },
  );

  onPage('an unknown part is a mistake that the page tells', async (page) => {
    assert.match(await status(page, 'nonsense'), /^This part cannot run here: there is no live part “nonsense”/);
  });

  // `BOOK=target/book` asks for it: the book is built after the hosts are tested.
  const built = process.env.BOOK;
  if (built !== undefined) {
    test(`${name}: every live part of the built book starts, and asks nobody else`, async () => {
      const server = await serveFolder(built);
      try {
        assert.ok(server.pages.length > 0, `no page of ${built} has a live part`);
        for (const url of server.pages) {
          const page = await browser.newPage(server.origin);
          await page.goto(server.origin + url);
          await until(page, () =>
            [...document.querySelectorAll('.live')].every((/** @type {any} */ place) => 'state' in place.dataset),
          );
          const states = await page.evaluate(() =>
            [...document.querySelectorAll('.live')].map(
              (/** @type {any} */ place) => `${place.dataset.live} ${place.dataset.state}`,
            ),
          );
          assert.ok(states.length > 0, `${url}: no live part`);
          for (const state of states) assert.match(state, / started$/, url);
          if (states.includes('memory started')) {
            await press(page, 'memory', '1. Write');
            assert.ok((await press(page, 'memory', '2. Sign')).includes(SIGNATURE));
          }
          assert.deepEqual(page.wrong, [], url);
          await page.close();
        }
      } finally {
        await server.close();
      }
    });
  }

  onPage('everything fits a phone, and has a name', async (page) => {
    await page.resize({ width: 390, height: 844 });
    await press(page, 'memory', '1. Write');
    await press(page, 'stack', 'times(7, 0), until the stack is full');
    await press(page, 'comparison', 'Sign them all');
    await until(page, statusOf, 'comparison', '^All');
    await fill(page, 'lanes', 'Messages', '256');
    await press(page, 'lanes', 'Every batch size');
    await until(page, statusOf, 'lanes', '^All');
    await fill(page, 'issuers', 'Signatures', '256');
    await press(page, 'issuers', 'Every number of issuers');
    await until(page, statusOf, 'issuers', '^All');
    await expectFitting(page, '.live :is(button, input, select, table, [tabindex])');
  });
}

const REPORT = {
  tool: 'everyhost 9',
  started: '2026-01-02T03:04:05Z',
  end: 'red',
  planned: 8,
  executed: 8,
  verdicts: { pass: 5, 'known-gap': 1, fail: 2 },
  rows: [
    { name: 'one', kind: 'wasm', host: { host: 'one', version: '1', runtime: 'r', os: 'o' } },
    { name: 'two', kind: 'wasm', unavailable: 'not here' },
  ],
  modules: [{ name: 'm' }, { name: 'n' }],
  matrix: [
    { row: 'one', module: 'm', planned: 4, verdicts: { pass: 4 } },
    { row: 'one', module: 'n', planned: 2, verdicts: { pass: 1, 'known-gap': 1 } },
    { row: 'two', module: 'm', planned: 2, verdicts: { fail: 2 } },
  ],
  known_gaps: [{ title: 'of one', row: 'one', reason: 'because', link: 'https://example.org/' }],
};

/** @type {(part: string, pattern: string) => string | undefined} the status line, once it matches the pattern */
const statusOf = (part, pattern) => {
  const line = document.querySelector(`[data-live=${part}] .live-status`);
  const text = line?.textContent ?? '';
  return new RegExp(pattern).test(text) || new RegExp(pattern).test(line?.className ?? '') ? text : undefined;
};

/** What a part says at the end of a run. */
const ended = (/** @type {Page} */ page, /** @type {string} */ part) => until(page, statusOf, part, '^All|live-bad');

const barsOf = (/** @type {string} */ part) =>
  [...document.querySelectorAll(`[data-live=${part}] .live-bars tbody tr`)].map((row) => ({
    name: row.children[0].firstChild?.textContent ?? '',
    us: row.children[1].textContent?.replace(',', '') ?? '',
    why: row.querySelector('.live-why')?.textContent ?? '',
    width: row.querySelector('.live-bar')?.getBoundingClientRect().width ?? 0,
  }));

/** @type {(part: string) => string | undefined} */
const textOf = (part) => document.querySelector(`[data-live=${part}]`)?.textContent?.trim();

const status = (/** @type {Page} */ page, /** @type {string} */ part) =>
  page.evaluate((part) => document.querySelector(`[data-live=${part}] .live-status`)?.textContent, part);

/**
 * Presses a button by its text, and gives what the part then says.
 *
 * @returns {Promise<string>}
 */
async function press(/** @type {Page} */ page, /** @type {string} */ part, /** @type {string} */ text) {
  await page.evaluate(
    (part, text) => {
      const buttons = [...document.querySelectorAll(`[data-live=${part}] button`)];
      const wanted = buttons.find((button) => button.textContent === text);
      if (!wanted) throw new Error(`${part} has no button ${text}`);
      /** @type {HTMLButtonElement} */ (wanted).click();
    },
    part,
    text,
  );
  return status(page, part);
}

/**
 * @param {Page} page
 * @param {string} part
 * @param {string} label
 * @param {string} value
 */
const fill = (page, part, label, value) =>
  page.evaluate(
    (part, label, value) => {
      const found = [...document.querySelectorAll(`[data-live=${part}] label`)].find(
        (item) => item.textContent === label,
      );
      const field = /** @type {HTMLInputElement} */ (/** @type {HTMLLabelElement} */ (found).control);
      field.value = value;
    },
    part,
    label,
    value,
  );

/** The bytes of a grid, as hex. */
const bytes = (/** @type {Page} */ page, /** @type {string} */ name) =>
  page.evaluate((name) => {
    const grid = [...document.querySelectorAll('.live-bytes')].find((table) =>
      table.querySelector('caption')?.textContent?.startsWith(`${name}:`),
    );
    return [...(grid?.querySelectorAll('td') ?? [])].map((cell) => cell.textContent).join('');
  }, name);

/** What `abi` shows of each way: its calls, and its grids in their order. */
const waysOf = () =>
  [...document.querySelectorAll('[data-live=abi] .live-columns > div')].map((way) => ({
    text: way.textContent,
    calls: [...way.querySelectorAll('li > code')].map((code) => code.textContent),
    grids: [...way.querySelectorAll('table')].map((table) => ({
      caption: table.caption?.textContent,
      bytes: [...table.querySelectorAll('td')].map((cell) => cell.textContent).join(''),
      marked: table.querySelectorAll('ins').length,
    })),
  }));

/** @param {Page} page */
const found = (page) => page.evaluate(() => document.querySelector('.live-found')?.textContent);
