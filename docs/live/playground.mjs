// A module to edit and call in the page, and what a .wasm file is that is dropped here. Nothing leaves the page.

import { moduleTypes } from './conformance/wasm-types.mjs';
import { button, element, labelled, StatusLine } from './ui.mjs';

/** How long a call may take, in milliseconds. */
const PATIENCE = 2000;

/** What there is to try: a name, the call, the module. */
const EXAMPLES = [
  {
    name: 'Add',
    call: 'add(2, 3)',
    text: `(module
  (func (export "add") (param $a i32) (param $b i32) (result i32)
    local.get $a
    local.get $b
    i32.add))`,
  },
  {
    name: 'Trap',
    call: 'divide(7, 0)',
    text: `(module
  (func (export "divide") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1))))`,
  },
  {
    name: 'Memory',
    call: 'byte(65536)',
    text: `(module
  (memory (export "memory") 1)
  (data (i32.const 0) "hello")
  ;; One page is 65,536 bytes, so 65535 is the last address.
  (func (export "byte") (param $at i32) (result i32)
    (i32.load8_u (local.get $at))))`,
  },
  {
    name: 'Forever',
    call: 'spin()',
    text: `(module
  (func (export "spin")
    (loop $again
      br $again)))`,
  },
];

/** @param {HTMLElement} place */
export async function start(place) {
  if (typeof WebAssembly !== 'object') throw new Error('this browser has no WebAssembly, or it is switched off');
  const text = element('textarea', {
    rows: '8',
    spellcheck: 'false',
    'aria-label': 'The module, as text',
    class: 'live-source',
  });
  const what = element('input', { type: 'text', size: '16' });
  const file = element('input', { type: 'file', accept: '.wasm,application/wasm' });
  const status = new StatusLine();
  const about = element('pre', { tabindex: '0', 'aria-label': 'What the module is' });

  const readModule = async (/** @type {Source} */ source) => {
    const { bytes, about: lines } = await tools(source);
    about.textContent = lines;
    return bytes;
  };
  const guarded = (/** @type {() => Promise<void>} */ work) => async () => {
    status.say('Working…');
    about.textContent = '';
    try {
      await work();
    } catch (error) {
      status.bad(error);
    }
  };
  const run = guarded(async () => {
    const bytes = await readModule({ text: text.value });
    status.good(`${what.value.trim()} gives ${await call(bytes, what.value)}`);
  });
  const inspect = async (/** @type {File | undefined} */ chosen) => {
    if (!chosen) return;
    await guarded(async () => {
      await readModule({ bytes: new Uint8Array(await chosen.arrayBuffer()) });
      status.good(`${chosen.name}, read in this page:`);
    })();
  };

  const examples = EXAMPLES.map((example) =>
    button(example.name, () => {
      [text.value, what.value] = [example.text, example.call];
      run();
    }),
  );
  const form = element(
    'form',
    { class: 'live-controls' },
    labelled('Call', what),
    element('button', { type: 'submit', class: 'live-button' }, 'Run'),
    ...examples,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    run();
  });
  file.addEventListener('change', () => inspect(file.files?.[0]));
  place.addEventListener('dragover', (event) => event.preventDefault());
  place.addEventListener('drop', (event) => {
    event.preventDefault();
    inspect(event.dataTransfer?.files[0]);
  });
  [text.value, what.value] = [EXAMPLES[0].text, EXAMPLES[0].call];
  const chooser = element('div', { class: 'live-controls' }, labelled('Or a .wasm file, chosen or dropped here', file));
  place.append(text, form, chooser, status.node, about);
}

/** @typedef {{ text: string } | { bytes: Uint8Array<ArrayBuffer> }} Source */

/** @type {Worker | undefined} */
let reader;

/** @returns {Promise<{ bytes: Uint8Array<ArrayBuffer>, about: string }>} */
const tools = (/** @type {Source} */ source) => answer((reader ??= worker()), source);

const worker = () => new Worker(new URL('playground-worker.mjs', import.meta.url), { type: 'module' });

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} text such as `add(2, 3)`
 * @returns {Promise<string>}
 */
async function call(bytes, text) {
  const [, name, list] = /^\s*([^\s(]+)\s*\((.*)\)\s*$/s.exec(text) ?? [];
  if (name === undefined) throw new Error(`expected a call such as add(2, 3), found “${text}”`);
  const module = await WebAssembly.compile(bytes);
  const [imported] = WebAssembly.Module.imports(module);
  if (imported)
    throw new Error(`the module imports ${imported.module}.${imported.name}, and this page provides nothing`);
  const exported = WebAssembly.Module.exports(module);
  const at = exported.findIndex((one) => one.name === name && one.kind === 'function');
  const { type } = moduleTypes(bytes).exports[at] ?? {};
  if (!type) {
    const names = exported.filter(({ kind }) => kind === 'function').map((one) => one.name);
    throw new Error(`no function ${name} is exported; there ${names.length ? `is ${names.join(', ')}` : 'is none'}`);
  }
  const words = list.trim() ? list.split(',') : [];
  if (words.length !== type.params.length) {
    throw new Error(`${name} takes ${type.params.length || 'no'} values, found ${words.length}`);
  }
  const values = words.map((word, place) => value(word.trim(), type.params[place]));
  const runner = worker();
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(
      () => fail(new Error(`${name} did not return within ${PATIENCE / 1000} s, so its worker was ended`)),
      PATIENCE,
    );
  });
  try {
    const { result } = await Promise.race([answer(runner, { bytes, name, values }), late]);
    return result;
  } finally {
    clearTimeout(timer);
    runner.terminate();
  }
}

/**
 * @param {string} word
 * @param {string} type
 */
function value(word, type) {
  const shaped = type === 'i64' ? /^-?\d+$/.test(word) : word !== '' && !Number.isNaN(Number(word));
  if (!shaped || !/^[if](32|64)$/.test(type)) throw new Error(`expected a value of type ${type}, found “${word}”`);
  return type === 'i64' ? BigInt(word) : Number(word);
}

/**
 * What a worker answers to one message.
 *
 * @param {Worker} from
 * @param {unknown} message
 * @returns {Promise<any>}
 */
function answer(from, message) {
  return new Promise((done, fail) => {
    from.onmessage = ({ data }) => (data.error === undefined ? done(data) : fail(new Error(data.error)));
    from.onerror = (event) => fail(new Error(event.message || 'its worker could not be started'));
    from.postMessage(message);
  });
}
