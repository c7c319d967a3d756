// The thread in which calls with a deadline run, and programs of WASI: the page ends it.

import { runTold } from '../../javascript/conformance/deadline.mjs';
import { newWasi } from './wasi.mjs';

addEventListener('message', ({ data }) => runTold(data, (told) => postMessage(told), newWasi));
