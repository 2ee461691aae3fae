import { h } from "../dom.js";
import { section, words } from "./section.js";

/** Any nested object as tables: the payout queue and the books. */
export function overviewSection() {
  const made = section("Books and queue", "world-overview");
  let shown = "";
  return {
    ...made,
    update(totals) {
      made.ok();
      const text = JSON.stringify(totals);
      if (text === shown) return;
      shown = text;
      made.body.replaceChildren(...drawObject(totals));
    },
  };
}

const isPlain = (value) => value === null || typeof value !== "object";

function drawObject(object) {
  const entries = Object.entries(object);
  const plain = entries.filter(([, value]) => isPlain(value));
  const nested = entries.filter(([, value]) => !isPlain(value));
  return [plain.length ? table(plain) : null, ...nested.map(([name, value]) => block(name, value))].filter(Boolean);
}

function block(name, value) {
  const content = Array.isArray(value) ? list(value) : drawObject(value);
  return h("div", { class: "card" }, h("h3", {}, words(name)), ...(content.length ? content : [h("p", { class: "hint-line" }, "none")]));
}

function list(items) {
  if (items.every(isPlain)) return items.map((item) => h("p", { class: "fact" }, String(item)));
  const columns = [...new Set(items.flatMap((item) => Object.keys(item ?? {})))];
  const head = h("tr", {}, columns.map((column) => h("th", { scope: "col" }, words(column))));
  const rows = items.map((item) => h("tr", {}, columns.map((column) => h("td", {}, text(item?.[column])))));
  return [h("div", { class: "scroll" }, h("table", {}, h("thead", {}, head), h("tbody", {}, rows)))];
}

function table(entries) {
  return h("div", { class: "scroll" }, h("table", { class: "pairs" }, h("tbody", {}, entries.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, words(name)), h("td", {}, text(value)))))));
}

function text(value) {
  return value === null || value === undefined ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value);
}
