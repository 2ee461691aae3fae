import { get } from "./api.js";

/** What the page knows: people, groups and messages, and who is interested in changes. */
export const store = {
  bot: {},
  people: new Map(),
  chats: new Map(),
  messages: new Map(),
  actions: {},
  parts: [],
  activeChat: null,
  listeners: new Set(),
};

export async function loadPeople() {
  const [people, groups] = await Promise.all([get("/sim/users"), get("/sim/groups")]);
  for (const person of people) {
    store.people.set(person.id, person);
    store.chats.set(person.id, { id: person.id, title: person.first_name, username: person.username, isGroup: false, members: [person.id] });
  }
  for (const group of groups) {
    store.chats.set(group.id, { id: group.id, title: group.title, isGroup: true, members: group.members });
  }
}

/** Takes messages in the order of their changes; answers the ids of the chats that changed. */
export function takeMessages(messages) {
  const changed = new Set();
  for (const message of messages) {
    const chatId = message.chat.id;
    if (!store.messages.has(chatId)) store.messages.set(chatId, new Map());
    store.messages.get(chatId).set(message.message_id, message);
    changed.add(chatId);
  }
  return changed;
}

export function messagesOf(chatId) {
  return [...(store.messages.get(chatId)?.values() ?? [])].sort((one, other) => one.message_id - other.message_id);
}

/** Every text in which something may stand that a person would copy: text, caption, links, buttons. */
export function textsOf(message) {
  const entities = [...(message.entities ?? []), ...(message.caption_entities ?? [])];
  const buttons = (message.reply_markup?.inline_keyboard ?? []).flat();
  return [
    message.text, message.caption,
    ...entities.map((entity) => entity.url),
    ...buttons.flatMap((one) => [one.url, one.copy_text?.text]),
  ].filter(Boolean);
}

/** The payload of a link to this bot (`t.me/<bot>?start=…`), or null for any other link. */
export function startPayload(address) {
  const match = /^(?:https?:\/\/)?(?:t|telegram)\.me\/([A-Za-z0-9_]+)(?:\?start=([A-Za-z0-9_-]*))?$/i.exec(address)
    ?? /^tg:\/\/resolve\?domain=([A-Za-z0-9_]+)(?:&start=([A-Za-z0-9_-]*))?$/i.exec(address);
  return match && match[1].toLowerCase() === store.bot.username?.toLowerCase() ? match[2] ?? "" : null;
}

/** Remembers a value for this sandbox only: after a reset the same ids mean other people. */
export function remember(name, value) {
  localStorage.setItem(`${store.bot.instance}:${name}`, value);
}

export function remembered(name) {
  return localStorage.getItem(`${store.bot.instance}:${name}`);
}

export function setActiveChat(chatId) {
  if (store.activeChat === chatId) return;
  store.activeChat = chatId;
  for (const listener of store.listeners) listener(chatId);
}
