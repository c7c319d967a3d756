// ANCHOR: chapter
int add(int a, int b) {
    return a + b;
}
// ANCHOR_END: chapter
