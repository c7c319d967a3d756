// ../dedent.mjs: code at the margin, everything else as it was.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { dedent, withIndex } from '../dedent.mjs';

const block = (/** @type {string} */ language, /** @type {string[]} */ ...lines) =>
  ['before', `\`\`\`${language}`, ...lines, '```', 'after', ''].join('\n');

test('code loses what all its lines begin with, and keeps what is in it', () => {
  const nested = block('csharp', '        using (x)', '        {', '', '            y();', '        }');
  assert.equal(dedent(nested), block('csharp', 'using (x)', '{', '', '    y();', '}'));
  assert.equal(dedent(block('go', '\tx()', '\t\ty()')), block('go', 'x()', '\ty()'));
  assert.equal(dedent(block('rust,ignore', '    x();', '  y();')), block('rust,ignore', '  x();', 'y();'));
});

test('code has no empty lines around it', () => {
  assert.equal(dedent(block('go', '', '  ', '\tx()', '', '\ty()', '', '')), block('go', 'x()', '', 'y()'));
  for (const same of [block('console', '', '$ x', ''), block('', '', 'x')]) assert.equal(dedent(same), same);
});

test('what is at the margin, empty, mixed, or no code stays as it is', () => {
  for (const same of [
    block('js', 'x();', '  y();'),
    block('js'),
    block('js', ''),
    block('c', '\tx();', '  y();'),
    block('console', '  12  a column', '   7  another'),
    block('text', '   drawn'),
    block('', '   drawn'),
    '    indented\n\n- a list\n\n  ```js\n    in it\n  ```\n',
  ]) {
    assert.equal(dedent(same), same);
  }
});

test('two blocks after each other are two', () => {
  const pair = (/** @type {string} */ indent) =>
    block('js', `${indent}x();`) + block('console', '  out') + block('js', 'y();');
  assert.equal(dedent(pair('  ')), pair(''));
});

test('it speaks with mdBook: it supports every renderer, and gives back the book', () => {
  const run = (/** @type {string[]} */ args, input = '') =>
    spawnSync(process.execPath, [fileURLToPath(new URL('../dedent.mjs', import.meta.url)), ...args], {
      input,
      encoding: 'utf8',
    });
  assert.equal(run(['supports', 'html']).status, 0);
  const chapter = (/** @type {string} */ indent, /** @type {unknown[]} */ sub_items) => ({
    Chapter: { name: 'x', content: block('js', `${indent}x();`), sub_items, path: 'x.md' },
  });
  const book = (/** @type {string} */ indent) => ({
    items: [{ PartTitle: 'p' }, 'Separator', chapter(indent, [chapter(indent, [])])],
  });
  const { status, stdout, stderr } = run([], JSON.stringify([{ renderer: 'html' }, book('    ')]));
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), book(''));
});

test('links to README.md lead to index.html, and nothing else changes', () => {
  assert.equal(withIndex('[a](README.md) [b](../README.md#x)'), '[a](index.md) [b](../index.md#x)');
  const same = '`README.md` [c](https://example.org/README.md) [d](x/MYREADME.md) (README.md)';
  assert.equal(withIndex(same), same);
});
