// The bench program: what `make bench` talks to. hosts/BENCH.md has the lines that go in and out.

import { serve } from '../javascript/conformance/bench/process.mjs';

await serve();
