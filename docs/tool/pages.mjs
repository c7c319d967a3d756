// The pages that are made of figures: docs/src/matrix.md, sizes.md, speed.md and speed-tables.md.

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { COMPONENTS, MATRIX, SIZES, SPEED, readJson, readSpeeds } from './data.mjs';
import { digits, number, withFigures } from './figures.mjs';

/** Whom the others are compared with, where it takes part. */
const BASELINES = [
  ['tweetnacl', 'tweetnacl'],
  ['chapter', 'original build'],
  ['pynacl', 'PyNaCl'],
  ['go-crypto', 'crypto/ed25519'],
  ['jdk', 'the JDK'],
  ['openssl', 'OpenSSL'],
];

/**
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {number} [words] how many columns hold words and not numbers
 */
export function table(head, rows, words = 1) {
  const rule = head.map((_, column) => (column < words ? '---' : '---:'));
  return [head, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** @param {string} how */
const commands = (how) => how.replace(/(?:cargo build|cargo rustc --crate-type cdylib|wasm-opt)(?: -+\w+)*/g, '`$&`');

/** @param {string} file */
const origin = (file) =>
  `<!-- written by \`node docs/tool/main.mjs generate\` from ${file}; \`make test-book\` compares it -->`;

/**
 * What each module is, as crates/modules.toml has it: a record starts with its name and its sentence.
 *
 * @returns {[string, string][]}
 */
function modules(/** @type {string} */ root) {
  const records = readFileSync(path.join(root, 'crates/modules.toml'), 'utf8');
  return [...records.matchAll(/^name = "(.+)"\nabout = "(.+)"$/gm)].map(([, name, about]) => [name, about]);
}

/** A line for each reason and what it is about, with all rows that it holds for. */
function gaps(/** @type {import('./data.mjs').Gap[]} */ known) {
  /** @type {Map<string, { rows: string[], cells: string[] }>} */
  const lines = new Map();
  for (const { row, title, cases, reason, link } of known) {
    const what = title.replace(/^row "[^"]*",? ?/, '').replace(/"([^"]*)"/g, '`$1`');
    const cells = [what, `[${reason}](${link})`, number(cases)];
    const line = lines.get(cells.join()) ?? { rows: [], cells };
    line.rows.push(row);
    lines.set(cells.join(), line);
  }
  return [...lines.values()].map(({ rows, cells }) => [rows.join(', '), ...cells]);
}

/** @returns {string} */
export function matrixPage(/** @type {string} */ root) {
  const matrix = /** @type {import('./data.mjs').Matrix} */ (readJson(root, MATRIX));
  const about = modules(root).filter(([name]) => matrix.modules[name]);
  const cell = (/** @type {{ right: number, planned: number } | undefined} */ figures) => {
    if (!figures) return '–';
    const { right, planned } = figures;
    return right === planned ? number(right) : `${number(right)} / ${number(planned)}`;
  };
  const rows = (/** @type {boolean} */ isWasm, /** @type {string[]} */ columns) =>
    table(
      ['host', ...columns.map((name) => (name === 'native' ? 'answers' : `\`${name}\``))],
      matrix.rows
        .filter(({ kind }) => (kind === 'wasm') === isWasm)
        .map(({ name, cells }) => [`**${name}**`, ...columns.map((module) => cell(cells[module]))]),
    );
  const kinds = { wasm: 'runs the modules', native: 'the same source, compiled', oracle: 'an independent Ed25519' };
  return `${[
    '# The matrix',
    origin(MATRIX),
    `${number(matrix.right)} of ${number(matrix.planned)} answers as expected, ${number(matrix.gaps)} known gaps, ${number(matrix.red)} red: everyhost ${matrix.tool.replace(/^\D+/, '')}, ${matrix.finished}.`,
    `A row is a host and a column is a module. A number says how many answers were as expected; \`8 / 9\` means eight of nine. Signatures, refusals, traps, growing
memory and wiped secrets all count alike. \`probe\` tests the hosts themselves. A host that cannot load components runs \`signer-component-core\`, the module
inside one, through [the canonical ABI](hosts/components.md#without-components-the-canonical-abi).`,
    rows(
      true,
      about.map(([name]) => name),
    ),
    'The same source compiled to native code runs the same cases. So do the oracles: other implementations, which share no code with it.',
    rows(false, ['native']),
    `\`target/debug/everyhost run --all\` gives these figures. \`make test-all\` compares each row that runs all of its cases, and leaves out what takes an interpreter
minutes, such as a batch of 4096. \`make run\` runs a sample on slow rows, and says so. [How conformance is judged](testing/judging.md) has the rules.`,
    '## The rows',
    table(
      ['row', 'what it is', 'host', 'runtime'],
      matrix.rows.map(({ name, kind, host, version, runtime }) => [
        ...[`**${name}**`, kinds[kind], /^\D/.test(version) ? version : `${host} ${version}`, runtime],
      ]),
      4,
    ),
    '## Where hosts differ, and why',
    'Each difference is on record in `hosts/known-gaps.toml` as a [known gap](testing/judging.md#a-known-gap). It still runs, and turns red as soon as the host gives any other answer.',
    '<div class="gaps">',
    table(['rows', 'what', 'why', 'cases a row'], gaps(matrix.known_gaps), 3),
    '</div>',
    '## The modules',
    table(
      ['module', 'what it is', 'bytes', 'gzip -9'],
      about.map(([name, what]) => {
        const { bytes, gzip_bytes } = matrix.modules[name];
        return [`\`${name}\``, what, number(bytes), number(gzip_bytes)];
      }),
      2,
    ),
    '`make modules` builds them to `target/modules/` and `target/pkg/`. The same source gives the same sha256, whatever the folder. [Sizes](sizes.md) has every build.',
  ].join('\n\n')}\n`;
}

/** @returns {string} */
export function sizesPage(/** @type {string} */ root) {
  const { sizes } = /** @type {{ sizes: import('./data.mjs').Size[] }} */ (readJson(root, SIZES));
  const rows = (/** @type {string} */ of) =>
    sizes
      .filter((size) => size.of === of)
      .map(({ name, how, bytes, gzip_bytes }) => [`\`${name}\``, commands(how), number(bytes), number(gzip_bytes)]);
  const head = ['build', 'how', 'bytes', 'gzip -9'];
  const of = (/** @type {string} */ name) => sizes.find((size) => size.name === name)?.bytes ?? 0;
  const least = Math.round((1 - of('wasm-opt') / of('release')) * 100);
  return `${[
    '# Sizes',
    origin(SIZES),
    'This page shows how large each module is, and how many bytes each step of the build saves. [Small builds](walk/small.md) goes through the steps one by one. `make size` builds everything on this page and prints its size.',
    '![How large the module is after each step, from a debug build to the smallest](pictures/size-ladder.svg)',
    '## The original build, step by step',
    `This is [the code that this book began with](about/changed.md), in edition 2018 and with ed25519-dalek 2, built by today's compiler. Each row adds or
