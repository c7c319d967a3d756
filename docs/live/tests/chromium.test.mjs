// The live parts and the questions in Chromium.

import process from 'node:process';

import { testAccess } from './access.mjs';
import { testParts } from './parts.mjs';
import { testQuestions } from './questions.mjs';

testParts('Chromium');
testQuestions('Chromium');
// `make test-pages` has built the book by then.
if (process.env.BOOK) testAccess(process.env.BOOK);
