import { h, button } from "./dom.js";
import { formatted } from "./entities.js";
import { inlineKeyboard } from "./keyboard.js";

const PICTURE_HEIGHT = 300;

/** A message as a bubble; `view` tells whose side it is on and what its parts do. */
export function bubble(message, view) {
  const own = message.from?.id === view.person();
  const classes = ["bubble", own ? "own" : "theirs", message.deleted ? "deleted" : ""].join(" ");
  const attributes = { class: classes, "data-message-id": message.message_id, "data-testid": `message-${message.message_id}` };
  if (message.deleted) return h("article", { ...attributes, "data-deleted": "true" }, h("p", {}, "Message deleted"), foot(message));
  const body = h("div", { class: "body" }, author(message, view), quoted(message, view), ...content(message, view.actions), foot(message));
  const keyboard = message.reply_markup?.inline_keyboard;
  const reply = button("Reply", () => view.reply(message), { class: "reply-button", title: "Reply to this message" });
  return h("article", { ...attributes, "aria-label": `${own ? "You" : name(message)}, ${time(message)}` },
    h("div", { class: "line" }, body, reply), keyboard ? inlineKeyboard(message, keyboard, view) : null);
}

function name(message) {
  return message.from?.first_name ?? "Somebody";
}

function author(message, view) {
  if (!view.isGroup && !message.via_bot) return null;
  const via = message.via_bot ? ` via @${message.via_bot.username}` : "";
  return h("p", { class: "author" }, name(message) + via);
}

function quoted(message) {
  const original = message.reply_to_message;
  if (!original) return null;
  const text = original.text ?? original.caption ?? (original.photo ? "Picture" : original.document ? "File" : "Message");
  return h("blockquote", { class: "quoted" }, h("b", {}, name(original)), h("span", {}, text.slice(0, 120)));
}

function content(message, actions) {
  const nodes = [];
  if (message.photo) nodes.push(photo(message));
  if (message.document) nodes.push(documentLink(message.document, message.has_protected_content));
  if (message.contact) nodes.push(contact(message.contact));
  if (message.users_shared) nodes.push(shared(message.users_shared));
  if (message.text) nodes.push(h("div", { class: "text", dir: "auto" }, ...formatted(message.text, message.entities, actions)));
  if (message.caption) nodes.push(h("div", { class: "text", dir: "auto" }, ...formatted(message.caption, message.caption_entities, actions)));
  return nodes;
}

function photo(message) {
  const size = message.photo[message.photo.length - 1];
  const address = `/sim/files/${size.file_id}`;
  const picture = h("img", { src: address, alt: message.caption ?? "Picture", width: size.width, height: size.height, loading: "lazy" });
  // Its room is kept before it is there, so that the newest message stays in sight.
  const width = Math.round(size.width * Math.min(1, PICTURE_HEIGHT / size.height));
  picture.style.width = `min(100%, ${width}px)`;
  picture.style.aspectRatio = `${size.width} / ${size.height}`;
  // Telegram offers no saving and no forwarding of what is protected.
  if (message.has_protected_content) {
    picture.draggable = false;
    picture.addEventListener("contextmenu", (event) => event.preventDefault());
    return h("span", { class: "photo", "data-testid": `protected-${size.file_id}` }, picture);
  }
  return h("a", { class: "photo", href: address, target: "_blank", rel: "noopener" }, picture);
}

function documentLink(file, isProtected) {
  return h("a", { class: "file", href: `/sim/files/${file.file_id}`, download: file.file_name ?? "file", title: isProtected ? "Look" : "Save", "data-testid": `document-${file.file_id}` },
    h("span", { class: "file-icon", "aria-hidden": "true" }, (file.file_name ?? "").split(".").pop().slice(0, 4)),
    h("span", {}, h("b", {}, file.file_name ?? "File"), h("small", {}, `${size(file.file_size)} · ${isProtected ? "look" : "save"}`)));
}

function size(bytes = 0) {
  return bytes < 1024 ? `${bytes} bytes` : bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function contact(card) {
  return h("p", { class: "contact" }, h("b", {}, `Contact: ${card.first_name}`), h("small", {}, card.phone_number));
}

function shared(choice) {
  return h("p", { class: "contact" }, h("b", {}, "Shared"), h("small", {}, choice.users.map((user) => user.first_name ?? user.user_id).join(", ")));
}

function time(message) {
  return new Date(message.date * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

function foot(message) {
  const marks = [message.has_protected_content && !message.deleted ? "protected" : "", message.edited && !message.deleted ? "edited" : ""];
  return h("p", { class: "foot" }, ...marks.filter(Boolean).map((mark) => h("span", { class: mark }, mark)), h("time", {}, time(message)));
}
