import { textsOf } from "./store.js";

export const DECIMALS = { btc: 8, ltc: 8, eth: 18 };
const SCHEMES = { bitcoin: "btc", litecoin: "ltc", ethereum: "eth" };
const URI = /\b(bitcoin|litecoin|ethereum):(?:pay-)?([A-Za-z0-9]+)(?:@\d+)?(\?[^\s<>"\u2066-\u2069]*)?/g;

/** A payment URI (BIP21 for bitcoin and litecoin, EIP-681 with wei for ether) as {chain, address, amount in coins}. */
export function parsePaymentUri(scheme, address, query = "") {
  const chain = SCHEMES[scheme];
  const parameters = new URLSearchParams(query.slice(1));
  const amount = chain === "eth" ? fromUnits(wholeNumber(parameters.get("value")), DECIMALS.eth) : parameters.get("amount") ?? "";
  return { chain, address, amount };
}

/** The newest payment URI that stands in a chat's messages, or null. */
export function newestInvoice(messages) {
  for (const message of [...messages].sort((one, other) => other.seq - one.seq)) {
    if (message.deleted) continue;
    for (const text of textsOf(message)) {
      const match = [...text.matchAll(URI)].pop();
      if (match) return parsePaymentUri(match[1], match[2], match[3]);
    }
  }
  return null;
}

/** EIP-681 allows "2.014e18" beside plain digits. */
function wholeNumber(text) {
  const match = /^(\d+)(?:\.(\d+))?(?:e(\d+))?$/i.exec(text ?? "");
  if (!match) return null;
  const [, whole, fraction = "", exponent = "0"] = match;
  return BigInt(whole + fraction.padEnd(Number(exponent), "0").slice(0, Number(exponent)));
}

export function toUnits(amount, decimals) {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(amount.trim());
  if (!match || (match[2] ?? "").length > decimals) return null;
  return BigInt(match[1] + (match[2] ?? "").padEnd(decimals, "0"));
}

export function fromUnits(units, decimals) {
  if (units === null) return "";
  const digits = units.toString().padStart(decimals + 1, "0");
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return digits.slice(0, digits.length - decimals) + (fraction ? `.${fraction}` : "");
}

/** An amount times percent / 100, cut off at the coin's smallest unit. */
export function scaled(amount, chain, percent) {
  const units = toUnits(amount, DECIMALS[chain] ?? 8);
  return units === null ? null : fromUnits((units * BigInt(percent)) / 100n, DECIMALS[chain] ?? 8);
}
