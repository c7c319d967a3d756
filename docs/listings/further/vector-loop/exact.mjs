// Shows where an f64 stops holding every whole number.

// ANCHOR: all
console.log('2^53 =', 2 ** 53, ' 2^53 + 1 =', 2 ** 53 + 1);

const a = 2 ** 26 - 1;
const b = 2 ** 27 + 1;
console.log('26 bits squared:', BigInt(a * a) === BigInt(a) ** 2n ? 'exact' : 'rounded');
console.log('28 bits squared:', BigInt(b * b) === BigInt(b) ** 2n ? 'exact' : 'rounded');

// The largest sum that `product` can build, limb by limb: every limb at half of its range, and what wraps counts 19 times.
const EXPONENTS = [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255];
const half = EXPONENTS.slice(0, 12).map((from, i) => 2 ** (EXPONENTS[i + 1] - from - 1));
const sums = half.map((_, k) => {
  const products = half.map((limb, i) => {
    const j = (k - i + 12) % 12;
    const [wraps, factor] = i > k ? [255, 19] : [0, 1];
    return factor * limb * half[j] * 2 ** (EXPONENTS[i] + EXPONENTS[j] - EXPONENTS[k] - wraps);
  });
  return products.reduce((sum, product) => sum + product);
});
console.log('largest sum:', (Math.max(...sums) / 2 ** 53).toFixed(3), 'of 2^53');
// ANCHOR_END: all
