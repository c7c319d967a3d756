import { Adder } from '../../javascript/signer/adder.mjs';

import { element, say, sayError } from './ui.mjs';

const mod = await import('./pkg/c_linked_add.js');
await mod.default();
// The division is in the raw module only: its trap is the point.
const adder = await Adder.create(await WebAssembly.compileStreaming(fetch('/modules/add-raw.wasm')));

const result = element('result');

element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const submitter = /** @type {HTMLButtonElement | null} */ (/** @type {SubmitEvent} */ (event).submitter);
  result.textContent = '';
  try {
    const [a, b] = [operand('a', 'first'), operand('b', 'second')];
    if (submitter?.value === 'divide') {
      result.textContent = String(adder.divide(a, b));
      say('good', `${a} divided by ${b}, without the fraction.`);
    } else {
      const sum = mod.add_numbers(a, b);
      result.textContent = String(sum);
      say('good', sum === a + b ? `${a} plus ${b}.` : `${a} plus ${b} does not fit in 32 bits, and wraps around.`);
    }
  } catch (error) {
    sayError(error);
  }
});
for (const id of ['go', 'divide']) /** @type {HTMLButtonElement} */ (element(id)).disabled = false;

function operand(/** @type {string} */ id, /** @type {string} */ which) {
  const text = /** @type {HTMLInputElement} */ (element(id)).value.trim();
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || number !== (number | 0)) {
    throw new Error(`The ${which} number must be an integer from -2147483648 to 2147483647, not “${text}”.`);
  }
  return number | 0;
}
