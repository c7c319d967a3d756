//! Both fields against plain integers.

use std::sync::LazyLock;

use num_bigint::BigInt;
use proptest::prelude::*;

use super::{ENTRIES, Entry, Field, Limbs51, Plain, Point, Relaxed};
use crate::vector::{V, lanes, pair};

static P: LazyLock<BigInt> = LazyLock::new(|| (BigInt::from(1) << 255u32) - 19);

/// A field whose limbs the tests set and read.
trait Open: Field<Element: AsRef<[V]> + AsMut<[V]>> {
    const LIMBS: usize;
    /// Where limb i begins.
    fn exponent(i: usize) -> u32;
    /// How large a whole number limb i of a reduced element can be.
    fn reduced(i: usize) -> i64;
    /// How much a limb counts in its f64.
    fn scale(i: usize) -> f64;
}

impl Open for Plain {
    const LIMBS: usize = 12;
    fn exponent(i: usize) -> u32 {
        [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234][i]
    }
    fn reduced(i: usize) -> i64 {
        (if i.is_multiple_of(4) { 1 << 21 } else { 1 << 20 }) + (1 << 14)
    }
    fn scale(i: usize) -> f64 {
        2f64.powi(Self::exponent(i) as i32)
    }
}

impl Open for Relaxed {
    const LIMBS: usize = 5;
    fn exponent(i: usize) -> u32 {
        51 * i as u32
    }
    fn reduced(_: usize) -> i64 {
        (1 << 50) + (19 << 11)
    }
    fn scale(_: usize) -> f64 {
        1.0
    }
}

/// An element of two lanes, of whole numbers a limb.
fn element<F: Open>(limb: impl Fn(usize, usize) -> i64) -> F::Element {
    let mut element = F::ZERO;
    for (i, limbs) in element.as_mut().iter_mut().enumerate() {
        let bits = |lane| (limb(i, lane) as f64 * F::scale(i)).to_bits();
        *limbs = pair(bits(0), bits(1));
    }
    element
}

/// The number in a lane, which may be negative or over p. Every limb must be a whole number.
fn value<F: Open>(element: &F::Element, lane: usize) -> BigInt {
    let limb = |(i, limbs): (usize, &V)| {
        let limb = f64::from_bits(lanes(*limbs)[lane]) / F::scale(i);
        assert_eq!(limb, limb.trunc(), "limb {i} is no whole number");
        BigInt::from(limb as i64) << F::exponent(i)
    };
    element.as_ref().iter().enumerate().map(limb).sum()
}

fn modulo_p(number: BigInt) -> BigInt {
    ((number % &*P) + &*P) % &*P
}

fn assert_reduced<F: Open>(element: &F::Element) {
    for (i, limbs) in element.as_ref().iter().enumerate() {
        for bits in lanes(*limbs) {
            let limb = f64::from_bits(bits) / F::scale(i);
            assert!(limb.abs() <= F::reduced(i) as f64, "limb {i} is {limb}");
        }
    }
}

fn check_product<F: Open>(a: &F::Element, b: &F::Element) {
    let product = F::constants().mul(a, b);
    assert_reduced::<F>(&product);
    for lane in 0..2 {
        assert_eq!(modulo_p(value::<F>(&product, lane)), modulo_p(value::<F>(a, lane) * value::<F>(b, lane)));
    }
}

/// Elements whose limbs are the largest or smallest, by the bits of `signs`, times `times`; the other lane has the
/// opposite.
fn corner<F: Open>(signs: usize, times: i64) -> F::Element {
    element::<F>(|i, lane| {
        let limb = times * F::reduced(i);
        if signs >> i & 1 == lane { limb } else { -limb }
    })
}

/// Every corner of the first factor, with some of the second: the largest sums are among them.
fn check_corners<F: Open>(times: [i64; 2], seconds: impl Iterator<Item = usize>) {
    for second in seconds {
        let b = corner::<F>(second, times[1]);
        for first in 0..1 << F::LIMBS {
            check_product::<F>(&corner::<F>(first, times[0]), &b);
        }
    }
}

#[test]
fn products_of_the_largest_limbs_are_exact_plain() {
    check_corners::<Plain>([2, 2], [0, 0xfff, 0xaaa, 0x555, 0x001, 0x800].into_iter());
}

#[test]
fn products_of_the_largest_limbs_are_exact_relaxed() {
    check_corners::<Relaxed>([3, 1], 0..1 << 5);
    check_corners::<Relaxed>([1, 3], 0..1 << 5);
}

/// Both numbers in both lanes, as canonical limbs.
fn numbers() -> impl Strategy<Value = Limbs51> {
    let edges = prop_oneof![
        Just([0; 5]),
        Just([1, 0, 0, 0, 0]),
        Just([(1 << 51) - 20, (1 << 51) - 1, (1 << 51) - 1, (1 << 51) - 1, (1 << 51) - 1]),
        Just([1 << 50; 5]),
        Just([(1 << 50) - 1; 5]),
    ];
    prop_oneof![4 => proptest::array::uniform5(0u64..1 << 51).prop_map(super::limbs51::reduce), 1 => edges]
}

