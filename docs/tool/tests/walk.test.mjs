// The walk types what a page shows; what comes out is compared, or written by bless.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { runExercises } from '../exercises.mjs';
import { walk } from '../walk.mjs';
import { check } from '../check.mjs';
import { edit, soundBook } from './sound.mjs';

const ONE = 'docs/src/walk/one.md';
const TWO = 'docs/src/walk/two.md';
const EXERCISE = 'docs/listings/exercises/walk-one-greet';

test('what a sound book shows is what comes out', async (t) => {
  const root = soundBook(t);
  assert.equal(String(await walk(root, [])), '');
  assert.equal(String(await walk(root, ['demo'])), '');
  assert.equal(String(await walk(root, ['walk/two'])), '');
});

test('a name that is none is told', async (t) => {
  assert.match(
    String(await walk(soundBook(t), ['nowhere'])),
    /no folder and no page with commands is called nowhere; folders: demo/,
  );
});

test('a stale output is told with its line, and both texts', async (t) => {
  const root = soundBook(t, edit(ONE, 'it is me', 'it is you'));
  const said = String(await walk(root, []));
  assert.match(said, /^docs\/src\/walk\/one.md:10: `sh greet.sh` prints something else/m);
  assert.match(said, /- it is you\n {4}\+ it is me/);
});

test('a listing that changed makes its output stale', async (t) => {
  const root = soundBook(t, edit('docs/listings/demo/greet.sh', 'echo hello', 'echo goodbye'));
  const said = String(await walk(root, []));
  assert.match(said, /one.md:10:/);
  assert.match(said, /two.md:8:/);
});

test('bless writes what came out, and then the book is sound', async (t) => {
  const root = soundBook(t, ({ edit }) => {
    edit(ONE, 'it is me', 'it is you');
    edit(TWO, '…\n1 ms', '…\n1 s');
  });
  assert.equal(String(await walk(root, [], { bless: true })), '');
  assert.equal(String(await walk(root, [])), '');
  assert.equal(String(await check(root)), '');
  assert.match(readFileSync(path.join(root, ONE), 'utf8'), /\$ sh greet.sh\nhello\nit is me\n```/);
  assert.match(readFileSync(path.join(root, TWO), 'utf8'), /hello\n…\n12.5 ms\n```/);
});

test('a figure that is near is as shown, and one that is not is told', async (t) => {
  const shown =
    (/** @type {string} */ figure) =>
    (/** @type {{ edit: any }} */ { edit }) => {
      edit(TWO, 'console,varies', 'console,near');
      edit(TWO, 'echo 12.5 ms', 'echo 1,000 bytes, 12.5 ms');
      edit(TWO, '1 ms\n', `${figure} bytes, 99.25 ms\n`);
    };
  assert.equal(String(await walk(soundBook(t, shown('1,015')), [])), '');
  assert.match(String(await walk(soundBook(t, shown('1,025')), [])), /prints something else than the page shows/);
});

test('bless leaves what fits as it is', async (t) => {
  const root = soundBook(t);
  const before = readFileSync(path.join(root, TWO), 'utf8');
  await walk(root, [], { bless: true });
  assert.equal(readFileSync(path.join(root, TWO), 'utf8'), before);
});

test('bless writes no path of this machine', async (t) => {
  const root = soundBook(t, edit(ONE, '$ sh greet.sh\nhello\nit is me', '$ pwd\nhere'));
  assert.match(
    String(await walk(root, [], { bless: true })),
    /one.md:10: `pwd`: the output has a path of this machine/,
  );
});

test('a command that fails ends the folder, and is told with what it printed', async (t) => {
  const root = soundBook(t, edit(ONE, '$ sh greet.sh', '$ echo before; ls nothing-here'));
  const said = String(await walk(root, []));
  assert.match(said, /one.md:10: `echo before; ls nothing-here` ended with 2; it printed:\n {4}\+ before/);
  assert.doesNotMatch(said, /two.md/);
});

test('a command that is to fail, and does not, is told', async (t) => {
  const root = soundBook(t, edit(TWO, 'exit 3', 'true'));
  assert.match(String(await walk(root, [])), /two.md:16: .* ended with 0, but the block is marked as one that fails/);
});

test('a command that does not end is ended', async (t) => {
  const root = soundBook(t, edit(ONE, '$ sh greet.sh', '$ echo started; sleep 60'));
  assert.match(String(await walk(root, [], { timeout: 1 })), /one.md:10: .*did not end in 1 s.*\n {4}\+ started/);
});

