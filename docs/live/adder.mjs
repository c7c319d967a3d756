// Adds with the C function, and shows its body, read from the bytes that were loaded.

import { Adder } from './signer/adder.mjs';
import { StatusLine, element, labelled, loadModule, button } from './ui.mjs';
import { functionWat } from './wat.mjs';

/** @param {HTMLElement} place */
export async function start(place) {
  const { module, bytes } = await loadModule('add-raw');
  const adder = new Adder(module);
  const [a, b] = ['2147483647', '1'].map((value) =>
    element('input', { type: 'text', inputmode: 'numeric', pattern: '-?[0-9]*', value, size: '12' }),
  );
  const result = element('output', { class: 'live-result' });
  const status = new StatusLine();

  const add = () => {
    try {
      const [x, y] = [wholeNumber('a', a.value), wholeNumber('b', b.value)];
      const sum = adder.add(x, y);
      result.value = String(sum);
      const exact = x + y;
      status.good(
        sum === exact
          ? `${x} + ${y} = ${sum}`
          : `${x} + ${y} is ${exact}, which 32 bits do not hold: it wraps around to ${sum}, by ${exact > 0 ? '−' : '+'}2³²`,
      );
    } catch (error) {
      result.value = '';
      status.bad(error);
    }
  };
  const form = element(
    'form',
    { class: 'live-controls' },
    labelled('a', a),
    labelled('b', b),
    element('button', { type: 'submit', class: 'live-button' }, 'Add'),
    button('Largest + 1', () => fill('2147483647', '1')),
    button('Smallest − 1', () => fill('-2147483648', '-1')),
    result,
  );
  const fill = (/** @type {string} */ x, /** @type {string} */ y) => {
    [a.value, b.value] = [x, y];
    add();
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    add();
  });
  const wat = functionWat(bytes, 'add_numbers');
  place.append(
    form,
    status.node,
    element(
      'figure',
      {},
      element('figcaption', {}, `add_numbers, disassembled from the ${bytes.length} bytes that this page has loaded:`),
      element(
        'pre',
        { tabindex: '0', 'aria-label': 'WAT of add_numbers' },
        element('code', { class: 'live-wat' }, wat),
      ),
    ),
  );
  add();
}

function wholeNumber(/** @type {string} */ name, /** @type {string} */ text) {
  const value = Number(text.trim() || NaN);
  if (!Number.isInteger(value) || value !== (value | 0)) {
    throw new Error(`${name} must be a whole number from -2147483648 to 2147483647, not “${text}”`);
  }
  return value;
}
