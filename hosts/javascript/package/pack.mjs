// Makes the npm packages: the wrapper, minified, its types, the modules and a README. The same bytes each time, in any folder.
//
//   node pack.mjs [--to FOLDER]    (default: target/packages/npm)

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { gzipAsync } from '@gfx/zopfli';
import { rolldown } from 'rolldown';

import { patchOf } from './patch.mjs';
import { tarOf } from './tar.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.join(HERE, '../../..');
const SIGNER = path.join(HERE, '../signer');

/**
 * @typedef {object} Package
 * @property {string} description
 * @property {string[]} licenses
 * @property {Record<string, string>} exports the files of the wrapper, by the names that they are imported by
 * @property {Record<string, string>} modules in target/modules, by their names in the package. In the order that packs best: gzip
 *   looks back 32 KB. `NAME-relaxed.patch` is what makes the module `NAME-relaxed` of the module `NAME`
 */

const {
  exports: ALL,
  license,
  type,
  sideEffects,
  engines,
} = JSON.parse(readText('hosts/javascript/signer/package.json'));

/** @type {Record<string, Package>} */
const PACKAGES = {
  'everyhost-signer': {
    description:
      'Ed25519 in WebAssembly, with its modules: signs and verifies one or many, reads keys, makes and verifies tokens',
    licenses: ['LICENSE-APACHE', 'LICENSE-MIT', 'LICENSE-THIRD-PARTY'],
    exports: Object.fromEntries(Object.entries(ALL).filter(([name]) => name !== './adder')),
    modules: {
      'keys.wasm': 'keys',
      'signer.wasm': 'signer-small',
      'signer-lanes.wasm': 'signer-lanes',
      'verifier-lanes.wasm': 'verifier-lanes',
      'verifier-lanes-relaxed.patch': 'verifier-lanes-relaxed',
      'signer-lanes-relaxed.patch': 'signer-lanes-relaxed',
    },
  },
  'everyhost-signer-small': {
    description: 'Ed25519 in WebAssembly, with its module of 21 KB: signs and verifies, makes tokens',
    // LICENSE-APACHE takes 3 KB, packed: the README links to it.
    licenses: ['LICENSE-MIT', 'LICENSE-THIRD-PARTY'],
    exports: { '.': ALL['.'], './modules': './modules/signer.mjs', './token': ALL['./token'] },
    modules: { 'signer.wasm': 'signer-small' },
  },
};

/** Files whose types nobody sees unless they are exported: these go without comments. */
const INNER = ['codes', 'usable-modules', 'values'];
/** A comment of a type, in a line of its own or in several. */
const COMMENT = /^( *)\/\*\*(.*?)\*\/\n/gms;

const { values } = parseArgs({ options: { to: { type: 'string' } } });
const to = path.resolve(values.to ?? path.join(ROOT, 'target/packages/npm'));
const [version, date] = ['version', 'date'].map((what) =>
  execFileSync(path.join(ROOT, 'scripts/version.sh'), [what], { encoding: 'utf8' }).trim(),
);

