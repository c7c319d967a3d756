// ANCHOR: all
// Opens the site in the named browsers: with its headers, then with one thing wrong at a time.
import { see } from '../see.mjs';
import { headersOf } from './headers.mjs';

/** The headers above. For files that end with `name`, `headers` replaces some of them. */
const instead = (name, headers) => file => ({
  ...headersOf(file),
  ...(file.endsWith(name) ? headers : {}),
});
const SETTINGS = {
  'the headers above': ['dist', headersOf],
  'the type of a download': [
    'dist',
    instead('.wasm', { 'content-type': 'application/octet-stream' }),
  ],
  'a policy without wasm-unsafe-eval': [
    'dist',
    instead('index.html', { 'content-security-policy': "default-src 'self'" }),
  ],
  'a module in the script': ['inlined', headersOf],
};

for (const browser of process.argv.slice(2)) {
  for (const [name, [folder, of]] of Object.entries(SETTINGS)) {
    // see.html belongs to the test. It has a script in it, so it gets no policy.
    const options = { folder, headersOf: file => (file === '/see.html' ? {} : of(file)) };
    const [first] = (await see(browser, options)).split('\n');
    console.log(`${browser}, ${name}:\n  ${first.replace(/^(.{70}\S*) .+$/, '$1 …')}`);
  }
}
// ANCHOR_END: all
