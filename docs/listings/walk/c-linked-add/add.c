// ANCHOR: add
int add(int a, int b) {
    return a + b;
}
// ANCHOR_END: add
