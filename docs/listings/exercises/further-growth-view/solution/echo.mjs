// Writes a number into linear memory before memory grows, and reads it back afterwards.

// ANCHOR: echo
/** A view for each access, made when no call comes in between. */
const view = (memory) => new DataView(memory.buffer);

export function echoAcrossGrowth({ memory, grow }, value) {
  view(memory).setUint32(1024, value, true);
  grow(1);
  return view(memory).getUint32(1024, true);
}
// ANCHOR_END: echo
