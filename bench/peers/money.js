// Exact amounts for the peer: BigInt all the way, rounded half up per line as the API promises.

// "-10.99" with 2 decimals allowed -> -1099n; null when it is not such a decimal.
export function scaledDecimal(text, decimals) {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match || (match[3] ?? '').length > decimals) return null;
  const digits = BigInt(match[2] + (match[3] ?? '').padEnd(decimals, '0'));
  return match[1] ? -digits : digits;
}

const exponents = { EUR: 2, USD: 2, GBP: 2, CHF: 2, JPY: 0, TND: 3 };
export const exponentOf = (currency) => exponents[currency];
const quantityScale = 1_000_000n;
const rateScale = 10_000n; // a percent with four decimals
const amountMinorMax = 99_999_999_999n;

// The gross total in minor units; null when an item is not acceptable.
export function grossTotal(items) {
  const currency = items[0].unit_price.currency;
  const exponent = exponents[currency];
  if (exponent === undefined) return null;
  const denominator = quantityScale * rateScale * 100n;
  let total = 0n;
  for (const item of items) {
    if (item.unit_price.currency !== currency) return null;
    const price = scaledDecimal(item.unit_price.value, exponent);
    const quantity = scaledDecimal(String(item.quantity), 6);
    const rate = scaledDecimal(item.vat_rate, 4);
    if (price === null || quantity === null || rate === null || rate < 0n || rate > 100n * rateScale) return null;
    const exact = price * quantity * (100n * rateScale + rate);
    const magnitude = exact < 0n ? -exact : exact;
    const rounded = (magnitude * 2n + denominator) / (2n * denominator);
    total += exact < 0n ? -rounded : rounded;
  }
  return total > 0n && total <= amountMinorMax ? { minor: total, currency, exponent } : null;
}

export function decimalText(minor, exponent) {
  const digits = String(minor).padStart(exponent + 1, '0');
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
