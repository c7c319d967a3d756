// The bench program: what `everyhost bench` talks to. hosts/README.md has the lines that go in and out.

import { serve } from '../javascript/conformance/bench/process.mjs';

await serve();
