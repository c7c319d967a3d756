#include "add.h"

_Static_assert(sizeof(int) == 4, "add.h promises 32 bits");

int add(int a, int b) {
    /* Back to int is defined by the compiler: clang and gcc keep the bits. */
    return (int)((unsigned)a + (unsigned)b);
}

int divide(int a, int b) {
    const int lowest = -2147483647 - 1;
    /* Without this, a compiler may assume that neither ever happens and leave out whatever would notice. */
    if (b == 0 || (a == lowest && b == -1)) {
        __builtin_trap();
    }
    return a / b;
}
