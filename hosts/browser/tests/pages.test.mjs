import { testPages } from './pages.mjs';

testPages('Chromium');
