// docs/src/pictures/speed-chromium.svg

import { printSpeed } from './lib/speed.mjs';

printSpeed('chromium');