replaces one step of the row above it. From \`release\` to \`wasm-opt\` the module loses ${least} % of its bytes. A debug build is
for debugging: most of it is debug information.`,
    table(head, rows('chapter'), 2),
    '## The modules of this workspace',
    `The signers do more than the original: all of them hold a key and wipe their secrets, and \`signer-raw\` also verifies and signs batches. The same
source gives the same bytes on every machine. \`make test-size\` holds each module to its budget, and \`make test-book\` compares this table
with the files that were built.`,
    table(head, rows('everyhost'), 2),
    ...ladder(sizes),
  ].join('\n\n')}\n`;
}

/** From everything whole to the smallest, and what others take; nothing where it was not measured. */
function ladder(/** @type {import('./data.mjs').Size[]} */ sizes) {
  const [steps, peers] = ['ladder', 'peer'].map((of) => sizes.filter((size) => size.of === of));
  const ratio = (/** @type {number | undefined} */ value) => (value === undefined ? '' : value.toFixed(2));
  const rows = steps.map(({ name, how, bytes, gzip_bytes, sign, verify }, at) => [
    `\`${name}\``,
    how,
    number(bytes),
    number(gzip_bytes),
    at === 0 ? '' : number(steps[at - 1].bytes - bytes),
    ratio(sign),
    ratio(verify),
  ]);
  const parts = [];
  if (steps.length > 0)
    parts.push(
      '## The ladder of the small signer',
      `Each row leaves out one more thing than the row above it: [Where bytes go](further/bytes.md) says what and why. The last two
columns are times in Node, for signing with a held key and for verifying; 1 is the time of \`signer-raw\`. They come from one run, so trust their order,
not their second digit.`,
      table(['step', 'what was done', 'bytes', 'gzip -9', 'saved', 'signing', 'verifying'], rows, 2),
    );
  if (peers.length > 0)
    parts.push(
      '## What others take',
      'These are the scripts of other libraries, as a page loads them.',
      table(
        ['library', 'file', 'bytes', 'gzip -9', 'brotli'],
        peers.map(({ name, how, bytes, gzip_bytes, brotli_bytes }) => [
          ...[name, how, number(bytes), number(gzip_bytes)],
          brotli_bytes === undefined ? '' : number(brotli_bytes),
        ]),
        2,
      ),
    );
  return parts;
}

