// The length of a string in UTF-16 units, in code points and in UTF-8 bytes.

// ANCHOR: lengths
const encoder = new TextEncoder();
for (const text of ['hello', 'Grüße', '日本', '🦀', 'e\u0301', '\u00e9']) {
  console.log(`${text}\tUTF-16 units: ${text.length}, code points: ${[...text].length}, bytes: ${encoder.encode(text).length}`);
}
// ANCHOR_END: lengths
