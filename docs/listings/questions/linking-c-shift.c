// ANCHOR: shown
int half(int a) {
    return a >> 1;
}
// ANCHOR_END: shown
