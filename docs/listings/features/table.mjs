// Which hosts of a report lack which feature: node table.mjs REPORT.json

import { readFileSync } from 'node:fs';
import process from 'node:process';

const { results } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { cases } = JSON.parse(readFileSync('vectors/features.json', 'utf8'));
for (const { id, comment } of cases) {
  const lacking = results.filter((one) => one.case === id && one.verdict !== 'pass').map(({ row }) => row);
  const version = comment.match(/WebAssembly (\d\.\d)/)?.[1] ?? 'proposal';
  console.log(`${id.replace('features/', '').padEnd(22)} ${version.padEnd(8)} ${lacking.join(' ') || '–'}`);
}
