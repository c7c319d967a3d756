/* The sum of the bytes of a buffer that the host fills. */

#define EXPORT(name) __attribute__((export_name(#name)))

/* ANCHOR: sum */
static unsigned char bytes[256]; /* a signed byte of 255 counts as -1 */

EXPORT(buffer) unsigned char *buffer(void) { return bytes; }

EXPORT(sum) unsigned sum(unsigned len) {
  if (len > sizeof bytes) __builtin_trap();
  unsigned total = 0;
  for (unsigned at = 0; at < len; at += 1) total += bytes[at]; /* not <=: that would add one byte too many */
  return total;
}
/* ANCHOR_END: sum */
