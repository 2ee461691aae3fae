import { get } from "./api.js";
import { busy, button, h } from "./dom.js";
import { remember, remembered, textsOf } from "./store.js";

//: Where people read from the right, addresses stand between marks of direction, which are no part of them.
const ADDRESS = /otpauth:\/\/totp\/[^\s<>"'\u2066-\u2069]+/;

/** The stand-in for the app on a person's phone: finds the newest otpauth:// text of a chat and shows its code. */
export class Authenticator {
  constructor(view) {
    this.view = view;
    this.key = `authenticator-${view.chat.id}`;
    this.uri = remembered(this.key);
    this.code = "";
    this.validUntil = 0;
    this.element = this.build();
    setInterval(() => this.tick(), 500);
    this.show();
  }

  build() {
    this.digits = h("output", { class: "code", "data-testid": `code-${this.view.chat.id}`, "aria-label": "Running code" });
    this.left = h("span", { class: "left", "aria-hidden": "true" });
    this.label = h("span", { class: "auth-label" });
    const insert = button("Insert", () => this.use(insert, (code) => this.view.insert(code)), { "data-testid": `insert-code-${this.view.chat.id}` });
    const send = button("Send code", () => this.use(send, (code) => this.view.actions.send(code)), { class: "primary", "data-testid": `send-code-${this.view.chat.id}` });
    this.buttons = h("div", { class: "row" }, insert, send);
    return h("section", { class: "authenticator", "aria-label": "Authenticator", "data-testid": `authenticator-${this.view.chat.id}` },
      h("div", {}, this.label, h("span", { class: "running" }, this.digits, this.left)), this.buttons);
  }

  /** Looks at messages in the order of their changes; the newest address wins. */
  take(messages) {
    for (const message of messages) {
      const found = message.deleted ? null : textsOf(message).map((text) => ADDRESS.exec(text)?.[0]).find(Boolean);
      if (found && found !== this.uri) this.adopt(found);
    }
  }

  adopt(uri) {
    this.uri = uri;
    this.validUntil = 0;
    remember(this.key, uri);
    this.show();
  }

  show() {
    this.element.classList.toggle("unpaired", !this.uri);
    this.buttons.hidden = !this.uri;
    this.label.textContent = this.uri ? "Authenticator" : "Authenticator: waiting for the bot's otpauth:// address";
    this.tick();
  }

  async tick() {
    if (!this.uri || document.hidden || !this.element.isConnected) return;
    const left = Math.ceil((this.validUntil - Date.now()) / 1000);
    if (left <= 0) await this.refresh();
    else this.draw(left);
  }

  async refresh() {
    if (this.loading) return;
    this.loading = true;
    try {
      const answer = await get(`/sim/authenticator?uri=${encodeURIComponent(this.uri)}`);
      this.code = answer.code;
      this.period = answer.period_seconds;
      this.validUntil = Date.now() + answer.valid_for_seconds * 1000;
      this.draw(answer.valid_for_seconds);
    } catch {
      this.digits.textContent = "------";
    } finally {
      this.loading = false;
    }
  }

  draw(left) {
    const spaced = `${this.code.slice(0, 3)} ${this.code.slice(3)}`;
    if (this.digits.textContent !== spaced) this.digits.textContent = spaced;
    this.digits.dataset.code = this.code;
    this.left.textContent = `${left}s`;
    this.element.style.setProperty("--left", left / this.period);
    this.element.classList.toggle("ending", left <= 5);
  }

  async use(element, action) {
    await busy(element, async () => {
      await this.refresh();
      await action(this.code);
    });
  }
}
