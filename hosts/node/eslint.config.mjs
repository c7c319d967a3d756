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
  // What is not for copying may use all of Node.
  { files: ['tests/**', 'bench/**', 'bench*.mjs', 'oracle.mjs'], languageOptions: { globals: globals.node } },
]);
