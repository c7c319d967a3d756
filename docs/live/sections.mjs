// How many bytes each section of a module has. It is given the sections: beside a built book, what reads them is in another
// place than in the workspace.

const NAMES = 'custom,type,import,function,table,memory,global,export,start,element,code,data,data count'.split(',');

/**
 * @param {Iterable<{ id: number, size: number }>} sections as `sectionsOf` in wasm-types.mjs reads them
 * @returns {Map<string, number>} bytes by the section's name, with what its own head takes; in the order of the module
 */
export function sectionSizes(sections) {
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const { id, size } of sections) {
    const name = NAMES[id] ?? `section ${id}`;
    sizes.set(name, (sizes.get(name) ?? 0) + size);
  }
  return sizes;
}
