// The book's tool: checks it, types what it shows, writes its generated pages. See docs/README.md.

import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { loadBook } from './book.mjs';
import { check } from './check.mjs';
import { checkMatrix, takeComponents, takeMatrix, takeSizes, takeSpeed } from './data.mjs';
import { writeEpub } from './epub.mjs';
import { runExercises } from './exercises.mjs';
import { writeGenerated } from './generated.mjs';
import { linkTerms } from './glossary.mjs';
import { Problems } from './problems.mjs';
import { walk } from './walk.mjs';

const USAGE = `usage: node docs/tool/main.mjs COMMAND

  check [--built]         what can be seen without running anything; with --built, target/book as well
  walk [NAME…]            type what the book shows in empty folders, and compare; NAME: a folder, or a page such as walk/boundary
  bless [NAME…]           the same, and write what comes out into the pages; look at the diff
  exercises [NAME…]       each start must fail its check, each solution must pass
  glossary [PAGE…]        make links of the first use of each term of the glossary; look at the diff
  generate                write the pages of figures, claims.md and the pictures (also: claims, pictures)
  matrix-data [FILE]      take the figures of \`everyhost run --all\`, and generate
  matrix-check [FILE]     whether the last run gave those figures, where it ran everything
  size-data [FILE]        take the figures of \`make size\`, and generate
  speed-data [FILE]       take the figures of \`make bench\`, and generate
  epub [FILE]             the built book as an EPUB (target/everyhost.epub)
  component-data [FILE]   take what a component costs from \`make bench\`, of some hosts or all, and generate

  --root DIR              the repository (this one by default)
  --timeout SECONDS       of one command in walk, bless and exercises (600)

Ends with 1 where something is wrong with the book, with 2 where the command line is.`;

/** @param {string} text */
const say = (text) => console.error(text);

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      built: { type: 'boolean' },
      root: { type: 'string' },
      timeout: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [command, ...names] = positionals;
  const root = path.resolve(values.root ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '../..'));
  const timeout = values.timeout === undefined ? undefined : Number(values.timeout);
  if (values.help) return console.log(USAGE);
  if (timeout !== undefined && !(timeout > 0))
    throw new Error(`--timeout takes a number of seconds, not ${values.timeout}`);
  switch (command) {
    case 'check':
      return finish(await check(root, { built: values.built }), 'the book is sound');
    case 'walk':
      return finish(await walk(root, names, { timeout, say }), 'everything that the book shows is what comes out');
    case 'bless':
      return finish(
        await walk(root, names, { timeout, say, bless: true }),
        'the outputs are written; look at the diff',
      );
    case 'exercises':
      return finish(await runExercises(root, names, { timeout, say }), 'every start fails, every solution passes');
    case 'glossary': {
      let all = 0;
      // New line breaks may join a term that was on two lines.
      for (let some = 1; some > 0; all += some) some = linkTerms(loadBook(root), names);
      return console.log(`book: ${all} terms are links now; look at the diff`);
    }
    case 'epub':
      return console.log(`book: ${path.relative(root, writeEpub(root, names[0]))}`);
    case 'matrix-data':
      takeMatrix(root, names[0]);
      return writeGenerated(root);
    case 'matrix-check': {
      const problems = new Problems();
      checkMatrix(root, problems, names[0]);
      return finish(problems, 'the last run gave the figures of the matrix');
    }
    case 'size-data':
      takeSizes(root, names[0]);
      return writeGenerated(root);
    case 'speed-data':
      takeSpeed(root, names[0]);
      return writeGenerated(root);
    case 'component-data':
      takeComponents(root, names[0]);
      return writeGenerated(root);
    case 'generate':
    case 'claims':
    case 'pictures':
      return writeGenerated(root);
    default:
      console.error(USAGE);
      process.exitCode = 2;
  }
}

function finish(/** @type {import('./problems.mjs').Problems} */ problems, /** @type {string} */ good) {
  if (problems.list.length === 0) return console.log(`book: ${good}`);
  console.error(`\n${problems}`);
  console.error(`\nbook: ${problems.list.length} ${problems.list.length === 1 ? 'problem' : 'problems'}`);
  process.exitCode = 1;
}

await main().catch((error) => {
  console.error(`book: ${error.message}`);
  process.exitCode = error.code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
});