/** What each rung of the small signer leaves out, and what that costs. */
const RUNGS = {
  table: ['the base point’s table, made at run time', 'a few milliseconds, once in each instance'],
  'no-std': ['`no_std`, no allocator, panics that only trap', 'no messages; memory stays with the instance'],
  loop: [
    'SHA-512 as a loop, not 80 rounds written out',
    'a third more time for each byte hashed, which is little for short messages: most of their time goes to the curve',
  ],
  block: ['SHA-512 directly on its block function', 'twenty lines of padding, with tests'],
  reduction: ['only one way to reduce scalars', 'under 1 % of a signature'],
  verify: ['verifying without a second table', 'the first verification takes a millisecond more'],
  product: ['a product of plain integers in place of Montgomery’s', 'under 1 % of a signature'],
  sign: ['no verification at all: `signer-small-sign`', 'somebody else has to verify'],
};

/** @returns {string} a part of docs/src/further/bytes.md */
export function smallLadder(/** @type {string} */ root) {
  const { sizes } = /** @type {{ sizes: import('./data.mjs').Size[] }} */ (readJson(root, SIZES));
  const steps = sizes.filter(({ of }) => of === 'ladder');
  const rows = Object.entries(RUNGS).map(([name, [what, costs]]) => {
    const at = steps.findIndex((step) => step.name === name);
    if (at < 1) throw new Error(`${SIZES} has no step ${name}`);
    return [what, costs, number(steps[at - 1].bytes - steps[at].bytes)];
  });
  return table(['step', 'costs', 'saves, in bytes'], rows, 2);
}

/** @returns {string} another part of docs/src/further/bytes.md */
export function smallPrice(/** @type {string} */ root) {
  const { sizes } = /** @type {{ sizes: import('./data.mjs').Size[] }} */ (readJson(root, SIZES));
  const [small, fast, tweetnacl] = ['signer-small', 'signer-small-fast', 'tweetnacl'].map((name) => {
    const size = sizes.find((each) => each.name === name);
    if (!size) throw new Error(`${SIZES} has no ${name}`);
    return size;
  });
  return withFigures(
    root,
    `\`signer-small-fast\` is the same crate with the curve at \`opt-level = 3\`. It has ${digits(fast.bytes / small.bytes)} times the bytes, and signs {times node held-small-fast held-small} times as
fast in Node. After gzip, \`signer-small\` takes ${number(small.gzip_bytes)} bytes. tweetnacl’s script takes ${number(tweetnacl.gzip_bytes)}, but it also encrypts and hashes:
[What others take](../sizes.md#what-others-take).`,
  );
}

/** The libraries that a user would take otherwise, by their ids in bench.json. */
const LIBRARIES = {
  'node-crypto': 'node:crypto',
  webcrypto: 'WebCrypto',
  libsodium: 'libsodium.js',
  tweetnacl: 'tweetnacl',
  'native-held': 'native dalek',
  pynacl: 'PyNaCl',
  pyca: 'cryptography',
  'go-crypto': 'crypto/ed25519',
  jdk: 'the JDK',
  openssl: 'OpenSSL',
};

