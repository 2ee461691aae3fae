import { get, post } from "./api.js";
import { Authenticator } from "./authenticator.js";
import { bubble } from "./bubble.js";
import { Composer, others } from "./composer.js";
import { ask, busy, button, h, notice } from "./dom.js";
import { messagesOf, setActiveChat, startPayload, store } from "./store.js";

/** One chat as a column: head, authenticator, messages, input field. */
export class ChatView {
  constructor(chat) {
    this.chat = chat;
    this.isGroup = chat.isGroup;
    this.bot = store.bot;
    this.actions = { send: (text) => this.composer.send(text), open: (url) => this.open(url), startPayload };
    this.bubbles = new Map();
    this.log = h("div", { class: "log", role: "log", tabindex: "0", "aria-label": `Messages with ${chat.title}`, "data-testid": `log-${chat.id}` });
    this.toasts = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
    this.status = h("p", { class: "status" });
    this.authenticator = chat.isGroup ? null : new Authenticator(this);
    this.composer = new Composer(this);
    this.element = this.build();
    this.drawEmpty();
  }

  person() {
    return this.isGroup ? Number(this.writer.value) : this.chat.id;
  }

  build() {
    const element = h("section", { class: "chat", id: `chat-${this.chat.id}`, "data-testid": `chat-${this.chat.id}`, "aria-label": `Chat of ${this.chat.title}` },
      this.head(), this.authenticator?.element, h("div", { class: "log-box" }, this.log, this.toasts), this.composer.element);
    element.addEventListener("focusin", () => setActiveChat(this.chat.id));
    this.takeDrops(element);
    // A reply keyboard or a longer draft takes room from the messages; the newest stays in sight.
    new ResizeObserver(() => { if (this.isAtEnd) this.scrollDown(); }).observe(this.log);
    this.isAtEnd = true;
    this.log.addEventListener("scroll", () => { this.isAtEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80; });
    element.addEventListener("pointerdown", () => setActiveChat(this.chat.id));
    return element;
  }

  /** Files that are dropped on the chat are sent as documents, one after the other. */
  takeDrops(element) {
    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    const mark = (shown) => element.classList.toggle("dropping", shown);
    element.addEventListener("dragover", (event) => { if (carriesFiles(event)) { event.preventDefault(); mark(true); } });
    element.addEventListener("dragleave", (event) => { if (!element.contains(event.relatedTarget)) mark(false); });
    element.addEventListener("drop", async (event) => {
      mark(false);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      for (const file of [...event.dataTransfer.files]) await this.composer.sendFile(file, true);
    });
  }

  head() {
    const initials = this.chat.title.slice(0, 1).toUpperCase();
    const avatar = h("span", { class: `avatar hue${Math.abs(this.chat.id) % 6}`, "aria-hidden": "true" }, initials);
    const names = h("div", { class: "names" }, h("h2", {}, this.chat.title), this.status);
    this.drawStatus();
    return h("header", { class: "chat-head" }, avatar, names, this.isGroup ? this.writerChoice() : this.personTools());
  }

  writerChoice() {
    const options = this.chat.members.map((id) => h("option", { value: id }, store.people.get(id)?.first_name ?? id));
    this.writer = h("select", { "data-testid": `writer-${this.chat.id}`, onchange: () => this.redraw() }, options);
    return h("label", { class: "writer" }, h("span", {}, "write as"), this.writer);
  }

  personTools() {
    const admin = button("Make admin", () => busy(admin, () => this.makeAdmin()), { "data-testid": `make-admin-${this.chat.id}` });
    admin.hidden = !store.parts.includes("admins");
    this.block = button("Block bot", () => busy(this.block, () => this.toggleBlock()), { "data-testid": `block-${this.chat.id}`, "aria-pressed": "false" });
    this.drawBlock(store.people.get(this.chat.id)?.blocked);
    return h("div", { class: "tools" }, admin, this.block);
  }

  async makeAdmin() {
    await post("/sim/admins", { user: this.chat.id });
    notice(`${this.chat.title} is an admin now; /admin opens the card`);
  }

