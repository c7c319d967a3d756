// The folders of a program of WASI: a page cannot open them. They are read into the request, and what the page answers is
// written back.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { fromHex, toHex } from '../javascript/conformance/bytes.mjs';

/**
 * @typedef {Record<string, any>} Json
 * @typedef {import('../javascript/conformance/wasi.mjs').Tree} Tree
 */

/**
 * @param {Json} request for `wasi`
 * @returns {Json} with the files of its folders; as it is if they can't be read, which the page then says
 */
export function withFiles(request) {
  try {
    const { dirs = [] } = request.in;
    return {
      ...request,
      in: { ...request.in, dirs: dirs.map((/** @type {Json} */ dir) => ({ ...dir, files: read(dir.host) })) },
    };
  } catch {
    return request;
  }
}

/**
 * @param {Json} request
 * @param {Json} reply of the page
 * @returns {Json} without the files: those are in their folders now
 */
export function writeFiles(request, { ok, ...reply }) {
  if (!ok) return reply;
  const { dirs, ...rest } = ok;
  try {
    request.in.dirs?.forEach((/** @type {Json} */ { host }, /** @type {number} */ index) => write(host, dirs[index]));
    return { ...reply, ok: rest };
  } catch (error) {
    return { ...reply, unsupported: `the files cannot be written: ${error}` };
  }
}

/**
 * @param {string} folder
 * @returns {Tree} without its symbolic links, which may lead out of it
 */
function read(folder) {
  /** @type {Tree} */
  const tree = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) tree.push([entry.name, read(file)]);
    else if (entry.isFile()) tree.push([entry.name, toHex(readFileSync(file))]);
  }
  return tree;
}

/**
 * @param {string} folder
 * @param {Tree} tree that is to be there
 */
function write(folder, tree) {
  const [before, after] = [new Map(read(folder)), new Map(tree)];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(name), after.get(name)];
    // What is as it was keeps its time, too.
    if (typeof now === 'string' && now === old) continue;
    const file = path.join(folder, name);
    const stays = typeof now === 'object' && typeof old === 'object';
    // A link as well, which was not read: nothing shall be written through it.
    if (!stays) rmSync(file, { recursive: true, force: true });
    if (typeof now === 'string') writeFileSync(file, fromHex(now), { flag: 'wx' });
    if (typeof now === 'object') {
      if (!stays) mkdirSync(file);
      write(file, now);
    }
  }
}
