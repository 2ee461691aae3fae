import { h } from "../dom.js";

/** A section that can be folded: `{element, body, update, fail}`. */
export function section(title, testid, ...children) {
  const problem = h("p", { class: "problem", role: "status" });
  const body = h("div", { class: "section-body" }, ...children);
  const element = h("details", { class: "section", open: true, "data-testid": testid }, h("summary", {}, title), problem, body);
  return { element, body, fail(message) { problem.textContent = message; }, ok() { problem.textContent = ""; } };
}

/** The rows of a list kept by key: made once, updated afterwards, so that nobody's typing is lost. */
export class Rows {
  constructor(parent, make) {
    this.parent = parent;
    this.make = make;
    this.rows = new Map();
  }

  update(items, keyOf) {
    const keys = new Set(items.map(keyOf));
    for (const [key, row] of this.rows) if (!keys.has(key)) { row.element.remove(); this.rows.delete(key); }
    let above = null;
    for (const item of items) {
      const key = keyOf(item);
      const row = this.rows.get(key) ?? this.add(key, item, above);
      row.update(item);
      above = row.element;
    }
  }

  /** A new row below `above`, or before all others. */
  add(key, item, above) {
    const row = this.make(item);
    const others = new Set([...this.rows.values()].map(({ element }) => element));
    this.parent.insertBefore(row.element, above ? above.nextSibling : [...this.parent.children].find((one) => others.has(one)) ?? null);
    this.rows.set(key, row);
    return row;
  }
}

/** What an object says besides the fields that are shown elsewhere, as "name value" pairs. */
export function facts(item, without) {
  return Object.entries(item)
    .filter(([name, value]) => !without.includes(name) && value !== null && value !== "" && typeof value !== "object")
    .map(([name, value]) => h("span", { class: "fact" }, h("i", {}, words(name)), ` ${value}`));
}

export function words(name) {
  return String(name).replaceAll("_", " ");
}
