// ANCHOR: all
const POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "script-src 'self' 'wasm-unsafe-eval'",
];

/** The headers of a file of the site, besides its type. */
export function headersOf(name) {
  const isHashed = name.startsWith('/assets/');
  return {
    // Vite puts a hash of the content into the names in assets/. Other names stay the same.
    'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy': POLICY.join('; '),
    'x-content-type-options': 'nosniff',
  };
}
// ANCHOR_END: all
