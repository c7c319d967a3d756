// ANCHOR: shown
use std::cell::RefCell;

fn main() {
    let message = RefCell::new(vec![1, 2, 3]);
    let reader = message.borrow();
    let during = message.try_borrow_mut().is_ok();
    drop(reader);
    let after = message.try_borrow_mut().is_ok();
    println!("{during} {after}");
}
// ANCHOR_END: shown
