// As much TOML as docs/claims.toml needs: tables in an array, and strings on one line.

/**
 * @typedef {{ line: number, values: Map<string, string> }} Table
 */

/**
 * @param {string} text
 * @param {string} name of the array
 * @returns {Table[]}
 * @throws {Error} with the line, if it is something else
 */
export function parseTables(text, name) {
  /** @type {Table[]} */
  const tables = [];
  text.split('\n').forEach((source, index) => {
    const line = source.trim();
    if (line === '' || line.startsWith('#')) return;
    if (line === `[[${name}]]`) {
      tables.push({ line: index + 1, values: new Map() });
      return;
    }
    const pair = /^([a-z_]+)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*')\s*(?:#.*)?$/.exec(line);
    const table = tables[tables.length - 1];
    if (!pair || !table) throw new Error(`${index + 1}: expected [[${name}]] or key = "text" on one line, not ${line}`);
    if (table.values.has(pair[1])) throw new Error(`${index + 1}: ${pair[1]} is given twice`);
    table.values.set(pair[1], pair[2].startsWith("'") ? pair[2].slice(1, -1) : JSON.parse(pair[2]));
  });
  return tables;
}
