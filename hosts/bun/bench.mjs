// Signing speed in Bun: what `everyhost bench` talks to. ../README.md has the lines that go in and out; the contestants
// and their packages are those of ../node, so that the same versions race everywhere.

import process from 'node:process';

import { serve } from '../node/bench/process.mjs';
import { Signer } from './signer.mjs';

await serve({
  Signer,
  version: `Bun ${Bun.version}`,
  runtime: `JavaScriptCore ${process.versions.webkit?.slice(0, 12)}`,
});
