// ANCHOR: mirror
/// Makes the second half of `room` the mirror image of the first. A byte in the middle stays.
pub fn mirror(room: &mut Vec<u8>) {
    let half = room.len() / 2;
    let first = &room[..half];
    let start = room.len() - half;
    let second = &mut room[start..];
    for (to, from) in second.iter_mut().rev().zip(first) {
        *to = *from;
    }
}
// ANCHOR_END: mirror
