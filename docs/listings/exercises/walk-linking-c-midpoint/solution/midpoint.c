// ANCHOR: midpoint
/* The number in the middle of a and b, rounded towards negative infinity. */
int midpoint(int a, int b) {
    /* The bits that both have, and half of the bits that only one has: the sum cannot overflow. */
    return (a & b) + ((a ^ b) >> 1);
}
// ANCHOR_END: midpoint
