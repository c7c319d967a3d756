pub struct Message(Vec<u8>);

impl Message {
    pub fn allocate(&mut self, len: usize) -> &mut [u8] {
        self.0 = vec![0; len];
        &mut self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

// ANCHOR: shown
pub fn second(message: &mut Message) -> usize {
    let buffer = message.allocate(5);
    let length = message.len();
    buffer[0] = 1;
    length
}
// ANCHOR_END: shown
