/* CRC-32 (the one of zlib and Ethernet) over a buffer that the host fills: a module without imports, in C. */

#define CAPACITY 4096u
#define POLYNOMIAL 0xEDB88320u

#define EXPORT(name) __attribute__((export_name(#name)))

static unsigned char message[CAPACITY];

/* Where the host writes the message: `buffer_len()` bytes that belong to the module. */
EXPORT(buffer) unsigned char *buffer(void) { return message; }
EXPORT(buffer_len) unsigned buffer_len(void) { return CAPACITY; }

/* The CRC-32 of the buffer's first `len` bytes. Traps if `len` is over buffer_len(). */
EXPORT(crc32) unsigned crc32(unsigned len) {
  if (len > CAPACITY) __builtin_trap();
  unsigned crc = 0xFFFFFFFFu;
  for (unsigned at = 0; at < len; at += 1) {
    crc ^= message[at];
    for (int bit = 0; bit < 8; bit += 1) crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
  }
  return ~crc;
}
