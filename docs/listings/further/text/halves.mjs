// What TextEncoder makes of half of a surrogate pair.

// ANCHOR: halves
const encoder = new TextEncoder();
for (const text of ['🦀'.slice(0, 1), '🦀'.slice(1), '\ufffd']) {
  const bytes = Buffer.from(encoder.encode(text));
  console.log(JSON.stringify(text), text.isWellFormed(), bytes.toString('hex'));
}
// ANCHOR_END: halves
