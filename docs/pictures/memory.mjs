// docs/src/pictures/memory.svg: linear memory of the signer, and who owns what.

import { WIDTH, arrow, box, print, text } from './lib/svg.mjs';

const LEFT = 16;
const MEMORY = 300; // the left side of the column that is memory
const parts = [];

parts.push(text(MEMORY, 30, 'Linear memory', 'strong'), text(LEFT, 30, 'Who owns it', 'strong'));
/** From address 0 up. */
const rooms = [
  { words: 'address 0', what: ['nobody: 0 stands for “no', 'pointer” in this ABI'], height: 46, classes: 'at ds' },
  {
    words: 'shadow stack',
    what: ['the compiler: local variables whose', 'address is taken; grows towards 0'],
    height: 60,
    classes: 'at ds',
  },
  {
    words: 'constants, tables',
    what: ['the module: its data segments,', 'copied in when it is instantiated'],
    height: 56,
    classes: 'at ds',
  },
  {
    words: 'signing key, 64 B',
    what: ['the module, for ever at one place:', 'the host writes through get_signing_key_ptr'],
    height: 56,
    classes: 'at as',
  },
  {
    words: 'signature, 64 B',
    what: ['the module, for ever at one place:', 'the host reads through get_signature_ptr'],
    height: 56,
    classes: 'at as',
  },
  {
    words: 'message, len B',
    what: ['the module; the host may write until', 'the next allocate_message or wipe'],
    height: 56,
    classes: 'at bs',
  },
  {
    words: 'free heap',
    what: ['the allocator; ours clears a block', 'when it is given back'],
    height: 56,
    classes: 'at cs',
  },
  {
    words: 'not there yet',
    what: ['memory.grow adds pages of 64 KiB;', 'old views in JavaScript are dead then'],
    height: 56,
    classes: 'box ds',
  },
];
let y = 46;
for (const { words, what, height, classes } of rooms) {
  parts.push(box(MEMORY, y, WIDTH - MEMORY - LEFT, height - 4, classes));
  parts.push(text(MEMORY + 12, y + height / 2 + 2, words, 'mono'));
  what.forEach((line, index) =>
    parts.push(text(LEFT, y + height / 2 - 4 + index * 17, line, index === 0 ? '' : 'small soft')),
  );
  y += height;
}
parts.push(arrow(WIDTH - 8, 52, WIDTH - 8, y - 8));
parts.push(text(LEFT, y + 18, 'Addresses grow downwards here. A host reaches all of it: nothing keeps', 'small soft'));
parts.push(text(LEFT, y + 35, 'it from writing elsewhere than it was told.', 'small soft'));

print({
  title: 'Linear memory of the raw signer, and who owns what',
  desc: `From address 0 upwards: ${rooms.map(({ words, what }) => `${words}, owned by ${what.join(' ')}`).join('; ')}.`,
  height: y + 50,
  parts,
});