/** On each host the fastest of ours, and each library beside it. */
function fastest(/** @type {import('./data.mjs').Engine[]} */ engines) {
  const rows = engines.flatMap(({ engine, version, contestants, alone }) => {
    const best = contestants.find(({ kind }) => kind === 'ours');
    if (!best) return [];
    const times = Object.entries(LIBRARIES)
      .filter(([id]) => best.times_as_fast_as[id])
      .map(([id, name]) => {
        const lone = id === 'tweetnacl' && alone.find((each) => each.id === best.id)?.times_as_fast_as[id];
        return `${digits(best.times_as_fast_as[id])} × ${name}${lone ? ` (alone ${digits(lone)})` : ''}`;
      });
    return [[`**${engine}**`, version, best.label.replace('Everyhost ', ''), times.join(', '), digits(best.median_us)]];
  });
  return table(['where', 'version', 'our fastest', 'times as fast as', 'µs a signature'], rows, 4);
}

/** @param {import('./data.mjs').Contestant[]} contestants */
function race(contestants) {
  const baselines = BASELINES.filter(([id]) => contestants.some((contestant) => contestant.id === id));
  return table(
    ['signer', 'µs a signature', 'half of the rounds', ...baselines.map(([, heading]) => `× ${heading}`)],
    contestants.map(({ label, version, median_us, quartiles_us, times_as_fast_as: times }) => [
      version && !label.includes(version) ? `${label} ${version}` : label,
      digits(median_us),
      quartiles_us.map(digits).join('\u00a0–\u00a0'),
      ...baselines.map(([id]) => (times[id] ? digits(times[id]) : '1')),
    ]),
  );
}

/** A column for each load: what a signature takes to verify. */
function verifying(/** @type {import('./data.mjs').Verifying[]} */ loads) {
  const us = (/** @type {string} */ id) =>
    loads.map(({ contestants }) => contestants.find((each) => each.id === id)?.median_us ?? NaN);
  return table(
    ['µs a signature', ...loads.map(byIssuers)],
    loads[0].contestants.map(({ id, label, version }) => [
      [label.replace(/, verifying.*/, ''), version].filter(Boolean).join(' '),
      ...us(id).map(digits),
    ]),
  );
}

/** Such as “lanes, 1000 a call, against libsodium.js (Wasm)”. */
function promised(
  /** @type {import('./data.mjs').Engine} */ { contestants, verifying: loads = [] },
  /** @type {import('./data.mjs').Expectation} */ { id, than, alone, load },
) {
  const among = load
    ? (loads.find((each) => each.issuers === load.issuers && each.a_call === load.a_call)?.contestants ?? [])
    : contestants;
  const name = (/** @type {string} */ of) =>
    (among.find((each) => each.id === of)?.label ?? of).replace('Everyhost ', '').replace(/, verifying.*/, '');
  const what = load ? ` verifying by ${byIssuers(load)}` : '';
  return `${name(id)}${what}, against ${name(than)}${alone ? ', each alone' : ''}`;
}

const byIssuers = (/** @type {import('./data.mjs').Load} */ { issuers, a_call: aCall }) =>
  `${number(issuers)} issuer${issuers === 1 ? '' : 's'}${aCall === 1 ? ', one a call' : ''}`;

/** A row for each ratio that the newest run promises, a column for each processor. */
function promises(/** @type {import('./data.mjs').Speed[]} */ speeds) {
  const key = (
    /** @type {import('./data.mjs').Engine} */ { engine },
    /** @type {import('./data.mjs').Expectation} */ each,
  ) => JSON.stringify([engine, each.id, each.than, each.alone, each.load]);
  const columns = speeds.map(
    ({ engines }) => new Map(engines.flatMap((of) => of.expectations.map((each) => [key(of, each), each.seen.median]))),
  );
  return table(
    ['ratio', 'required', ...speeds.map(({ machine }) => machine.cpu)],
    speeds[0].engines.flatMap((of) =>
      of.expectations.map((each) => {
        const { bound } = each;
        const ratios = columns.map((column) => column.get(key(of, each)));
        return [
          `**${of.engine}** ${promised(of, each)}`,
          'times_as_fast' in bound ? `at least ${bound.times_as_fast}` : `at most ${bound.share_of_time}`,
          ...ratios.map((ratio) => (ratio === undefined ? '–' : digits(ratio))),
        ];
      }),
    ),
  );
}

