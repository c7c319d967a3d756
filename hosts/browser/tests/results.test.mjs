import { testResults } from './results.mjs';

testResults('Chromium');
