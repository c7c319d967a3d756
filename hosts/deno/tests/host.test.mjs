// The wrappers in Deno, and the programs of this folder. behaviour.mjs and programs.mjs say what they must do.

import { behaviours } from './behaviour.mjs';
import { fileOf, programs } from './programs.mjs';

const wrappers = await behaviours((path) => Deno.readFile(path));
// With the permissions of hosts.toml and of the README, and no more.
const run = [Deno.execPath(), 'run', '--no-prompt', '--allow-read'];
const processes = programs({
  host: 'deno',
  version: Deno.version.deno,
  runtime: /^V8 \d/,
  adapter: [...run, `--allow-run=${Deno.execPath()}`, fileOf('adapter.mjs')],
  example: [...run, fileOf('example.mjs')],
});
for (const [name, work] of [...wrappers, ...processes]) Deno.test(name, async () => void (await work()));