/** The hosts that the page about speed shows in full: each has a picture. */
const SHOWN = ['node', 'chromium'];

/** Such as “Node 20”. Two rows may have one version, such as a compiler and an interpreter: those go by their row. */
const titleOf = (/** @type {import('./data.mjs').Engine} */ { engine, version }) =>
  SHOWN.includes(engine) ? version.replace(/ (\d+)\..*/, ' $1') : engine;

const clockOf = (/** @type {import('./data.mjs').Engine} */ { clock }) =>
  clock === 'cpu' ? 'processor time' : 'elapsed time';

/** Two or three sentences about the bars of one host; what does not take part there is not mentioned. */
function reading(/** @type {import('./data.mjs').Engine} */ { contestants }) {
  const of = new Map(contestants.map((contestant) => [contestant.id, contestant]));
  const times = (/** @type {string} */ id, /** @type {string} */ than) => {
    const [fast, slow] = [of.get(id), of.get(than)];
    // The median of the rounds' ratios, where the bench took it.
    return fast && slow ? digits(fast.times_as_fast_as[than] ?? slow.median_us / fast.median_us) : undefined;
  };
  const line = (/** @type {string} */ what, /** @type {string | undefined} */ ratio) =>
    ratio ? [`- ${what.replace('N', ratio)}`] : [];
  return [
    ...line(
      'Holding the key makes the portable module N times as fast as passing it with each message.',
      times('held', 'one-shot'),
    ),
    ...line('The same source compiled with `+simd128` is N times as fast as without it.', times('held-simd', 'held')),
    ...line(
      'A batch with one message in each SIMD lane is N times as fast as one message at a time.',
      times('lanes', 'held'),
    ),
    ...line('Relaxed SIMD makes such a batch another N times as fast.', times('lanes-relaxed', 'lanes')),
    ...line(
      'Against the host’s native Ed25519 (`node:crypto`, OpenSSL), a batch in plain lanes is N times as fast.',
      times('lanes', 'node-crypto'),
    ),
    ...line(
      'Against libsodium.js, which is Wasm too, a batch in plain lanes is N times as fast.',
      times('lanes', 'libsodium'),
    ),
    ...line(
      'The raw interface is N times as fast as wasm-bindgen’s glue: hardly a difference.',
      times('one-shot', 'bindgen'),
    ),
  ].join('\n');
}

