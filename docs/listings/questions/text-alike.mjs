// Prints which of three pairs of strings TextEncoder makes the same bytes of.

const encoder = new TextEncoder();
const hex = (text) => Buffer.from(encoder.encode(text)).toString('hex');
const pairs = { accents: ['\u00e9', 'e\u0301'], halves: ['\ud83e', '\udd80'], alphabets: ['A', '\u0410'] };
for (const [name, [one, other]] of Object.entries(pairs)) if (hex(one) === hex(other)) console.log(name);
