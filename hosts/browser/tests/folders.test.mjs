// The folders of a program of WASI, on their way to the page and back.

import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';

import { scratchFolder } from '../../javascript/tests/adapter-cases.mjs';
import { withFiles, writeFiles } from '../folders.mjs';

const { folder, remove } = scratchFolder();
after(remove);
const host = path.join(folder, 'host');
const file = (/** @type {string[]} */ ...names) => path.join(host, ...names);
const text = (/** @type {string[]} */ ...names) => readFileSync(file(...names), 'utf8');
mkdirSync(file('kept'), { recursive: true });
writeFileSync(path.join(folder, 'secret'), 'secret');
symlinkSync('../secret', file('link'));
symlinkSync('..', file('kept', 'up'));
for (const name of ['same', 'gone', 'becomes-a-folder']) writeFileSync(file(name), 'a');
utimesSync(file('same'), 1, 1);
const request = { seq: 1, in: { dirs: [{ guest: '/', host }] } };

test('the page gets files and folders, and no links', () => {
  const { files } = withFiles(request).in.dirs[0];
  const expected = [
    ['becomes-a-folder', '61'],
    ['gone', '61'],
    ['kept', []],
    ['same', '61'],
  ];
  assert.deepEqual(files.sort(), expected);
});

test('what the page answers is in the folder then, and nothing is written through a link', () => {
  const tree = [
    ['same', '61'],
    ['becomes-a-folder', [['new', '62']]],
    ['kept', [['up', [['secret', '63']]]]],
    ['link', '64'],
  ];
  const reply = writeFiles(request, { seq: 1, ok: { stdout: '', dirs: [tree] } });
  assert.deepEqual(reply, { seq: 1, ok: { stdout: '' } });
  assert.deepEqual([text('becomes-a-folder', 'new'), text('kept', 'up', 'secret'), text('link')], ['b', 'c', 'd']);
  assert.equal(readFileSync(path.join(folder, 'secret'), 'utf8'), 'secret');
  assert.deepEqual([existsSync(file('gone')), lstatSync(file('link')).isFile()], [false, true]);
  assert.equal(statSync(file('same')).mtimeMs, 1000);
});

test('a folder that is not there, and a name that no file can have, are said', () => {
  const wrong = { seq: 2, in: { dirs: [{ guest: '/', host: file('none') }] } };
  assert.deepEqual(withFiles(wrong), wrong);
  const { ok, unsupported } = writeFiles(request, { seq: 2, ok: { dirs: [[['x'.repeat(300), '']]] } });
  assert.deepEqual([ok, /cannot be written/.test(unsupported)], [undefined, true]);
});
