// The adapter of this runtime.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { toHex } from '../conformance/bytes.mjs';
import { RUNTIME } from '../conformance/runtime.mjs';
import { adapterCases, MODULES, scratchFolder } from './adapter-cases.mjs';
import { Adapter } from './adapter.mjs';
import { PUBLISHED_KEY } from './modules.mjs';
import { commandOf } from './programs.mjs';

const { save, remove } = scratchFolder();
const adapter = new Adapter(commandOf('adapter'));

const cases = adapterCases({
  checkSelf({ host, version, runtime }) {
    assert.deepEqual([host, version], [RUNTIME.host, RUNTIME.version]);
    assert.match(runtime, RUNTIME.host === 'bun' ? /^JavaScriptCore / : /^V8 \d/);
  },
});
for (const [name, work] of Object.entries(cases)) test(name, () => work(adapter, save));

test('the adapter ends with its input, and has said nothing on stderr', async () => {
  assert.deepEqual([await adapter.end(), adapter.stderr], [0, '']);
  remove();
});

test('a line may have 64 MiB and no more', async () => {
  const adapter = new Adapter(commandOf('adapter'));
  await adapter.hello(MODULES);
  const room = 64 * 1024 * 1024;
  const input = { keypair: toHex(PUBLISHED_KEY), message: '' };
  const request = { cmd: 'run', seq: 1, module: 'signer-raw', op: 'sign', in: input };
  const full = JSON.stringify({ ...request, more: 'x'.repeat(room - JSON.stringify({ ...request, more: '' }).length) });
  assert.equal(full.length, room);
  assert.ok((await adapter.ask(full)).ok.signature);
  assert.equal(await adapter.ask(`${full} `), undefined);
  assert.equal(await adapter.end(), 1);
  assert.equal(adapter.stderr, "adapter: a line of over 67108864 bytes; that is the protocol's limit\n");
});
