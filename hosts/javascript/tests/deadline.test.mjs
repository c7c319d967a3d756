// The worker of calls with a deadline and of programs of WASI: which work gets a new one.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KeptWorker } from '../conformance/deadline.mjs';

/** @typedef {import('../conformance/deadline.mjs').Told} Told */

/** What a worker says to each work. */
const done = [{ done: {} }];
const endless = [{ calling: /** @type {const} */ (true) }];

/** Workers that say what they are told to, or end if that is nothing. */
function workers() {
  /** @type {{ ended: boolean, fail: (why: string) => void }[]} */
  const started = [];
  const kept = new KeptWorker((hear, fail) => {
    const worker = { ended: false, fail };
    started.push(worker);
    return {
      begin: ({ wasi }) => {
        for (const told of wasi?.says ?? []) queueMicrotask(() => hear(told));
        if (!wasi?.says) queueMicrotask(() => fail('it ended'));
      },
      end: () => (worker.ended = true),
    };
  });
  const run = (/** @type {Told[] | undefined} */ says) =>
    kept.run({ bytes: new Uint8Array(), wasi: says && { says } }, 1);
  return { kept, run, started, ended: () => started.map((one) => one.ended) };
}

test('it is kept after an answer, a refusal and a failure', async () => {
  const { kept, run, ended } = workers();
  assert.deepEqual(await run(done), {});
  await assert.rejects(run([{ refused: { code: 'NO_INSTANCE' } }]), { code: 'NO_INSTANCE' });
  await assert.rejects(run([{ failed: 'why' }]), /why/);
  assert.deepEqual(await run(done), {});
  assert.deepEqual(ended(), [false]);
  await kept.end();
  assert.deepEqual(ended(), [true]);
});

test('it is replaced after a call that was cut off, an instance that was not made, and where it is spent or has ended', async () => {
  const { run, started, ended } = workers();
  assert.deepEqual(await run([{ answer: {} }, ...endless]), { steps: [{}, { error: 'CUT_OFF' }] });
  await assert.rejects(run([{ making: true }]), { code: 'NO_INSTANCE' });
  assert.deepEqual(await run([{ done: {}, spent: true }]), {});
  await assert.rejects(run(undefined), /it ended/);
  assert.deepEqual(ended(), [true, true, true, true]);
  assert.deepEqual(await run(done), {});
  started[4].fail('it ended in between');
  assert.deepEqual(await run(done), {});
  assert.deepEqual(ended(), [true, true, true, true, true, false]);
});
