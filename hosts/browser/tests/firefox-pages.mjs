// Needs Node 22, as the driver of Firefox does, so check.sh runs it with that.

import { testPages } from './pages.mjs';
import { testResults } from './results.mjs';

testPages('Firefox');
testResults('Firefox');
