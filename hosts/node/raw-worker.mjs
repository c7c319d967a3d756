// The thread for calls with a deadline. adapter.mjs ends it when the deadline is over.

import { parentPort } from 'node:worker_threads';

import { runTold } from '../javascript/conformance/deadline.mjs';

parentPort?.once('message', (work) => runTold(work, (told) => parentPort?.postMessage(told)));
