// ANCHOR: midpoint
/* The number in the middle of a and b, rounded towards negative infinity. */
int midpoint(int a, int b) {
    return (a + b) / 2;
}
// ANCHOR_END: midpoint
