// Writes a ZIP archive: the same bytes for the same files. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

import { crc32, deflateRawSync } from 'node:zlib';

const STORED = 0;
const DEFLATED = 8;
/** Of the format: 2.0. */
const VERSION = 20;
/** Bit 11: names are UTF-8. */
const FLAGS = 1 << 11;
/** 1 January 1980, the first day that it knows. */
const DATE = (1 << 5) | 1;

/**
 * @param {[name: string, content: Uint8Array | string][]} files in their order; the first is not compressed, as an EPUB wants it
 * @returns {Buffer}
 */
export function zip(files) {
  const local = [];
  const central = [];
  let offset = 0;
  for (const [index, [name, content]] of files.entries()) {
    const bytes = Buffer.from(content);
    const method = index === 0 ? STORED : DEFLATED;
    const data = method === STORED ? bytes : deflateRawSync(bytes, { level: 9 });
    const path = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(VERSION, 0);
    common.writeUInt16LE(FLAGS, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(path.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    local.push(Buffer.from('PK\x03\x04'), common, path, data);
    central.push(Buffer.from('PK\x01\x02'), Buffer.from([VERSION, 0]), common, rest, path);
    offset += 30 + path.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06'), end]);
}
