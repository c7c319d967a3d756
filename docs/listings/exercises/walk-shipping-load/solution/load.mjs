// ANCHOR: all
/**
 * Loads the module at `url` and instantiates it. Compiles it while it arrives if the server sends the right type, and
 * otherwise once it is there. Throws an Error that names the URL if the server answers with an error, or with something
 * other than a module. Asks the server once.
 */
export async function load(url, imports = {}) {
  const response = await fetch(url);
  const type = response.headers.get('content-type');
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  if (type === 'application/wasm') return WebAssembly.instantiateStreaming(response, imports);
  const bytes = await response.arrayBuffer();
  // A module begins with a zero byte and the letters asm.
  const start = new Uint8Array(bytes, 0, Math.min(4, bytes.byteLength));
  if (String.fromCharCode(...start) !== '\0asm') throw new Error(`${url}: no module, but ${type}`);
  return WebAssembly.instantiate(bytes, imports);
}
// ANCHOR_END: all
