/* The sum of the bytes of a buffer that the host fills. */

#define EXPORT(name) __attribute__((export_name(#name)))

static signed char bytes[256];

EXPORT(buffer) signed char *buffer(void) { return bytes; }

EXPORT(sum) unsigned sum(unsigned len) {
  unsigned total = 0;
  for (unsigned at = 0; at <= len && at < sizeof bytes; at += 1) total += bytes[at];
  return total;
}