fn integer(limbs: &Limbs51) -> BigInt {
    limbs.iter().enumerate().map(|(i, limb)| BigInt::from(*limb) << (51 * i)).sum()
}

fn check_round_trip<F: Open>(numbers: [Limbs51; 2]) {
    let k = F::constants();
    let element = k.load_limbs51([&numbers[0], &numbers[1]]);
    assert_reduced::<F>(&element);
    assert_eq!(k.to_limbs51(&element), numbers);
    for (lane, number) in numbers.iter().enumerate() {
        assert_eq!(modulo_p(value::<F>(&element, lane)), integer(number));
    }
}

/// Random whole numbers within `times` the reduced bound.
fn random_element<F: Open>(seed: &[[i32; 12]; 2], times: i64) -> F::Element {
    element::<F>(|i, lane| (i128::from(F::reduced(i) * times) * i128::from(seed[lane][i]) / (1 << 31)) as i64)
}

/// One addition of a table entry against the curve's affine formulas in projective form.
fn check_add_entry<F: Open>(seed: &[[[i32; 12]; 2]; 7]) {
    let k = F::constants();
    let random = |at: usize| random_element::<F>(&seed[at], 1);
    let mut sum = Point { x: random(0), y: random(1), z: random(2), t: random(3) };
    let entry = Entry([random(4), random(5), random(6)]);
    let before = sum;
    k.add_entry(&mut sum, &entry);
    for lane in 0..2 {
        let of = |element: &F::Element| value::<F>(element, lane);
        let [plus, minus, product] = entry.0.each_ref().map(of);
        let a = (of(&before.y) - of(&before.x)) * minus;
        let b = (of(&before.y) + of(&before.x)) * plus;
        let c = of(&before.t) * product;
        let (e, h, f, g) = (&b - &a, &b + &a, of(&before.z) - &c, of(&before.z) + &c);
        for (got, wanted) in [(&sum.x, &e * &f), (&sum.y, &g * &h), (&sum.t, &e * &h), (&sum.z, &f * &g)] {
            assert_reduced::<F>(got);
            assert_eq!(modulo_p(of(got)), modulo_p(wanted));
        }
    }
}

/// What is put into a window comes out of it, for every index, in every lane, with both signs.
fn check_window<F: Open>(numbers: &[Limbs51]) {
    let k = F::constants();
    let mut window = Box::new(F::EMPTY_WINDOW);
    let number = |entry: usize, coordinate: usize| &numbers[(3 * entry + coordinate) % numbers.len()];
    for entry in 0..ENTRIES {
        for coordinate in 0..3 {
            F::put(&mut window, entry, coordinate, number(entry, coordinate));
        }
    }
    for first in 0..ENTRIES {
        let index: [u8; 16] = std::array::from_fn(|lane| ((first + 5 * lane) % ENTRIES) as u8);
        let negative: [u8; 16] = std::array::from_fn(|lane| if (first + lane) % 3 == 0 { u8::MAX } else { 0 });
        let mut entries = [Entry([F::ZERO; 3]); 8];
        crate::base::look_up::<F>(k, &window, &index, &negative, &mut entries);
        for (lane, index) in index.into_iter().enumerate() {
            let [mut plus, mut minus, mut product] =
                std::array::from_fn(|coordinate| integer(number(index.into(), coordinate)));
            if negative[lane] != 0 {
                std::mem::swap(&mut plus, &mut minus);
                product = modulo_p(-product);
            }
            for (found, wanted) in entries[lane / 2].0.iter().zip([plus, minus, product]) {
                assert_reduced::<F>(found);
                assert_eq!(modulo_p(value::<F>(found, lane % 2)), wanted);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn numbers_go_in_and_come_out(a in numbers(), b in numbers()) {
        check_round_trip::<Plain>([a, b]);
        check_round_trip::<Relaxed>([a, b]);
    }

    #[test]
    fn products_are_those_of_integers(a: [[i32; 12]; 2], b: [[i32; 12]; 2]) {
        check_product::<Plain>(&random_element::<Plain>(&a, 2), &random_element::<Plain>(&b, 2));
        check_product::<Relaxed>(&random_element::<Relaxed>(&a, 3), &random_element::<Relaxed>(&b, 1));
    }

    #[test]
    fn additions_are_those_of_integers(seed: [[[i32; 12]; 2]; 7]) {
        check_add_entry::<Plain>(&seed);
        check_add_entry::<Relaxed>(&seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_window_gives_back_what_was_put_there(numbers in proptest::collection::vec(numbers(), 7..40)) {
        check_window::<Plain>(&numbers);
        check_window::<Relaxed>(&numbers);
    }
}

#[test]
fn additions_of_the_largest_limbs_are_exact() {
    for signs in 0..1 << 7 {
        let seed = std::array::from_fn(|at| {
            let extreme = if signs >> at & 1 == 0 { i32::MAX } else { i32::MIN };
            [[extreme; 12], std::array::from_fn(|i| if i % 2 == 0 { extreme } else { !extreme })]
        });
        check_add_entry::<Plain>(&seed);
        check_add_entry::<Relaxed>(&seed);
    }
}

#[test]
fn this_machine_fuses() {
    assert!(Relaxed::is_exact_here() && Plain::is_exact_here());
}
