// ANCHOR: midpoint
/* The number in the middle of a and b, rounded towards negative infinity. */
int midpoint(int a, int b) {
    /* What both have, and half of what only one has: no sum that could overflow. */
    return (a & b) + ((a ^ b) >> 1);
}
// ANCHOR_END: midpoint
