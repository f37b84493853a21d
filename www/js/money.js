// Amounts as people read them. They stay integers: the decimal point is set into the digits, nothing is divided.

const CURRENCIES = {
  CNY: { digits: 2, write: (number) => `¥${number}` },
  HKD: { digits: 2, write: (number) => `HK$${number}` },
  BSV: { digits: 8, write: (number) => `${trimmed(number)}\u00a0BSV` },
  USDT: { digits: 8, write: (number) => `${trimmed(number)}\u00a0USDT` },
};

/** "¥5.60" from {value: 560, currency: "CNY"}. */
export function sayAmount(amount) {
  return CURRENCIES[amount.currency].write(decimals(amount));
}

/** "5.60" from {value: 560, currency: "CNY"}. */
export function decimals({ value, currency }) {
  const { digits } = CURRENCIES[currency];
  const padded = String(value).padStart(digits + 1, "0");
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

/** 560 from "5.6" and "CNY"; null for anything that is not an amount of that currency. */
export function readDecimals(text, currency) {
  const { digits } = CURRENCIES[currency];
  const [, whole, fraction = ""] = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim()) ?? [];
  if (whole === undefined || fraction.length > digits) return null;
  const value = Number(whole + fraction.padEnd(digits, "0"));
  return Number.isSafeInteger(value) ? value : null;
}

// Two decimals at least, and no row of zeros behind them.
function trimmed(number) {
  return number.replace(/(\.\d\d\d*?)0+$/, "$1");
}
