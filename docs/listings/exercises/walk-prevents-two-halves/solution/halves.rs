// ANCHOR: mirror
/// Makes the second half of `buffer` the mirror image of the first. A byte in the middle stays.
pub fn mirror(buffer: &mut Vec<u8>) {
    let half = buffer.len() / 2;
    let (first, second) = buffer.split_at_mut(half);
    for (to, from) in second.iter_mut().rev().zip(first) {
        *to = *from;
    }
}
// ANCHOR_END: mirror
