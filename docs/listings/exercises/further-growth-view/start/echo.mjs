// Writes a number into linear memory before memory grows, and reads it back afterwards.

export function echoAcrossGrowth({ memory, grow }, value) {
  const view = new DataView(memory.buffer);
  view.setUint32(1024, value, true);
  grow(1);
  return view.getUint32(1024, true);
}