  async toggleBlock() {
    const wanted = this.block.getAttribute("aria-pressed") !== "true";
    this.drawBlock((await post(`/sim/users/${this.chat.id}/block`, { blocked: wanted })).blocked);
  }

  drawBlock(blocked) {
    this.block.setAttribute("aria-pressed", String(Boolean(blocked)));
    this.block.textContent = blocked ? "Unblock bot" : "Block bot";
  }

  drawStatus() {
    const action = store.actions[this.chat.id];
    const name = this.isGroup ? `${this.chat.members.length} people` : this.chat.username ? `@${this.chat.username}` : `id ${this.chat.id}`;
    this.status.textContent = action ? (action.startsWith("upload") ? "bot is sending a file…" : "bot is typing…") : name;
    this.status.classList.toggle("acting", Boolean(action));
  }

  take(messages) {
    const { isAtEnd } = this;
    const isFirst = this.bubbles.size === 0;
    this.authenticator?.take(messages);
    for (const message of messages) this.draw(message);
    if (messages.some((message) => message.from?.is_bot)) this.composer.refresh();
    if (isAtEnd || isFirst || messages.some((message) => message.from?.id === this.person())) this.scrollDown();
  }

  draw(message) {
    this.empty?.remove();
    const fresh = bubble(message, this);
    const old = this.bubbles.get(message.message_id);
    this.bubbles.set(message.message_id, fresh);
    if (!old) { this.place(fresh, message.message_id); return; }
    const hadFocus = old.contains(document.activeElement);
    const label = hadFocus ? document.activeElement.textContent : "";
    old.replaceWith(fresh);
    if (hadFocus) this.focusSuccessor(fresh, label);
  }

  /** Messages come in the order of their changes, and stand in the order of their ids. */
  place(fresh, messageId) {
    const last = this.log.lastElementChild;
    const isLast = !last || Number(last.dataset.messageId) < messageId;
    const later = isLast ? null : [...this.log.children].find((other) => Number(other.dataset.messageId) > messageId);
    this.log.insertBefore(fresh, later ?? null);
  }

  /** An edit replaces the pressed button, so that the keyboard's place would be lost. */
  focusSuccessor(fresh, label) {
    const keys = [...fresh.querySelectorAll(".key")];
    (keys.find((key) => key.textContent === label) ?? keys[0] ?? this.log).focus({ preventScroll: true });
  }

  redraw() {
    this.bubbles.clear();
    this.log.replaceChildren();
    for (const message of messagesOf(this.chat.id)) this.draw(message);
    this.scrollDown();
  }

  scrollDown() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  async drawEmpty() {
    if (this.isGroup || this.bubbles.size) return;
    const start = button("Start", () => this.actions.send("/start"), { class: "primary", "data-testid": `start-${this.chat.id}` });
    const words = h("p", {}, `${this.chat.title} has not met the bot yet.`);
    this.empty = h("div", { class: "empty" }, words, start);
    this.log.append(this.empty);
    const bot = await get("/sim/bot").catch(() => null);
    if (bot?.description) words.textContent = bot.description;
  }

  toast(text) {
    const element = h("p", { class: "toast", "data-testid": "toast" }, text);
    this.toasts.append(element);
    setTimeout(() => element.remove(), 4000);
  }

  /** A link to the bot leads to the person's own chat with it, from whatever chat they are in. */
  async open(url) {
    await post(`/sim/users/${this.person()}/open`, { url }).catch((error) => notice(error.message, "error"));
  }

  reply(message) { this.composer.setReply(message); }
  insert(text) { this.composer.insert(text); }
  share(content) { return this.composer.share(content); }
  pickPerson(requestId) { return this.composer.pickPerson(requestId); }

  async choosePerson(title) {
    const candidates = others(this.person());
    if (!candidates.length) { notice("Add another person first"); return null; }
    const options = candidates.map((person) => h("option", { value: person.id }, person.first_name));
    const field = h("label", { class: "field" }, h("span", {}, "Person"), h("select", { name: "person" }, options));
    const answer = await ask(title, [field], "Choose", "choose-person");
    return answer ? Number(answer.get("person")) : null;
  }
}
