// The live parts in Firefox. Needs the newer Node, as its driver does.

import { testParts } from './parts.mjs';

testParts('Firefox');
