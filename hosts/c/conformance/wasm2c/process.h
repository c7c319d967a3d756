/* Other programs, such as the compiler. */
#ifndef PROCESS_H
#define PROCESS_H

/**
 * Runs a program to its end, without a shell and without input, in the folder `dir` (NULL: this one), where its
 * temporary files are then too.
 *
 * What it may take is limited, and so is each program that it starts: `seconds` of the processor's time, 4 GiB of
 * addresses, 256 MiB a file. One that takes more is ended by a signal.
 *
 * Returns its exit status: 0 to 255; minus the number of the signal that ended it; or 127 where there is no such
 * program. *output is what it wrote to stdout and stderr, up to 64 KiB.
 */
int process_run(const char *const *command, const char *dir, unsigned seconds, const char **output);

#endif
