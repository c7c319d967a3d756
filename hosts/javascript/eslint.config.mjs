// The rules of every JavaScript in the workspace. Paths are from its root, where eslint is started.

import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import globals from 'globals';

export default defineConfig([
  js.configs.recommended,
  {
    // The wrapper and the adapters' shared half run everywhere: they may use only what Node and browsers both have.
    languageOptions: { globals: { ...globals['shared-node-browser'], WebAssembly: 'readonly' } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error' },
  },
  {
    files: ['hosts/*.mjs', 'hosts/node/oracle.mjs', 'hosts/javascript/conformance/bench/process.mjs'],
    languageOptions: { globals: globals.node },
  },
  { files: ['hosts/browser/pages/**', 'hosts/browser/bench/**'], languageOptions: { globals: globals.browser } },
  { files: ['hosts/bun/**'], languageOptions: { globals: { Bun: 'readonly' } } },
  { files: ['hosts/deno/**'], languageOptions: { globals: { Deno: 'readonly' } } },
  // The functions that tests send to a page see the page's globals.
  { files: ['hosts/*/tests/**', 'docs/**'], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
]);
