/** An amount as the reader's language writes it; small ones keep two digits that say something. */
export function money(amount: number, currency: string): string {
  const digits =
    amount > 0 && amount < 0.01
      ? Math.min(8, Math.ceil(-Math.log10(amount)) + 1)
      : 2;
  try {
    return new Intl.NumberFormat(undefined, {
      style: 'currency',
      currency,
      maximumFractionDigits: digits,
    }).format(amount);
  } catch {
    // A currency that has no code of its own.
    return `${amount.toFixed(digits)} ${currency}`;
  }
}
