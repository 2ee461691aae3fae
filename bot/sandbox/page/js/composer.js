import { get, post, postFile } from "./api.js";
import { busy, button, h, icon, notice } from "./dom.js";
import { replyKeyboard } from "./keyboard.js";
import { Suggestions } from "./suggestions.js";
import { store } from "./store.js";

/** The input field of a chat: text, commands, files, contacts, replies, inline mode. */
export class Composer {
  constructor(view) {
    this.view = view;
    this.replyTo = null;
    this.field = h("textarea", {
      rows: "1", placeholder: "Message", "aria-label": `Message as ${view.chat.title}`, "data-testid": `composer-${view.chat.id}`,
      autocomplete: "off", spellcheck: "false",
    });
    this.suggestions = new Suggestions(this.field, view, (text) => this.send(text));
    this.keyboard = h("div", {});
    this.replyBar = h("div", { class: "reply-bar", hidden: true });
    this.element = this.build();
    this.listen();
  }

  build() {
    const send = h("button", { type: "submit", class: "primary send", "data-testid": `send-${this.view.chat.id}`, "aria-label": "Send" }, h("span", { "aria-hidden": "true" }, "➤"));
    const form = h("form", { class: "composer-form" }, this.attachMenu(), this.fileButton(), this.field, send);
    form.addEventListener("submit", (event) => { event.preventDefault(); this.sendField(); });
    return h("div", { class: "composer" }, this.suggestions.element, this.replyBar, this.keyboard, form);
  }

  listen() {
    this.field.addEventListener("keydown", (event) => {
      if (this.suggestions.handleKey(event)) return;
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.sendField(); }
      if (event.key === "Escape") this.setReply(null);
    });
    this.field.addEventListener("input", () => { this.grow(); this.suggestions.update(); });
    this.field.addEventListener("focus", () => this.refresh());
  }

  attachMenu() {
    const close = () => { menu.open = false; };
    const items = h("div", { class: "menu-items" },
      button("Picture…", () => { close(); this.choose(false); }),
      button("My contact", () => { close(); this.share({ contact: true }); }),
      button("Contact of somebody…", () => { close(); this.pickContact(); }));
    const menu = h("details", { class: "menu" }, h("summary", { "aria-label": "Attach", role: "button", "data-testid": `attach-${this.view.chat.id}` }, "+"), items);
    menu.addEventListener("keydown", (event) => { if (event.key === "Escape") { close(); menu.querySelector("summary").focus(); } });
    menu.addEventListener("focusout", (event) => { if (!menu.contains(event.relatedTarget)) close(); });
    return menu;
  }

  /** A paperclip; what it sends is a document, also when it is a picture. */
  fileButton() {
    const id = this.view.chat.id;
    this.chooser = h("input", { type: "file", class: "visually-hidden", tabindex: "-1", "aria-label": "File", "data-testid": `file-${id}` });
    this.chooser.addEventListener("change", async () => {
      await this.sendFile(this.chooser.files[0], this.asDocument);
      this.chooser.value = "";
    });
    const clip = button("", () => this.choose(true), { class: "clip", title: "Send a file", "aria-label": "Send a file", "data-testid": `clip-${id}` });
    clip.append(icon("M16.5 6.5v9a4.5 4.5 0 0 1-9 0V6a3 3 0 0 1 6 0v8.5a1.5 1.5 0 0 1-3 0V7"));
    return h("span", { class: "attach-file" }, clip, this.chooser);
  }

  choose(asDocument) {
    this.asDocument = asDocument;
    this.chooser.accept = asDocument ? "" : "image/*";
    this.chooser.click();
  }

  /** Commands and the reply keyboard may have changed meanwhile. */
  async refresh() {
    const chat = await get(`/sim/chats/${this.view.chat.id}`).catch(() => null);
    if (!chat) return;
    this.suggestions.commands = chat.commands;
    const shown = JSON.stringify(chat.keyboard);
    if (shown === this.shownKeyboard) return;
    this.shownKeyboard = shown;
    this.keyboard.replaceChildren(...[replyKeyboard(chat.keyboard, this.view)].filter(Boolean));
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 140)}px`;
  }

  insert(text) {
    this.field.value = text;
    this.grow();
    this.field.focus();
    this.suggestions.update();
  }

  setReply(message) {
    this.replyTo = message;
    this.replyBar.hidden = !message;
    if (!message) return;
    const text = (message.text ?? message.caption ?? "Message").slice(0, 80);
    this.replyBar.replaceChildren(h("span", {}, `Reply to: ${text}`), button("×", () => this.setReply(null), { "aria-label": "Do not reply" }));
    this.field.focus();
  }

  sendField() {
    const text = this.field.value;
    if (!text.trim()) return;
    this.field.value = "";
    this.grow();
    this.suggestions.hide();
    this.send(text).then((sent) => { if (!sent && !this.field.value) this.insert(text); });
  }

  async send(text) {
    return this.share({ text });
  }

  async share(content) {
    const body = { from: this.view.person(), reply_to: this.replyTo?.message_id, ...content };
    try {
      await post(`/sim/chats/${this.view.chat.id}/messages`, body);
      this.setReply(null);
      return true;
    } catch (error) {
      notice(error.message, "error");
      return false;
    }
  }

  async sendFile(file, asDocument) {
    if (!file) return;
    const fields = {
      from: String(this.view.person()), caption: this.field.value.trim(), reply_to: this.replyTo?.message_id,
      as: asDocument && "document",
    };
    await busy(this.field, async () => {
      await postFile(`/sim/chats/${this.view.chat.id}/messages`, fields, file);
      this.field.value = "";
      this.setReply(null);
    });
  }

  async pickContact() {
    const person = await this.view.choosePerson("Whose contact?");
    if (person) await this.share({ contact: person });
  }

  async pickPerson(requestId) {
    const person = await this.view.choosePerson("Whom do you choose?");
    if (person) await this.share({ users_shared: { request_id: requestId, user_ids: [person] } });
  }
}

/** Everybody but this person, for a choice. */
export function others(personId) {
  return [...store.people.values()].filter((person) => person.id !== personId);
}
