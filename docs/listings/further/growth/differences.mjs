// Prints what a report says about the cases that hosts answer differently: node differences.mjs REPORT.json

import { readFile } from 'node:fs/promises';
import process from 'node:process';

const report = JSON.parse(await readFile(process.argv[2], 'utf8'));
for (const { case: id, answers } of report.differences) {
  console.log(id);
  for (const { answer, by } of answers) {
    const hosts = by.map((pair) => pair.split(' ')[0]).join(', ');
    console.log(`  ${JSON.stringify(answer.ok ?? answer.error ?? 'trap')}`);
    console.log(`    ${hosts}`);
  }
}
