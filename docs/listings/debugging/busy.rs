// ANCHOR: all
/// How many different numbers there are, found in two ways.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> usize {
    let numbers: Vec<u32> = (0..size).map(|n| n.wrapping_mul(2_654_435_761) % 5000).collect();
    count_by_searching(&numbers) + count_by_sorting(&numbers)
}

#[inline(never)]
fn count_by_searching(numbers: &[u32]) -> usize {
    let mut seen = Vec::new();
    for number in numbers {
        if !seen.contains(number) {
            seen.push(*number);
        }
    }
    seen.len()
}

#[inline(never)]
fn count_by_sorting(numbers: &[u32]) -> usize {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}
// ANCHOR_END: all
