import { post } from "./api.js";
import { h, notice } from "./dom.js";
import { store } from "./store.js";

const INLINE_PAUSE_MS = 350;

/** The list above the input field: commands after "/", inline results after "@bot ". */
export class Suggestions {
  constructor(field, view, send) {
    this.field = field;
    this.view = view;
    this.send = send;
    this.commands = [];
    this.items = [];
    this.chosen = -1;
    this.element = h("ul", { class: "suggestions", role: "listbox", id: `suggestions-${view.chat.id}`, "data-testid": `suggestions-${view.chat.id}`, "aria-label": "Suggestions", hidden: true });
    field.setAttribute("aria-controls", this.element.id);
    field.setAttribute("aria-autocomplete", "list");
    field.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
  }

  update() {
    const text = this.field.value;
    const query = inlineQuery(text);
    clearTimeout(this.timer);
    if (query !== null) this.timer = setTimeout(() => this.ask(query), INLINE_PAUSE_MS);
    else if (/^\/[a-z0-9_]*$/i.test(text)) this.show(this.matching(text.slice(1).toLowerCase()));
    else this.hide();
  }

  matching(start) {
    return this.commands.filter((one) => one.command.startsWith(start)).map((one) => ({
      title: `/${one.command}`, detail: one.description,
      pick: () => { this.clear(); this.send(`/${one.command}`); },
      complete: () => { this.field.value = `/${one.command} `; },
    }));
  }

  async ask(query) {
    const answer = await post("/sim/inline", { from: this.view.person(), query }).catch(() => null);
    if (!answer || inlineQuery(this.field.value) !== query) return;
    const above = answer.button ? [{ title: answer.button.text, detail: "opens the chat with the bot", pick: () => this.open(answer.button) }] : [];
    const results = answer.results.map((result) => ({
      title: result.title ?? "Result", detail: result.description ?? "",
      pick: () => this.choose(result),
    }));
    this.show([...above, ...results]);
  }

  async open(button) {
    this.clear();
    await this.view.open(`https://t.me/${store.bot.username}?start=${button.start_parameter}`);
  }

  clear() {
    this.field.value = "";
    this.field.style.height = "";
  }

  async choose(result) {
    this.clear();
    const body = { from: this.view.person(), result_id: result.id, chat: this.view.chat.id };
    await post("/sim/inline/choose", body).catch((error) => notice(error.message, "error"));
  }

  show(items) {
    this.items = items;
    this.chosen = items.length ? 0 : -1;
    this.element.hidden = !items.length;
    this.element.replaceChildren(...items.map((item, index) => h("li", {
      role: "option", id: `${this.element.id}-${index}`,
      onmousedown: (event) => { event.preventDefault(); this.pick(index); },
    }, h("b", {}, item.title), h("span", {}, item.detail))));
    this.mark();
  }

  mark() {
    [...this.element.children].forEach((child, index) => child.setAttribute("aria-selected", String(index === this.chosen)));
    this.element.children[this.chosen]?.scrollIntoView({ block: "nearest" });
    if (this.chosen >= 0) this.field.setAttribute("aria-activedescendant", `${this.element.id}-${this.chosen}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  hide() {
    clearTimeout(this.timer);
    this.show([]);
  }

  pick(index) {
    const item = this.items[index];
    this.hide();
    item?.pick();
  }

  /** Answers whether the key was for the list. */
  handleKey(event) {
    if (this.element.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.chosen = (this.chosen + step + this.items.length) % this.items.length;
    else if (event.key === "Enter" && !event.shiftKey) this.pick(this.chosen);
    else if (event.key === "Tab" && this.items[this.chosen]?.complete) { this.items[this.chosen].complete(); this.hide(); }
    else if (event.key === "Escape") this.hide();
    else return false;
    event.preventDefault();
    if (step) this.mark();
    return true;
  }
}

function inlineQuery(text) {
  const prefix = `@${store.bot.username} `.toLowerCase();
  return text.toLowerCase().startsWith(prefix) ? text.slice(prefix.length) : null;
}
