import { alertBox, busy, button, h, notice } from "./dom.js";
import { post } from "./api.js";

/** The buttons below a message. */
export function inlineKeyboard(message, rows, view) {
  return h("div", { class: "keyboard", role: "group", "aria-label": "Buttons" },
    rows.map((row) => h("div", { class: "keyboard-row" }, row.map((one) => inlineButton(message, one, view)))));
}

function inlineButton(message, one, view) {
  if (one.url) return urlButton(one, view);
  const attributes = { class: `key ${one.style ?? ""}` };
  if (one.copy_text) return button(label(one.text, "copy"), () => copy(one.copy_text.text, view), { ...attributes, title: one.copy_text.text });
  const inline = one.switch_inline_query ?? one.switch_inline_query_current_chat ?? one.switch_inline_query_chosen_chat?.query;
  if (inline !== undefined) return button(label(one.text, "inline"), () => view.insert(`@${view.bot.username} ${inline}`), attributes);
  const key = button(one.text, () => press(key, message, one, view), attributes);
  return key;
}

function label(text, hint) {
  return h("span", {}, text, h("i", { class: `hint ${hint}`, "aria-hidden": "true" }));
}

function urlButton(one, view) {
  const payload = view.actions.startPayload(one.url);
  if (payload !== null) return button(one.text, () => view.actions.open(one.url), { class: "key", title: one.url });
  return h("a", { class: "key", href: /^(https?|tg):/i.test(one.url) ? one.url : "#", target: "_blank", rel: "noopener noreferrer", title: one.url }, label(one.text, "away"));
}

async function press(key, message, one, view) {
  const body = { from: view.person(), message_id: message.message_id, data: one.callback_data };
  const answer = await busy(key, () => post(`/sim/chats/${view.chat.id}/press`, body));
  if (!answer) return;
  if (answer.toast && answer.alert) alertBox(answer.toast);
  else if (answer.toast) view.toast(answer.toast);
  if (answer.url) await view.actions.open(answer.url);
}

export async function copy(text, view) {
  try {
    await navigator.clipboard.writeText(text);
    view.toast("Copied to the clipboard");
  } catch {
    notice("The browser did not allow copying", "error");
  }
}

/** The reply keyboard below the input field. */
export function replyKeyboard(keyboard, view) {
  if (!keyboard) return null;
  return h("div", { class: "keyboard reply", role: "group", "aria-label": "Reply keyboard" },
    keyboard.keyboard.map((row) => h("div", { class: "keyboard-row" }, row.map((one) => replyButton(one, view)))));
}

function replyButton(one, view) {
  if (one.request_contact) return button(one.text, () => view.share({ contact: true }), { class: "key" });
  if (one.request_users) return button(one.text, () => view.pickPerson(one.request_users.request_id), { class: "key" });
  return button(one.text, () => view.actions.send(one.text), { class: "key" });
}
