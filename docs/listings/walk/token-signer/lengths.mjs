// ANCHOR: all
for (const text of ['hello', 'blåbær', '签名', '🔑']) {
  console.log(text, text.length, 'units,', new TextEncoder().encode(text).length, 'bytes');
}
// ANCHOR_END: all
