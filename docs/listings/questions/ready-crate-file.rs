// ANCHOR: shown
#[unsafe(no_mangle)]
pub extern "C" fn length() -> usize {
    std::fs::read_to_string("note.txt").unwrap_or_default().len()
}
// ANCHOR_END: shown
