// The live parts in Chromium.

import { testParts } from './parts.mjs';

testParts('Chromium');
