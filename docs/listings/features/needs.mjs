// Prints which features each .wasm file needs, as everyhost inspect sees it. Run in the root of the workspace.

import { execFileSync } from 'node:child_process';
import process from 'node:process';

for (const file of process.argv.slice(2)) {
  const found = JSON.parse(execFileSync('target/debug/everyhost', ['inspect', '--json', file], { encoding: 'utf8' }));
  console.log(`${file.split('/').pop().padEnd(14)} ${found.features.map(({ name }) => name).join(', ') || 'nothing'}`);
}
