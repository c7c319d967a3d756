// docs/src/pictures/memory.svg: linear memory of the signer, and who owns what.

import { WIDTH, arrow, box, print, text } from './lib/svg.mjs';

const LEFT = 16;
const MEMORY = 300; // the left side of the column that is memory
const FIXED = 'the module, for ever at one place:';
const parts = [];

parts.push(text(MEMORY, 30, 'Linear memory', 'strong'), text(LEFT, 30, 'Who owns it', 'strong'));
/** From address 0 up. @type {[words: string, what: string[], height: number, classes: string][]} */
const rooms = [
  ['address 0', ['nobody: 0 stands for “no', 'pointer” in this ABI'], 46, 'at ds'],
  ['shadow stack', ['the compiler: local variables whose', 'address is taken; grows towards 0'], 60, 'at ds'],
  ['constants, tables', ['the module: its data segments,', 'copied in when it is instantiated'], 56, 'at ds'],
  ['signing key, 64 B', [FIXED, 'the host writes through get_signing_key_ptr'], 56, 'at as'],
  ['signature, 64 B', [FIXED, 'the host reads through get_signature_ptr'], 56, 'at as'],
  ['message, len B', ['the module; the host may write until', 'the next allocate_message or wipe'], 56, 'at bs'],
  ['free heap', ['the allocator; ours clears a block', 'when it is given back'], 56, 'at cs'],
  ['not there yet', ['memory.grow adds pages of 64 KiB;', 'old views in JavaScript are dead then'], 56, 'box ds'],
];
let y = 46;
for (const [words, what, height, classes] of rooms) {
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
  desc: `From address 0 upwards: ${rooms.map(([words, what]) => `${words}, owned by ${what.join(' ')}`).join('; ')}.`,
  height: y + 50,
  parts,
});
