import { post } from "../api.js";
import { busy, button, h } from "../dom.js";
import { facts, Rows, section } from "./section.js";

const ACTIONS = ["pay", "decline", "expire", "dispute", "refund"];
const SHOWN = 8;

/** The stand-in for the card company: checkout sessions and what may happen to them. */
export function cardsSection() {
  const none = h("p", { class: "hint-line" }, "No card payment yet: /buy 10 USD makes one.");
  const made = section("Card payments", "world-cards", none);
  const rows = new Rows(made.body, sessionRow);
  return {
    ...made,
    update(sessions) {
      made.ok();
      none.hidden = sessions.length > 0;
      rows.update(sessions.slice(0, SHOWN), (one) => one.id);
    },
  };
}

function sessionRow({ id }) {
  const state = h("span", { class: "pill" });
  const more = h("p", { class: "facts" });
  const buttons = ACTIONS.map((action) => {
    const element = button(action, () => busy(element, () => post(`/sim/stripe/sessions/${encodeURIComponent(id)}/${action}`)), { class: "small", "data-testid": `${action}-${id}` });
    return element;
  });
  const element = h("div", { class: "card", "data-testid": `session-${id}` }, h("div", { class: "row spread" }, h("h3", { class: "mono" }, id), state), more, h("div", { class: "row" }, buttons));
  return {
    element,
    update(item) {
      state.textContent = item.state ?? item.status ?? "";
      state.dataset.state = state.textContent;
      more.replaceChildren(...facts(item, ["id", "state", "status", "url"]));
    },
  };
}
