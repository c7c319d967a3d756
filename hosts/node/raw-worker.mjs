// The thread in which calls with a deadline run: whoever set the deadline ends it.

import { parentPort } from 'node:worker_threads';

import { runTold } from './deadline.mjs';

parentPort?.once('message', (work) => runTold(work, (told) => parentPort?.postMessage(told)));
