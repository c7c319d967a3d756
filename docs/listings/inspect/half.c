/* Half of an even number. The compiler that this imitates calls `abort` before it traps: AssemblyScript does. */

#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

/* ANCHOR: half */
IMPORT(abort) void abort_at(int message, int file, int line, int column);

EXPORT(half) int half(int number) {
  if (number % 2 != 0) abort_at(0, 0, 11, 3);
  return number / 2;
}
/* ANCHOR_END: half */
