// docs/src/pictures/speed-node.svg

import { printSpeed } from './lib/speed.mjs';

printSpeed('node');
