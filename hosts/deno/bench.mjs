// Signing speed in Deno: what `everyhost bench` talks to. ../README.md has the lines that go in and out; the contestants
// and their packages are those of ../node, so that the same versions race everywhere.

import { serve } from '../node/bench/process.mjs';
import { Signer } from './signer.mjs';

await serve({ Signer, version: `Deno ${Deno.version.deno}`, runtime: `V8 ${Deno.version.v8}` });
