// ANCHOR: all
use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fs, process, thread};

#[unsafe(no_mangle)]
pub extern "C" fn println() -> bool {
    println!("seen");
    true
}

#[unsafe(no_mangle)]
pub extern "C" fn map() -> bool {
    HashMap::from([("one", 1)])["one"] == 1
}

#[unsafe(no_mangle)]
pub extern "C" fn file() -> bool {
    fs::write("note.txt", "hello").is_ok()
}

#[unsafe(no_mangle)]
pub extern "C" fn variable() -> bool {
    env::var("PATH").is_ok()
}

#[unsafe(no_mangle)]
pub extern "C" fn command() -> bool {
    process::Command::new("ls").output().is_ok()
}

#[unsafe(no_mangle)]
pub extern "C" fn builder() -> bool {
    thread::Builder::new().spawn(|| {}).is_ok()
}

#[unsafe(no_mangle)]
pub extern "C" fn spawn() -> bool {
    thread::spawn(|| {}).join().is_ok()
}

#[unsafe(no_mangle)]
pub extern "C" fn time() -> bool {
    SystemTime::now() > UNIX_EPOCH
}

#[unsafe(no_mangle)]
pub extern "C" fn sleep() -> bool {
    thread::sleep(Duration::from_millis(1));
    true
}
// ANCHOR_END: all