test('what is left running in the background does not outlive the walk', async (t) => {
  const command = '$ (sleep 2; touch "$MARK") & export MARK=unused; sh greet.sh';
  const root = soundBook(t, ({ edit, root: here }) =>
    edit(ONE, '$ sh greet.sh', command.replace('"$MARK"', path.join(here, 'mark'))),
  );
  assert.equal(String(await walk(root, [])), '');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assert.ok(!existsSync(path.join(root, 'mark')));
});

test('files are written as they are shown, appended where the page says so, and nowhere else', async (t) => {
  const block = (/** @type {string} */ info) =>
    `\`\`\`sh,${info}\n{{#include ../../listings/demo/greet.sh:inner}}\n\`\`\`\n`;
  const good = soundBook(
    t,
    edit(
      ONE,
      '```console\n$ sh greet.sh\n',
      `${block('file=greet.sh,append')}\n\`\`\`console\n$ cat greet.sh\necho hello\necho it is me\n\necho it is me\n$ sh greet.sh | head -n 2\n`,
    ),
  );
  assert.equal(String(await walk(good, ['demo'])).replace(/two.md[^]*/, ''), '');
  const outside = soundBook(t, edit(ONE, 'file=greet.sh', 'file=../greet.sh'));
  assert.match(String(await walk(outside, [])), /one.md:5: file=..\/greet.sh is outside of the folder/);
  const workspace = soundBook(t, edit(ONE, 'walk: demo', 'walk: workspace'));
  assert.match(String(await walk(workspace, ['workspace'])), /one.md:5: in the workspace a page writes no file/);
});

/** @param {string[]} packages */
const lockOf = (packages) =>
  packages
    .map((each) => each.split(' '))
    .map(([name, version]) => `[[package]]\nname = "${name}"\nversion = "${version}"\nsource = "registry"\n`)
    .join('\n');

test('versions are those of the listing’s Cargo.lock, whatever a command made of it', async (t) => {
  /** @param {{ committed: string[], taken: string[] }} locks */
  const walked = async ({ committed, taken }) => {
    const root = soundBook(t, ({ edit, root: here }) => {
      mkdirSync(path.join(here, 'docs/listings/walk/demo'), { recursive: true });
      writeFileSync(path.join(here, 'docs/listings/walk/demo/Cargo.lock'), lockOf(committed));
      writeFileSync(path.join(here, 'taken.lock'), lockOf(taken));
      const cargo = `$ touch Cargo.toml; rm -f Cargo.lock\n$ grep -c registry Cargo.lock\n${committed.length}\n`;
      edit(ONE, '$ sh greet.sh', `${cargo}$ cp ${path.join(here, 'taken.lock')} Cargo.lock\n$ sh greet.sh`);
    });
    return String(await walk(root, []));
  };
  assert.equal(await walked({ committed: ['a 1.0.0', 'b 2.1.0'], taken: ['a 1.0.0'] }), '');
  assert.match(
    await walked({ committed: ['a 1.0.0'], taken: ['a 1.0.1', 'c 3.0.0'] }),
    /one.md:13: `cp .*: cargo has taken a 1.0.1, c 3.0.0, which docs\/listings\/walk\/demo\/Cargo.lock does not have/,
  );
});

test('commands of the workspace run at its root', async (t) => {
  const root = soundBook(t, ({ edit }) => {
    edit(ONE, 'walk: demo', 'walk: workspace');
    edit(ONE, /```sh,file[^]*?```\n/, '');
    edit(ONE, '$ sh greet.sh\nhello\nit is me', '$ cat tests/add.rs\n#[test]\nfn it_adds() {}');
  });
  assert.equal(String(await walk(root, ['walk/one'])), '');
});

test('exercises: a sound one is green', async (t) => {
  assert.equal(String(await runExercises(soundBook(t), [])), '');
});

test('exercises: a start that passes, a solution that fails, and a check that cannot run are told', async (t) => {
  const said = async (/** @type {Parameters<typeof soundBook>[1]} */ change) =>
    String(await runExercises(soundBook(t, change), []));
  assert.match(await said(edit(`${EXERCISE}/start/answer.txt`, 'not yet', 'solved')), /check.sh: passes with start/);
  assert.match(
    await said(edit(`${EXERCISE}/solution/answer.txt`, 'solved', 'nothing')),
    /check.sh: fails with solution \(1\)/,
  );
  assert.match(
    await said(edit(`${EXERCISE}/check.sh`, 'grep -q', 'no-such-program')),
    /check.sh: cannot run with start/,
  );
});
