// The live parts and the questions in Firefox. Needs the newer Node, as its driver does.

import { testParts } from './parts.mjs';
import { testQuestions } from './questions.mjs';

testParts('Firefox');
testQuestions('Firefox');
