// ANCHOR: shown
#[unsafe(no_mangle)]
pub extern "C" fn name() -> String {
    "everyhost".to_string()
}
// ANCHOR_END: shown
