/* Splits a line at its commas, and calls the host for each field. */

#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

/* ANCHOR: split */
/* The host answers 0 to go on, and anything else to stop. */
IMPORT(on_field) int on_field(const char *text, int len);

static char line[1024];

EXPORT(line) char *line_buffer(void) { return line; }

/* How many fields the host has taken; the line has `len` bytes. */
EXPORT(split) int split(int len) {
  int fields = 0, start = 0;
  for (int at = 0; at <= len; at += 1) {
    if (at < len && line[at] != ',') continue;
    if (on_field(line + start, at - start) != 0) return fields;
    fields += 1;
    start = at + 1;
  }
  return fields;
}
/* ANCHOR_END: split */
