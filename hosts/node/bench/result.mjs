// What goes to `everyhost bench` and comes from it; crates/everyhost/src/bench/engine.rs is the other side.

import { toHex } from '../bytes.mjs';

/**
 * @typedef {object} Config
 * @property {number} rounds
 * @property {number} messages how many
 * @property {number} warm_up_ms
 * @property {number} slice_ms
 * @property {string} keypair hex
 * @property {Record<string, string>} modules paths of .wasm files, by name
 * @property {string} glue path of wasm-bindgen's JavaScript for the web
 */

/**
 * @param {import('./race.mjs').Lane[]} lanes
 * @param {import('./contestants.mjs').Missing[]} missing
 * @param {{ version: string, runtime: string }} engine
 */
export function resultOf(lanes, missing, engine) {
  return {
    ...engine,
    missing,
    lanes: lanes.map((lane) => ({
      id: lane.id,
      version: lane.version,
      slice_messages: lane.sliceMessages,
      samples_us: lane.samplesUs,
      cpu_samples_us: lane.cpuSamplesUs,
      signatures: lane.signatures.map(toHex),
      changed: lane.changed.map(({ message, signature }) => ({ message, signature: toHex(signature) })),
    })),
  };
}
