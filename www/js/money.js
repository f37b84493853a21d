// Amounts as people read them. They stay integers: the decimal point is set into the digits, nothing is divided.

const CURRENCIES = {
  CNY: { digits: 2, write: (number) => `¥${number}` },
  HKD: { digits: 2, write: (number) => `HK$${number}` },
  BSV: { digits: 8, write: (number) => `${trimmed(number)}\u00a0BSV` },
  USDT: { digits: 8, write: (number) => `${trimmed(number)}\u00a0USDT` },
};

/** "¥5.60" from {value: 560, currency: "CNY"}. */
export function sayAmount({ value, currency }) {
  const { digits, write } = CURRENCIES[currency];
  const padded = String(value).padStart(digits + 1, "0");
  return write(`${padded.slice(0, -digits)}.${padded.slice(-digits)}`);
}

// Two decimals at least, and no row of zeros behind them.
function trimmed(number) {
  return number.replace(/(\.\d\d\d*?)0+$/, "$1");
}
