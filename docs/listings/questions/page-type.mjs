// Compiles a module that comes as `application/wasm; charset=utf-8`.
import { readFileSync } from 'node:fs';

const type = { headers: { 'content-type': 'application/wasm; charset=utf-8' } };
try {
  await WebAssembly.instantiateStreaming(new Response(readFileSync('token_signer.wasm'), type));
  console.log('compiled');
} catch (error) {
  console.log(error.name);
}
