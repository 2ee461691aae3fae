import { post } from "./api.js";
import { busy, button, h } from "./dom.js";
import { create } from "./people.js";
import { remember, remembered, store } from "./store.js";

const CAST = [
  { first_name: "Ana", username: "ana" },
  { first_name: "Ben", username: "ben" },
  { first_name: "Olga", username: "olga_admin" },
];

const STEPS = [
  ["Meet the bot", "Press Start in a chat. Nothing works before the second factor is on.", ["/start"]],
  ["Pair the authenticator", "The strip above the chat takes the place of the app on a phone. Press “Send code” when the bot asks for a 6-digit code."],
  ["Buy ITD", "Confirm the card, then pay the invoice in the panel “Faucet”: exactly, too little or too much.", ["/buy 25 ETH", "/buy 25 BTC", "/buy 25 LTC"]],
  ["Or pay by card", "The pay link leads to a card page of this sandbox. It is not Stripe and asks for no card.", ["/buy 25 USD"]],
  ["Send some", "The other person must have paired an authenticator too.", ["/send 5 @ben", "/balance"]],
  ["Withdraw", "The worker pays it on the chain. Look at “Books and queue” meanwhile.", [
    "/withdraw 5 ETH 0x00000000000000000000000000000000000000AA",
    "/withdraw 5 BTC bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
    "/withdraw 5 LTC rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3",
  ]],
  ["Break it", "Kill the worker with SIGKILL while a payment or a payout is on its way, or reorganise a chain: nothing is lost, credited or paid twice."],
  ["Be the admin", "Press “Make admin” in a chat that has started, then look around. A file of payments goes to the bot by the paperclip, or drop it on the chat.", ["/admin", "/masssend"]],
];

/** The card for newcomers. */
export function buildTour(element, hooks) {
  const close = button("Hide", () => setShown(element, false), { "data-testid": "hide-tour" });
  const head = h("div", { class: "tour-head" }, h("h2", { id: "tour-title" }, "What to try first"), close);
  element.replaceChildren(head, castOffer(hooks), h("ol", {}, STEPS.map((step) => stepItem(step, hooks))));
  element.dataset.testid = "tour";
  setShown(element, remembered("tour") !== "hidden");
}

export function setShown(element, shown) {
  element.hidden = !shown;
  remember("tour", shown ? "shown" : "hidden");
}

function castOffer(hooks) {
  const offer = h("div", { class: "cast" }, h("p", {}, "Nobody is here yet."));
  const go = button("Add Ana, Ben and Olga, the admin", () => busy(go, async () => {
    for (const person of CAST) await hooks.show(await create(person));
    if (store.parts.includes("admins")) await makeLastAdmin();
    offer.hidden = true;
  }), { class: "primary", "data-testid": "add-cast" });
  offer.append(go);
  offer.hidden = store.people.size > 0;
  return offer;
}

async function makeLastAdmin() {
  const olga = [...store.people.values()].find((person) => person.username === "olga_admin");
  if (olga) await post("/sim/admins", { user: olga.id }).catch(() => null);
}

function stepItem([title, text, commands = []], hooks) {
  const chips = commands.map((command) => button(command, () => hooks.insert(command), { class: "chip", title: "Put it into the open chat" }));
  return h("li", {}, h("b", {}, title), h("span", {}, ` ${text} `), ...chips);
}
