// ANCHOR: all
// Opens the site with its headers, and with one of them wrong, in the browsers that are named.
import { see } from '../see.mjs';
import { headersOf } from './headers.mjs';

const instead = (name, value) => file => ({ ...headersOf(file), ...(file.endsWith(name) ? value : {}) });
const SETTINGS = {
  'the headers above': headersOf,
  'the type application/octet-stream': instead('.wasm', { 'content-type': 'application/octet-stream' }),
  'a policy without wasm-unsafe-eval': instead('index.html', { 'content-security-policy': "default-src 'self'" }),
};

for (const browser of process.argv.slice(2)) {
  for (const [name, of] of Object.entries(SETTINGS)) {
    // see.html is the test's, and has a script in it.
    const options = { folder: 'dist', headersOf: file => (file === '/see.html' ? {} : of(file)) };
    const [first] = (await see(browser, options)).split('\n');
    console.log(`${browser}, ${name}:\n  ${first.replace(/^(.{70}\S*) .+$/, '$1 …')}`);
  }
}
// ANCHOR_END: all
