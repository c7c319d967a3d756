// ANCHOR: shown
use std::thread;

fn main() {
    match thread::Builder::new().spawn(|| println!("hello from a thread")) {
        Ok(thread) => thread.join().unwrap(),
        Err(_) => println!("no thread"),
    }
}
// ANCHOR_END: shown
