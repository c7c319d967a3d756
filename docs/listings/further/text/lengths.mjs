// The length of a string in UTF-16 units, in code points and in UTF-8 bytes.

// ANCHOR: lengths
const encoder = new TextEncoder();
for (const text of ['hello', 'Grüße', '日本', '🦀', 'e\u0301', '\u00e9']) {
  const [points, bytes] = [[...text].length, encoder.encode(text).length];
  console.log(`${text}\tUTF-16 units: ${text.length}, code points: ${points}, bytes: ${bytes}`);
}
// ANCHOR_END: lengths
