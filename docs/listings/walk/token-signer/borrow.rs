// ANCHOR: all
struct Message(Vec<u8>);

impl Message {
    /// Allocates a message of `len` bytes. It lasts until the next call.
    fn allocate(&mut self, len: usize) -> &mut [u8] {
        self.0 = vec![0; len];
        &mut self.0
    }
}

fn main() {
    let mut message = Message(Vec::new());
    let old = message.allocate(5);
    let current = message.allocate(5);
    old.copy_from_slice(b"hello");
    println!("{current:?}");
}
// ANCHOR_END: all
