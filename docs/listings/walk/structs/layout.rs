// ANCHOR: all
use std::mem::offset_of;

struct Free {
    _words: u32,
    _longest: [u32; 2],
    _mean: f64,
}

#[repr(C)]
struct Fixed {
    _words: u32,
    _longest: [u32; 2],
    _mean: f64,
}

fn main() {
    println!("           words longest mean size");
    let free = [offset_of!(Free, _words), offset_of!(Free, _longest), offset_of!(Free, _mean), size_of::<Free>()];
    println!("as is      {:5} {:7} {:4} {:4}", free[0], free[1], free[2], free[3]);
    let fixed = [offset_of!(Fixed, _words), offset_of!(Fixed, _longest), offset_of!(Fixed, _mean), size_of::<Fixed>()];
    println!("repr(C)    {:5} {:7} {:4} {:4}", fixed[0], fixed[1], fixed[2], fixed[3]);
}
// ANCHOR_END: all
