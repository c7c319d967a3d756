// ANCHOR: shown
#[repr(C)]
struct Item {
    kind: u8,
    size: u32,
    code: u16,
}
// ANCHOR_END: shown

fn main() {
    let item = Item { kind: 1, size: 2, code: 3 };
    let Item { kind: _, size: _, code: _ } = item;
    println!("{}", size_of_val(&item));
}
