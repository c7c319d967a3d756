pub struct Store(Vec<u8>);

impl Store {
    pub fn data(&self) -> &[u8] {
        &self.0
    }

    pub fn call(&mut self) {
        self.0.push(0); // memory may grow
    }
}

// ANCHOR: shown
pub fn first_after_call(store: &mut Store) -> u8 {
    let view = store.data(); // fn data(&self) -> &[u8]
    store.call(); // fn call(&mut self)
    view[0]
}
// ANCHOR_END: shown
