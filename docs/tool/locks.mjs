// Holds what the reader's packages depend on: the versions of docs/listings/walk/NAME/Cargo.lock, as `--locked` would. The reader's
// own cargo takes what is newest; in the walk a release of somebody else's must not change what the book shows.

import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export class Lock {
  #theirs;
  #ours;
  /** @type {Set<string>} */
  #known;

  /**
   * @param {string} root of the repository
   * @param {string} name of the folder of the walk
   * @param {string} here that folder
   */
  constructor(root, name, here) {
    this.file = `docs/listings/walk/${name}/Cargo.lock`;
    this.#ours = path.join(root, this.file);
    this.#theirs = path.join(here, 'Cargo.lock');
    this.#known = new Set(packages(this.#ours));
  }

  /** Before each command: from here cargo takes versions, also of packages that come in only later. */
  place() {
    if (this.#known.size > 0 && existsSync(path.join(path.dirname(this.#theirs), 'Cargo.toml')))
      copyFileSync(this.#ours, this.#theirs);
  }

  /**
   * After each command.
   *
   * @returns {string | undefined} what cargo has chosen by itself
   */
  foreign() {
    const foreign = packages(this.#theirs).filter((one) => !this.#known.has(one));
    if (foreign.length === 0) return undefined;
    return `cargo has taken ${foreign.join(', ')}, which ${this.file} does not have: copy the Cargo.lock of a walk there, and read the diff`;
  }
}

/** @returns {string[]} name and version of each package that comes from elsewhere */
function packages(/** @type {string} */ file) {
  if (!existsSync(file)) return [];
  const entries = readFileSync(file, 'utf8').split('[[package]]').slice(1);
  return entries.flatMap((entry) => {
    const value = (/** @type {string} */ key) => new RegExp(`^${key} = "(.*)"`, 'm').exec(entry)?.[1];
    return value('source') ? [`${value('name')} ${value('version')}`] : [];
  });
}
