// The race of bench.mjs, with contestants and a clock of our own: what it hands over, not how fast anything is.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { messagesFor, oneByOne } from '../bench/contestants.mjs';
import { order, race, sliceLength } from '../bench/race.mjs';
import { toHex } from '../bytes.mjs';
import { Signer } from '../signer.mjs';
import { built, compiled, PUBLISHED_KEY } from './modules.mjs';

/**
 * A contestant that moves the clock by `ms` for each message.
 *
 * @param {{ ms: number }} clock
 * @param {string} id
 * @param {number} ms
 */
function takes(clock, id, ms) {
  const signAll = oneByOne((message) => {
    clock.ms += ms;
    return Uint8Array.of(...message, message.length);
  });
  return { id, signAll };
}

test('each sample is the time of one message in one round, and slow ones get fewer messages', async () => {
  const clock = { ms: 0 };
  const contestants = [
    takes(clock, 'fast', 1),
    takes(clock, 'slow', 40),
    { ...takes(clock, 'batch', 40), whole: true },
  ];
  const messages = messagesFor(30);
  const settings = { messages, rounds: 5, warmUpMs: 0, sliceMs: 100, now: () => clock.ms };
  const lanes = await race(contestants, settings);
  assert.deepEqual(
    lanes.map(({ id, sliceMessages, samplesUs }) => ({ id, sliceMessages, samplesUs })),
    [
      { id: 'fast', sliceMessages: 30, samplesUs: Array(5).fill(1000) },
      { id: 'slow', sliceMessages: 3, samplesUs: Array(5).fill(40000) },
      { id: 'batch', sliceMessages: 30, samplesUs: Array(5).fill(40000) },
    ],
  );
  for (const lane of lanes) {
    assert.deepEqual(lane.changed, []);
    assert.deepEqual(
      lane.signatures,
      messages.map((message) => Uint8Array.of(...message, message.length)),
    );
  }
});

test("the processor's time is told where the engine knows it", async () => {
  const clock = { ms: 0 };
  const settings = { messages: messagesFor(10), rounds: 2, warmUpMs: 0, sliceMs: 100, now: () => clock.ms };
  const [without] = await race([takes(clock, 'without', 4)], settings);
  assert.equal(without.cpuSamplesUs, undefined);
  const [lane] = await race([takes(clock, 'with', 4)], { ...settings, cpu: () => clock.ms / 2 });
  assert.deepEqual(lane.samplesUs, [4000, 4000]);
  assert.deepEqual(lane.cpuSamplesUs, [2000, 2000]);
});

test('warm-up goes on until its time is over', async () => {
  const clock = { ms: 0 };
  const settings = { messages: messagesFor(10), rounds: 1, warmUpMs: 95, sliceMs: 1, now: () => clock.ms };
  let calls = 0;
  const counted = takes(clock, 'counted', 1);
  const signAll = (/** @type {Uint8Array[]} */ messages) => {
    calls += messages.length;
    return counted.signAll(messages);
  };
  await race([{ ...counted, signAll }], settings);
  assert.equal(calls, 95 + 1);
});

test('a signature that is another one while the clock runs is handed over', async () => {
  const clock = { ms: 0 };
  const honest = takes(clock, 'honest', 1);
  let laps = 0;
  const signAll = (/** @type {Uint8Array[]} */ messages) => {
    laps += 1;
    return laps === 1 ? honest.signAll(messages) : messages.map((_, n) => (n === 2 ? new Uint8Array(64) : messages[n]));
  };
  const settings = { messages: messagesFor(4), rounds: 1, warmUpMs: 0, sliceMs: 100, now: () => clock.ms };
  const [kept, changing] = await race([honest, { id: 'changing', signAll }], settings);
  assert.deepEqual(kept.changed, []);
  assert.deepEqual(
    changing.changed.map(({ message }) => message),
    [0, 1, 2, 3],
  );
  assert.deepEqual(changing.changed[2].signature, new Uint8Array(64));
});

test('a contestant that signs fewer messages than it was given is handed over as well', async () => {
  const clock = { ms: 0 };
  const honest = takes(clock, 'honest', 1);
  let laps = 0;
  const signAll = (/** @type {Uint8Array[]} */ messages) =>
    honest.signAll((laps += 1) === 1 ? messages : messages.slice(2));
  const settings = { messages: messagesFor(3), rounds: 1, warmUpMs: 0, sliceMs: 100, now: () => clock.ms };
  const [lane] = await race([{ id: 'lazy', signAll }], settings);
  assert.deepEqual(
    lane.changed.map(({ message, signature }) => [message, signature.length]),
    [
      [0, 7],
      [1, 0],
      [2, 0],
    ],
  );
});

test('in each round everyone has one turn, and nobody always comes after the same one', () => {
  for (const count of [1, 2, 3, 9, 14]) {
    const before = Array.from({ length: count }, () => new Set());
    for (let round = 0; round < 12; round += 1) {
      const turns = order(count, round);
      assert.deepEqual(
        turns.toSorted((a, b) => a - b),
        Array.from({ length: count }, (_, n) => n),
      );
      turns.forEach((lane, turn) => before[lane].add(turns[turn - 1]));
    }
    if (count > 2) for (const neighbours of before) assert.ok(neighbours.size > 2);
  }
});

test('a slice has at least one message, and no more than there are', () => {
  assert.equal(sliceLength(8, 60, 1000), 8);
  assert.equal(sliceLength(100, 60, 1000), 1);
  assert.equal(sliceLength(0.001, 60, 1000), 1000);
  assert.equal(sliceLength(0, 60, 1000), 1000);
});

test('bench.mjs has every contestant sign, and says which it does not have', () => {
  const glue = built('pkg/token_signer.js');
  const config = {
    rounds: 2,
    messages: 3,
    warm_up_ms: 0,
    slice_ms: 1,
    keypair: toHex(PUBLISHED_KEY),
    glue,
    modules: {
      'signer-raw': built('modules/signer-raw.wasm'),
      'signer-raw-simd': built('modules/signer-raw-simd.wasm'),
      'signer-bindgen': built('pkg/token_signer_bg.wasm'),
      // No Wasm module, and so one that cannot take part.
      chapter: glue,
    },
  };
  const program = fileURLToPath(new URL('../bench.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', program], {
    input: `${JSON.stringify(config)}\n`,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { result } = lines.pop();
  assert.ok(lines.length > 0 && lines.every(({ progress }) => progress.done <= progress.of));
  assert.deepEqual(
    result.missing.map((/** @type {{ id: string }} */ { id }) => id),
    ['chapter'],
  );
  const ids = ['one-shot', 'held', 'batch'];
  assert.deepEqual(
    result.lanes.map((/** @type {{ id: string }} */ { id }) => id),
    [
      ...ids,
      ...ids.map((id) => `${id}-simd`),
      'bindgen',
      'tweetnacl',
      'noble',
      'noble-async',
      'libsodium',
      'webcrypto',
      'node-crypto',
    ],
  );
  const signatures = new Signer(compiled('signer-raw'), PUBLISHED_KEY).signMany(['hello0', 'hello1', 'hello2']);
  for (const lane of result.lanes) {
    assert.deepEqual(lane.signatures, signatures.map(toHex), lane.id);
    assert.deepEqual(lane.changed, []);
    assert.equal(lane.samples_us.length, 2);
    assert.equal(lane.cpu_samples_us.length, 2);
  }
});
