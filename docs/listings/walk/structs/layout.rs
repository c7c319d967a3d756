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

/// Prints where the fields begin, and the size.
macro_rules! show {
    ($name:expr, $type:ty) => {
        let [words, longest, mean] =
            [offset_of!($type, _words), offset_of!($type, _longest), offset_of!($type, _mean)];
        println!("{:8} {words:5} {longest:7} {mean:4} {:4}", $name, size_of::<$type>());
    };
}

fn main() {
    println!("{:8} {:5} {:7} {:4} {:4}", "", "words", "longest", "mean", "size");
    show!("as it is", Free);
    show!("repr(C)", Fixed);
}
// ANCHOR_END: all