const types = mkdtempSync(path.join(tmpdir(), 'everyhost-types-'));
try {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  execFileSync(path.join(HERE, '../node_modules/.bin/tsc'), ['--project', HERE, '--outDir', types], {
    stdio: 'inherit',
  });
  for (const [name, contents] of Object.entries(PACKAGES)) {
    // Zopfli packs a twentieth smaller than gzip, and what it writes depends on nothing else.
    const packed = await gzipAsync(tarOf(await filesOf(name, contents)), { numiterations: 60, blocksplittingmax: 60 });
    const file = path.join(to, `${name}-${version}.tgz`);
    writeFileSync(file, packed);
    console.log(`${path.relative(ROOT, file)}  ${packed.length} bytes`);
  }
} catch (error) {
  console.error(`package: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  rmSync(types, { recursive: true, force: true });
}

/**
 * @param {string} name
 * @param {Package} contents
 * @returns {Promise<Map<string, string | Uint8Array>>} the files of a package, in their order
 */
async function filesOf(name, { description, exports, modules, licenses }) {
  /** @type {Map<string, string | Uint8Array>} */
  const files = new Map();
  const rows = [];
  for (const [file, from] of Object.entries(modules)) {
    const wasm = readBuilt(from);
    const bytes = file.endsWith('.patch') ? patchOf(readBuilt(from.replace('-relaxed', '')), wasm) : wasm;
    files.set(`modules/${file}`, bytes);
    rows.push(
      `| \`modules/${file}\` | \`${from}\` | ${wasm.length.toLocaleString('en')} | ${bytes.length.toLocaleString('en')} |`,
    );
  }
  const entries = Object.values(exports).map((file) => path.normalize(file).replace('.mjs', ''));
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, path.join(SIGNER, `${entry}.mjs`)])),
    platform: 'neutral',
  });
  const { output } = await bundle.generate({
    entryFileNames: '[name].mjs',
    chunkFileNames: 'shared/[name].mjs',
    // The names of classes are what `console.log` and errors show.
    minify: { compress: true, mangle: { toplevel: true, keepNames: { class: true, function: false } } },
  });
  for (const chunk of output) if (chunk.type === 'chunk') files.set(chunk.fileName, chunk.code);
  for (const file of withImports(entries.map((entry) => `${entry}.d.mts`))) {
    const isInner = INNER.includes(file.replace('.d.mts', '')) && !entries.includes(file.replace('.d.mts', ''));
    files.set(file, isInner ? readTypes(file).replaceAll(COMMENT, '') : shortened(readTypes(file)));
  }
  const { abi_version } = new WebAssembly.Instance(new WebAssembly.Module(readBuilt(modules['signer.wasm']))).exports;
  const table = ['| file | module | its bytes | packed as |', '| --- | --- | ---: | ---: |', ...rows].join('\n');
  const readme = readText(`hosts/javascript/package/${name}.md`)
    .replace('{modules}', table)
    .replace('{abi_version}', String(/** @type {() => number} */ (abi_version)()));
  const manifest = {
    name,
    version,
    description,
    keywords: ['ed25519', 'eddsa', 'signature', 'jwt', 'wasm', 'webassembly'],
    license,
    type,
    sideEffects,
    engines,
    exports: { ...exports, './modules/*.wasm': './modules/*.wasm', './package.json': './package.json' },
  };
  files.set('package.json', `${JSON.stringify(manifest, null, 2)}\n`).set('README.md', readme);
  // The repository's would take 6 KB, packed.
  const changelog = readText('hosts/javascript/package/CHANGELOG.md');
  if (!changelog.includes(`\n\n## ${version} - ${date}\n`)) {
    throw new Error(`hosts/javascript/package/CHANGELOG.md has no entry "## ${version} - ${date}"; add it`);
  }
  files.set('CHANGELOG.md', changelog);
  for (const file of licenses) files.set(file, readText(file));
  return files;
}

/**
 * @param {string[]} files with types
 * @returns {Set<string>} they, and all that they import
 */
function withImports(files) {
  const found = new Set(files);
  for (const file of found) {
    for (const [, name] of readTypes(file).matchAll(/(?:\bfrom |\bimport\()['"](\.[^'"]+)\.mjs['"]/g)) {
      found.add(path.join(path.dirname(file), `${name}.d.mts`));
    }
  }
  return found;
}

/** @param {string} file that tsc has written */
function readTypes(file) {
  return readFileSync(path.join(types, file), 'utf8');
}

/**
 * Types with the first sentence of each comment, and what is thrown: the rest would take 2 KB.
 *
 * @param {string} text
 */
function shortened(text) {
  return text.replaceAll(COMMENT, (_, indent, comment) => {
    /** @type {string[]} */
    const parts = comment
      .replaceAll(/^ *\*? ?/gm, '')
      .trim()
      .split(/^(?=@)/m);
    const lines = parts
      .map((part) => (part.startsWith('@') ? part : (/^.*?\.(?=\s|$)/s.exec(part)?.[0] ?? part)))
      .filter((part) => !part.startsWith('@') || part.startsWith('@throws'))
      .map((part) => part.replaceAll(/\s+/g, ' ').trim());
    return lines.length === 0 ? '' : `${indent}/** ${lines.join(`\n${indent} * `)} */\n`;
  });
}

/** @param {string} name of a module in target/modules */
function readBuilt(name) {
  try {
    return readFileSync(path.join(ROOT, 'target/modules', `${name}.wasm`));
  } catch (cause) {
    throw new Error(`target/modules/${name}.wasm is not there; build it with: make modules`, { cause });
  }
}

/** @param {string} name of a file of the repository */
function readText(name) {
  return readFileSync(path.join(ROOT, name), 'utf8');
}
