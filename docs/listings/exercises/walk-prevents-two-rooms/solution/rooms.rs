// ANCHOR: mirror
/// Makes the second half of `room` the mirror image of the first. A byte in the middle stays.
pub fn mirror(room: &mut Vec<u8>) {
    let half = room.len() / 2;
    let (first, second) = room.split_at_mut(half);
    for (to, from) in second.iter_mut().rev().zip(first) {
        *to = *from;
    }
}
// ANCHOR_END: mirror
