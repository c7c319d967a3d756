// ANCHOR: all
/** The headers of a file of the site, beside its type. */
export function headersOf(name) {
  return {
    // Vite puts a hash of the content into the names in assets/. All other names stay when the content changes.
    'cache-control': name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy': "default-src 'self'; img-src 'self' data:; script-src 'self' 'wasm-unsafe-eval'",
    'x-content-type-options': 'nosniff',
  };
}
// ANCHOR_END: all
