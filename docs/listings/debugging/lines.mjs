// Reads a trace, and says for each frame of it which line of the source that is: node lines.mjs UNSTRIPPED.wasm TRACE

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [file, traceFile] = process.argv.slice(2);

// ANCHOR: lines
/** Where the code section begins: DWARF counts from there, and a trace from the start of the file. */
function startOfCode() {
  const sections = execFileSync('wasm-objdump', ['-h', file], { encoding: 'utf8' });
  return Number(sections.match(/Code start=(\w+)/)[1]);
}

const trace = readFileSync(traceFile, 'utf8');
const offsets = [...trace.matchAll(/wasm-function\[\d+\]:(\w+)/g)].map(([, offset]) => Number(offset) - startOfCode());
const options = ['--obj', file, '--demangle', '--inlines', '--output-style=GNU', '--pretty-print'];
console.log(execFileSync('llvm-symbolizer', [...options, ...offsets.map(String)], { encoding: 'utf8' }).trimEnd());
// ANCHOR_END: lines
