// Needs Node 22, as the driver of Firefox does, so check.sh runs it with that.

import { testPages } from './pages.mjs';

testPages('Firefox');
