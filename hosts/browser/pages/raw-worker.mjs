// The thread in which calls with a deadline run: whoever set the deadline ends it.

import { runTold } from '../../javascript/conformance/deadline.mjs';

addEventListener('message', ({ data }) => runTold(data, (told) => postMessage(told)));
