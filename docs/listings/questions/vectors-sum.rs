/// The sum of `numbers`, modulo 2^32.
#[unsafe(no_mangle)]
pub extern "C" fn sum(numbers: &[u32; 1024]) -> u32 {
    let mut sum = 0u32;
    for number in numbers {
        sum = sum.wrapping_add(*number);
    }
    sum
}
