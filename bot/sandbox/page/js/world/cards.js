import { post } from "../api.js";
import { busy, button, h, input } from "../dom.js";
import { toUnits } from "../payment.js";
import { facts, Rows, section } from "./section.js";

//: What people, their banks and time can do to a card payment, in this order.
const ACTIONS = [
  ["pay", "Pay"], ["pay-later", "Pay later"], ["decline", "Decline"], ["expire", "Expire"],
  ["succeed", "Bank pays"], ["fail", "Bank refuses"],
  ["refund", "Refund"], ["dispute", "Dispute"],
  ["settle-refund", "Refund arrives"], ["fail-refund", "Refund fails"],
  ["win", "Dispute: we win"], ["lose", "Dispute: we lose"],
];
const IN_PART = new Set(["refund", "dispute"]);
const NOT_FACTS = ["id", "state", "amount", "url", "actions", "expires_at", "payment_intent", "charge"];
const CENTS = 2;
const SHOWN = 8;

/** The stand-in for the card company: checkout sessions and what may happen to them. */
export function cardsSection() {
  const what = h("p", { class: "hint-line" }, "A stand-in, not Stripe: play money, and no real card may be entered anywhere.");
  const none = h("p", { class: "hint-line" }, "No card payment yet: /buy 10 USD makes one.");
  const more = h("p", { class: "hint-line", hidden: true });
  const list = h("div", { class: "section-body" });
  const made = section("Card world", "world-cards", what, none, list, more);
  const rows = new Rows(list, sessionRow);
  return {
    ...made,
    update(sessions) {
      made.ok();
      none.hidden = sessions.length > 0;
      more.hidden = sessions.length <= SHOWN;
      more.textContent = `and ${sessions.length - SHOWN} older`;
      rows.update(sessions.slice(0, SHOWN), (one) => one.id);
    },
  };
}

function sessionRow({ id }) {
  const state = h("span", { class: "pill", "data-testid": `session-state-${id}` });
  const title = h("h3", { tabindex: "-1" });
  const link = h("a", { target: "_blank", rel: "noreferrer", "data-testid": `card-page-${id}` }, "Open its card page");
  const more = h("p", { class: "facts" });
  const part = input("Amount in USD (empty: all)", { inputmode: "decimal", "data-testid": `part-${id}` });
  const buttons = ACTIONS.map(([action, label]) => {
    const element = button(label, () => busy(element, () => act(action)), { class: "small", "data-testid": `${action}-${id}`, "aria-label": `${label}, ${id}` });
    return [action, element];
  });
  const element = h("div", { class: "card", "data-testid": `session-${id}` },
    h("div", { class: "row spread" }, title, state), h("p", { class: "mono" }, id), more, link, part, h("div", { class: "row" }, buttons.map(([, one]) => one)));

  async function act(action) {
    const amount = IN_PART.has(action) && part.lastChild.value.trim();
    const cents = amount ? toUnits(amount, CENTS) : null;
    if (amount && cents === null) throw new Error("An amount in USD looks like 2.50");
    const body = cents === null ? {} : { amount: Number(cents) };
    update(await post(`/sim/stripe/sessions/${encodeURIComponent(id)}/${action}`, body));
    part.lastChild.value = "";
  }

  function update(item) {
    const actions = item.actions ?? [];
    const focused = document.activeElement;
    title.textContent = item.amount;
    state.textContent = item.state;
    state.dataset.state = item.state;
    more.replaceChildren(...facts(item, NOT_FACTS));
    link.hidden = !item.url;
    if (item.url) link.href = item.url;
    part.hidden = !actions.some((action) => IN_PART.has(action));
    for (const [action, one] of buttons) one.hidden = !actions.includes(action);
    // Whoever works by keyboard stays here when the button that was pressed is gone.
    if (buttons.some(([, one]) => one === focused && one.hidden)) (buttons.find(([, one]) => !one.hidden)?.[1] ?? title).focus();
  }
  return { element, update };
}
