/* Two functions on whole numbers, without state: any thread may call them at any time. Nothing is allocated, so
 * nothing is owned or freed. They need no header and no library of a host.
 *
 * `int` has 32 bits in two's complement on every target that this is built for; add.c checks it.
 */
#ifndef EVERYHOST_ADD_H
#define EVERYHOST_ADD_H

/* The sum of a and b modulo 2^32, from -2147483648 to 2147483647: past either end it goes on at the other.
 * C leaves the overflow of a signed sum undefined, so the sum is made of unsigned numbers, for which it is defined. */
int add(int a, int b);

/* The quotient of a and b, rounded towards zero.
 *
 * Traps where b is 0, and where a is -2147483648 and b is -1, whose quotient is one more than an int can hold. C
 * leaves both undefined. In WebAssembly the trap is the instruction `unreachable`, which ends the call; natively it
 * is a signal (SIGILL or SIGTRAP), which ends the process. */
int divide(int a, int b);

#endif
