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
    for (const item of items) {
      const key = keyOf(item);
      if (!this.rows.has(key)) {
        this.rows.set(key, this.make(item));
        this.parent.append(this.rows.get(key).element);
      }
      this.rows.get(key).update(item);
    }
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
