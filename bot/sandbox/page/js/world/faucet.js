import { get, post } from "../api.js";
import { busy, button, h, input, notice } from "../dom.js";
import { newestInvoice, scaled } from "../payment.js";
import { messagesOf, store } from "../store.js";
import { section } from "./section.js";

const WAYS = [["exact", 100], ["under", 90], ["over", 110]];

/** Pays any address; filled in from the newest invoice of the open chat. */
export function faucetSection() {
  const form = new Faucet();
  const made = section("Faucet", "world-faucet", form.element);
  return { ...made, update(chains) { made.ok(); form.offer(chains); } };
}

class Faucet {
  constructor() {
    this.chain = h("select", { "aria-label": "Chain", "data-testid": "faucet-chain" });
    this.address = input("Address", { "data-testid": "faucet-address", spellcheck: "false" });
    this.amount = input("Amount in coins", { "data-testid": "faucet-amount", inputmode: "decimal" });
    this.source = h("p", { class: "hint-line", "data-testid": "faucet-source" }, "Filled in from the newest invoice of the open chat.");
    this.result = h("p", { class: "result", role: "status", "data-testid": "faucet-result" });
    this.filled = "";
    this.element = this.build();
    setInterval(() => this.fill(), 1000);
    store.listeners.add(() => this.fill());
  }

  build() {
    const pay = WAYS.map(([way, percent]) => {
      const element = button(`Pay ${way}`, () => busy(element, () => this.pay(percent)), {
        class: percent === 100 ? "primary" : "", "data-testid": `pay-${way}`, title: percent === 100 ? "The amount above" : `${percent} % of the amount above`,
      });
      return element;
    });
    const look = button("What did it get?", () => busy(look, () => this.look()), { "data-testid": "received" });
    const chain = h("label", { class: "field" }, h("span", {}, "Chain"), this.chain);
    return h("div", { class: "card" }, this.source, h("div", { class: "pair" }, chain, this.amount), this.address, h("div", { class: "thirds" }, pay), h("div", { class: "row" }, look), this.result);
  }

  field(label) { return label.querySelector("input"); }

  offer(chains) {
    const names = chains.filter((chain) => chain.running !== false).map((chain) => chain.chain);
    if ([...this.chain.options].map((option) => option.value).join() === names.join()) return;
    const chosen = this.chain.value;
    this.chain.replaceChildren(...names.map((name) => h("option", { value: name }, name.toUpperCase())));
    if (names.includes(chosen)) this.chain.value = chosen;
    this.filled = "";
    this.fill();
  }

  /** Only a new invoice is filled in, so that nothing typed by hand is lost. */
  fill() {
    const invoice = store.activeChat === null ? null : newestInvoice(messagesOf(store.activeChat));
    const key = JSON.stringify(invoice);
    if (!invoice || key === this.filled || !this.chain.options.length) return;
    this.filled = key;
    this.chain.value = invoice.chain;
    this.field(this.address).value = invoice.address;
    this.field(this.amount).value = invoice.amount;
    const title = store.chats.get(store.activeChat)?.title;
    this.source.textContent = `The newest invoice of ${title}: ${invoice.amount || "any amount of"} ${invoice.chain.toUpperCase()}`;
  }

  async pay(percent) {
    const chain = this.chain.value;
    const address = this.field(this.address).value.trim();
    const amount = scaled(this.field(this.amount).value, chain, percent);
    if (!address || !amount) throw new Error("An address and an amount such as 0.015 are needed");
    const answer = await post(`/sim/chains/${chain}/send`, { address, amount });
    this.result.textContent = `Sent ${amount} ${chain.toUpperCase()}: ${answer.txid}`;
    notice(`Sent ${amount} ${chain.toUpperCase()}`);
  }

  async look() {
    const address = this.field(this.address).value.trim();
    if (!address) throw new Error("An address is needed");
    const answer = await get(`/sim/chains/${this.chain.value}/received/${encodeURIComponent(address)}`);
    this.result.textContent = Object.entries(answer).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
  }
}
