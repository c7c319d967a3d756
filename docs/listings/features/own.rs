// ANCHOR: all
#[unsafe(no_mangle)]
pub extern "C" fn cut(number: f64) -> i32 {
    number as i32
}

#[unsafe(no_mangle)]
pub extern "C" fn add(a: &[f32; 16], b: &[f32; 16], sum: &mut [f32; 16]) {
    for i in 0..16 {
        sum[i] = a[i] + b[i];
    }
}
// ANCHOR_END: all
