// docs/src/pictures/crates.svg: which crate builds on which, from the manifests. It fails if what judges shares more with
// what is judged than signer-abi.

import { readFileSync, readdirSync } from 'node:fs';

import { WIDTH, print, text } from './lib/svg.mjs';

const ROOT = new URL('../../', import.meta.url);
const read = (/** @type {string} */ file) => readFileSync(new URL(file, ROOT), 'utf8');

/** Each crate with the crates of ours that it builds on, tests aside. @type {Map<string, string[]>} */
const crates = new Map();
for (const folder of ['crates', 'hosts'].flatMap((parent) =>
  readdirSync(new URL(parent, ROOT)).map((name) => `${parent}/${name}`),
)) {
  let manifest;
  try {
    manifest = read(`${folder}/Cargo.toml`);
  } catch {
    continue;
  }
  const name = /^name = "(.*)"$/m.exec(manifest)?.[1] ?? folder;
  const table = /^\[dependencies\]\n([^]*?)(?=^\[|$(?![^]))/m.exec(manifest)?.[1] ?? '';
  crates.set(
    name,
    [...table.matchAll(/^([a-z0-9-]+)/gm)].map(([, dependency]) => dependency),
  );
}
for (const [name, all] of crates)
  crates.set(
    name,
    all.filter((dependency) => crates.has(dependency)),
  );

/** @param {string[]} names */
function closure(names) {
  const all = new Set(names);
  for (const name of all) for (const dependency of crates.get(name) ?? []) all.add(dependency);
  return all;
}
const modules = [...read('crates/modules.toml').matchAll(/^package = "(.*)"$/gm)].map(([, name]) => name);
const judged = closure(modules);
const judge = closure(['everyhost']);
const shared = [...judge].filter((name) => judged.has(name));
if (shared.join() !== 'signer-abi')
  throw new Error(`what judges shares ${shared.join(', ')} with what is judged, and may share signer-abi alone`);

const depth = (/** @type {string} */ name) => 1 + Math.max(-1, ...(crates.get(name) ?? []).map(depth));
const byDepth = (/** @type {string} */ a, /** @type {string} */ b) => depth(b) - depth(a) || a.localeCompare(b);
const rest = [...crates.keys()].filter((name) => !judged.has(name) && !judge.has(name));
const groups = /** @type {const} */ ([
  ['Tools and hosts', rest, 'd'],
  ['What judges', [...judge].filter((name) => !judged.has(name)), 'a'],
  ['What both share', shared, 'c'],
  ['What is judged', [...judged].filter((name) => !judge.has(name)), 'b'],
]);

const [LEFT, ROW, EDGE] = [16, 22, 196];
const parts = [];
/** @type {Map<string, number>} */
const at = new Map();
let y = 30;
for (const [title, names, colour] of groups) {
  parts.push(text(LEFT, y, title, 'strong'));
  y += ROW;
  for (const name of [...names].sort(byDepth)) {
    parts.push(`<circle cx="${EDGE}" cy="${y - 4}" r="4" class="${colour}"/>`, text(LEFT + 8, y, name, 'mono'));
    at.set(name, y - 4);
    y += ROW;
  }
  y += 10;
}
/** @type {string[]} */
const words = [];
for (const [name, dependencies] of crates) {
  // What follows from another dependency is left out.
  const direct = dependencies.filter(
    (one) => !dependencies.some((other) => other !== one && closure([other]).has(one)),
  );
  for (const dependency of direct) {
    const [from, to] = [at.get(name) ?? 0, at.get(dependency) ?? 0];
    const bulge = Math.min(EDGE + 18 + Math.abs(to - from) * 0.62, WIDTH + 60);
    const colour = judged.has(name) ? 'bs' : judge.has(name) ? 'as' : 'ds';
    parts.push(
      `<path d="M${EDGE + 4} ${from} C${bulge} ${from} ${bulge} ${to} ${EDGE + 4} ${to}" class="${colour}" fill="none" stroke-width="1.5"/>`,
    );
  }
  if (direct.length > 0) words.push(`${name} on ${direct.join(', ')}`);
}
parts.push(text(LEFT, y + 6, 'A line leads from a crate to one that it builds on.', 'small soft'));
print({ title: 'Which crate builds on which', desc: `${words.join('; ')}.`, height: y + 22, parts });
