// The live parts and the questions in Chromium.

import { testParts } from './parts.mjs';
import { testQuestions } from './questions.mjs';

testParts('Chromium');
testQuestions('Chromium');
