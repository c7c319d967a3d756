// The adapter in Bun: what `everyhost run` talks to. hosts/CONTRACT.md is the contract.
//
//   bun run adapter.mjs

import { serve } from '../javascript/conformance/serve.mjs';

await serve({ importAnew });

/**
 * By an object URL: Bun keeps a file's module whatever its query is, and does not decode a long `data:` URL as a module.
 *
 * @param {string} source of the glue
 */
async function importAnew(source) {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
