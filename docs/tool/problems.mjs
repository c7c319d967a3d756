// What is wrong with the book, each with its place and what to do about it.

/**
 * @typedef {object} Problem
 * @property {string} file from the root of the repository
 * @property {number} line counted from 1; 0 where it is about the whole file
 * @property {string} message what is wrong, and what to do
 */

export class Problems {
  /** @type {Problem[]} */
  list = [];

  add(/** @type {string} */ file, /** @type {number} */ line, /** @type {string} */ message) {
    this.list.push({ file, line, message });
  }

  /** @returns {string} one line each, in the order of the files */
  toString() {
    const sorted = [...this.list].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
    return sorted.map(({ file, line, message }) => `${file}${line ? `:${line}` : ''}: ${message}`).join('\n');
  }
}