/** @returns {string} the page to read */
export function speedPage(/** @type {string} */ root) {
  const [speed] = readSpeeds(root);
  const { machine, settings, engines } = speed;
  const promised = engines.flatMap(({ expectations }) => expectations);
  return `${[
    '# Speed',
    origin(SPEED),
    `How long one Ed25519 signature takes, by module, host and library. Shorter is faster. **Other machines give other figures, and other ratios too**:
run \`make bench\` to see yours, or sign in your browser in [the comparison](live.md#against-tweetnacl).`,
    `The bars of this project’s modules have short names: *portable* is \`signer-raw\`, *SIMD* is the same source compiled with SIMD, *lanes* are the modules made
for batches, and *small* is the signer made to be small. The key is *passed* with each message, or *held* by the module. *1000 a call* is a batch of
1000 messages. [The modules](matrix.md#the-modules) lists them all.`,
    ...engines
      .filter(({ engine }) => SHOWN.includes(engine))
      .flatMap((engine) => {
        const title = titleOf(engine);
        return [
          `## ${title}`,
          `![Microseconds a signature in ${title}, a bar for each contestant](pictures/speed-${engine.engine}.svg)`,
          reading(engine),
        ];
      }),
    '## Why they differ',
    `- **Key passed or key held.** If you pass the key with every message, the module computes the public key again each time, which is as much work as the
  signature itself. *Key held* keeps the expanded key: [Held keys and batches](hosts/batches.md).
- **A batch** shares inversions among its messages, and crosses the boundary three times in all. The *lanes* also sign two messages in each SIMD vector:
  [How a loop becomes a vector](further/vectors.md).
- **Relaxed SIMD** has a fused multiply-add, which saves the lanes much of their work. Not every host has it.
- **tweetnacl** is plain JavaScript, written to be short. It is the slowest here; \`@noble/ed25519\`, also plain JavaScript, is several times as fast.
- **Garbage.** Each of tweetnacl’s signatures leaves [thousands of small arrays](further/vectors.md#how-many-times-as-fast) behind. If other code has made
  the heap large, V8 seldom collects them. If tweetnacl runs *in a program of its own*, the heap stays small, and V8 collects all the time, on other
  threads too: tweetnacl then takes up to four times as much processor time. Contestants that make little garbage take about the same time in both cases.
- **The original build** is [the code that this book began with](about/changed.md): edition 2018, ed25519-dalek 2, the key passed each time.`,
    '## Every host',
    `The table has our fastest way to sign on each host, and the libraries that you would use there otherwise. “Alone” means that each ran in a program of its own.`,
    fastest(engines),
    `[All figures](speed-tables.md) has every contestant on every host, the figures for verifying, and how the ratios differ between processors.`,
    '## How it is measured',
    `\`make bench\` signs ${number(settings.messages)} short messages in each of ${settings.rounds} rounds. The contestants take turns, so that whatever else the machine does affects them all
alike. Before the clock starts, every signature of every contestant is compared. Each figure is the median of the rounds.`,
    `Measured on ${speed.finished.slice(0, 10)}: ${machine.cpu}, ${machine.threads} threads, ${machine.os}. Of the ${promised.length} ratios that the bench requires, ${promised.filter(({ met }) => met).length} were met.
\`target/report/bench.html\` also has start-up times, the cost of crossing the boundary, and batches by size. No test compares these figures with a new run.`,
  ].join('\n\n')}\n`;
}

/** @returns {string} the page to look things up in */
export function speedTablesPage(/** @type {string} */ root) {
  const speeds = readSpeeds(root);
  const parts = [
    '# Speed: all figures',
    origin(SPEED),
    `Every contestant on every host of the run that [Speed](speed.md) is about, which says how it was measured. Half of the rounds lie in the range beside a median.
\`× tweetnacl\` says how many times as fast a row is as tweetnacl; under 1 is slower.`,
  ];
  for (const engine of speeds[0].engines) {
    parts.push(
      `## ${titleOf(engine)}`,
      `${engine.version}, ${engine.runtime}; ${clockOf(engine)}.`,
      race(engine.contestants),
      ...(engine.alone.length > 0 ? ['Each in a program of its own, that only signs:', race(engine.alone)] : []),
      ...(engine.verifying?.length ? ['Verifying:', verifying(engine.verifying)] : []),
    );
  }
  parts.push(
    '## By processor',
    `What \`make bench\` requires, and the medians on each kind of processor that ran it, the newest run first. “At least” is how many times as fast it must be;
“at most” is its share of the other’s time.`,
    promises(speeds),
  );
  return `${parts.join('\n\n')}\n`;
}

/** What a signature takes through the raw ABI and through the component: a part of docs/src/hosts/components.md. */
export function componentCost(/** @type {string} */ root) {
  const { engines, finished, machine } = /** @type {import('./data.mjs').Components} */ (readJson(root, COMPONENTS));
  const sizes = [...new Set(engines.flatMap(({ signed }) => signed.map(({ bytes }) => bytes)))].sort((a, b) => a - b);
  const rows = engines.flatMap(({ engine, signed }) => {
    const us = (/** @type {string} */ module, /** @type {number} */ size) =>
      signed.find(({ module: of, bytes }) => of === module && bytes === size)?.us ?? NaN;
    const times = (/** @type {number} */ size) => us('signer-component', size) / us('signer-raw', size);
    return [
      [`**${engine}**, raw ABI`, ...sizes.map((size) => digits(us('signer-raw', size)))],
      ['component', ...sizes.map((size) => `${digits(us('signer-component', size))} (${digits(times(size))} ×)`)],
    ];
  });
  return [
    table(['host', ...sizes.map((size) => `${number(size)} bytes`)], rows),
    `Measured on ${finished.slice(0, 10)}: ${machine.cpu}, ${machine.threads} threads, ${machine.os}. \`make bench\` measures it on your machine.`,
  ].join('\n\n');
}
