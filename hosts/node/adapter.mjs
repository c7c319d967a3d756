// The adapter in Node: what `everyhost run` talks to. hosts/CONTRACT.md is the contract.

import { serve } from '../javascript/conformance/serve.mjs';

await serve({});
