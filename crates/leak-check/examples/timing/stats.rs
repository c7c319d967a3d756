//! Welch's t-test on times, cropped: the statistics of dudect (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant
//! time?", 2017).

/// Beyond this, the times of the two classes are not from one distribution: by chance once in 150,000 tests.
pub(crate) const LIMIT: f64 = 4.5;
/// Which part of all times is kept, the shortest: what takes long was interrupted by something else.
const KEPT: [f64; 6] = [0.5, 0.75, 0.9, 0.95, 0.99, 1.0];

/// Times of the two classes, in nanoseconds.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    pub(crate) fixed: Vec<f64>,
    pub(crate) random: Vec<f64>,
}

/// The largest t of all crops, with its sign: positive where the fixed secret takes longer.
pub(crate) fn largest_t(samples: &Samples) -> f64 {
    let mut all: Vec<f64> = samples.fixed.iter().chain(&samples.random).copied().collect();
    all.sort_by(f64::total_cmp);
    KEPT.iter()
        .map(|kept| {
            // One crop for both classes: one for each would hide the very difference.
            let limit = all[((all.len() - 1) as f64 * kept) as usize];
            let crop = |times: &[f64]| times.iter().copied().filter(|time| *time <= limit).collect::<Vec<_>>();
            welch(&crop(&samples.fixed), &crop(&samples.random))
        })
        .fold(0.0, |largest: f64, t| if t.abs() > largest.abs() { t } else { largest })
}

/// Welch's t of two samples; zero where one has no spread to judge by.
fn welch(a: &[f64], b: &[f64]) -> f64 {
    let ((mean_a, var_a), (mean_b, var_b)) = (moments(a), moments(b));
    let error = (var_a / a.len() as f64 + var_b / b.len() as f64).sqrt();
    if a.len() < 2 || b.len() < 2 || error == 0.0 {
        return 0.0;
    }
    (mean_a - mean_b) / error
}

/// Mean and variance.
fn moments(times: &[f64]) -> (f64, f64) {
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    let squares: f64 = times.iter().map(|time| (time - mean).powi(2)).sum();
    (mean, squares / (times.len() as f64 - 1.0))
}

/// The middle of the times.
pub(crate) fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Numbers that look random, the same at each run: xorshift64*.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn seed(&mut self) -> [u8; 32] {
        let words: [[u8; 8]; 4] = std::array::from_fn(|_| self.next().to_le_bytes());
        *words.concat().first_chunk().expect("four words are 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times about `mean` with a spread of 2,000 ns; one in a hundred was interrupted.
    fn noisy(numbers: &mut Numbers, mean: f64) -> f64 {
        let spread: f64 = (0..12).map(|_| numbers.next() as f64 / u64::MAX as f64).sum::<f64>() - 6.0;
        let interrupted = numbers.next().is_multiple_of(100);
        mean + 2_000.0 * spread + if interrupted { 400_000.0 } else { 0.0 }
    }

    fn synthetic(difference: f64, seed: u64) -> f64 {
        let mut numbers = Numbers(seed);
        let mut samples = Samples::default();
        for _ in 0..10_000 {
            samples.fixed.push(noisy(&mut numbers, 50_000.0 + difference));
            samples.random.push(noisy(&mut numbers, 50_000.0));
        }
        largest_t(&samples)
    }

    #[test]
    fn the_same_distribution_is_under_the_limit() {
        for seed in 1..=40 {
            let t = synthetic(0.0, seed * 7919);
            assert!(t.abs() < LIMIT, "seed {seed}: t = {t}");
        }
    }

    #[test]
    fn one_part_in_two_hundred_is_found_under_the_noise_with_its_sign() {
        for seed in 1..=40 {
            let t = synthetic(250.0, seed * 7919);
            assert!(t > LIMIT, "seed {seed}: t = {t}");
            let t = synthetic(-250.0, seed * 7919);
            assert!(t < -LIMIT, "seed {seed}: t = {t}");
        }
    }

    #[test]
    fn interruptions_would_hide_it_without_the_crop() {
        let mut numbers = Numbers(5);
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for _ in 0..10_000 {
            a.push(noisy(&mut numbers, 50_250.0));
            b.push(noisy(&mut numbers, 50_000.0));
        }
        assert!(welch(&a, &b).abs() < LIMIT);
    }

    #[test]
    fn a_t_is_what_a_textbook_gives() {
        // Means 3 and 6, variances 2.5 and 10: -3 / sqrt(2.5/5 + 10/5).
        let t = welch(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 4.0, 6.0, 8.0, 10.0]);
        assert!((t + 3.0 / 2.5f64.sqrt()).abs() < 1e-12, "{t}");
        assert_eq!(welch(&[1.0, 1.0], &[1.0, 1.0]), 0.0);
    }
}
