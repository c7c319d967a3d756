import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import globals from 'globals';

export default defineConfig([
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals['shared-node-browser'], Bun: 'readonly', WebAssembly: 'readonly' } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error' },
  },
  // What is not for copying may use all of Node that Bun has.
  { files: ['tests/**', 'bench.mjs'], languageOptions: { globals: globals.node } },
]);
