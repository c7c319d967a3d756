// ANCHOR: shown
#[cfg(feature = "message")]
fn refuse(n: u32) -> u32 {
    panic!("{n} is too large")
}

#[cfg(feature = "trap")]
fn refuse(_: u32) -> u32 {
    std::process::abort()
}

#[cfg(feature = "status")]
fn refuse(_: u32) -> u32 {
    u32::MAX
}

#[unsafe(no_mangle)]
pub extern "C" fn digit(n: u32) -> u32 {
    if n > 9 { refuse(n) } else { n }
}
// ANCHOR_END: shown
