// Signing speed in Node: what `everyhost bench` talks to, one JSON object a line in each direction.
// ../README.md has the lines; bench/ is shared with Deno, Bun and the browsers.

import process from 'node:process';

import { serve } from './bench/process.mjs';
import { Signer } from './signer.mjs';

await serve({ Signer, version: `Node ${process.versions.node}`, runtime: `V8 ${process.versions.v8}` });
