import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import globals from 'globals';

export default defineConfig([
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals['shared-node-browser'], WebAssembly: 'readonly' } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error' },
  },
  { files: ['pages/**'], languageOptions: { globals: globals.browser } },
  // What is not for copying may use all of Node; the functions that tests send to a page see the page's globals.
  { files: ['firefox/**', 'tests/**'], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
]);
