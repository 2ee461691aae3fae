import { post } from "../api.js";
import { busy, h, notice } from "../dom.js";
import { Rows, section } from "./section.js";

/** The rates that the wallet reads, to be changed at will. */
export function tickerSection() {
  const made = section("Prices in USD", "world-ticker");
  const rows = new Rows(made.body, priceRow);
  return { ...made, update(prices) { made.ok(); rows.update(prices, (one) => one.asset); } };
}

function priceRow({ asset }) {
  const field = h("input", { inputmode: "decimal", "aria-label": `Price of ${asset} in USD`, "data-testid": `price-${asset}` });
  const set = h("button", { type: "submit", "data-testid": `set-price-${asset}` }, "Set");
  const element = h("form", { class: "row price" }, h("b", {}, asset), field, set);
  let isEdited = false;
  field.addEventListener("input", () => { isEdited = true; });
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(set, async () => {
      const answer = await post("/sim/ticker", { asset, price: field.value.trim() });
      isEdited = false;
      field.value = answer.price;
      notice(`1 ${asset} = ${answer.price} USD`);
    });
  });
  return { element, update(item) { if (!isEdited) field.value = item.price; } };
}
