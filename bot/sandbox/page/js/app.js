import { follow, get } from "./api.js";
import { ChatView } from "./chat.js";
import { addGroup, addPerson } from "./people.js";
import { loadPeople, setActiveChat, store, takeMessages } from "./store.js";
import { buildTabs } from "./tabs.js";
import { buildTour, setShown } from "./tour.js";
import { buildWorld } from "./world/panel.js";

const views = new Map();
const byId = (id) => document.getElementById(id);
const tabs = buildTabs(byId("tabs"), () => [...views.values()]);

function ensureViews() {
  for (const chat of store.chats.values()) {
    if (views.has(chat.id)) continue;
    const view = new ChatView(chat);
    views.set(chat.id, view);
    byId("chats").append(view.element);
    view.take([...(store.messages.get(chat.id)?.values() ?? [])]);
    view.composer.refresh();
  }
  if (store.activeChat === null && views.size) setActiveChat(views.keys().next().value);
  tabs.draw();
}

async function show(chatId) {
  if (chatId === null) return;
  await loadPeople();
  ensureViews();
  setActiveChat(chatId);
  views.get(chatId).element.scrollIntoView({ behavior: "smooth", inline: "nearest", block: "nearest" });
  views.get(chatId).composer.field.focus({ preventScroll: true });
}

async function onChange(changes) {
  store.actions = changes.actions;
  const changed = takeMessages(changes.messages);
  if (changes.chats !== store.chats.size) {
    await loadPeople();
    ensureViews();
  }
  for (const chatId of changed) {
    const fresh = changes.messages.filter((message) => message.chat.id === chatId);
    views.get(chatId)?.take(fresh);
    if (chatId !== store.activeChat && fresh.some((message) => message.from?.is_bot)) tabs.mark(chatId);
  }
  for (const view of views.values()) view.drawStatus();
}

function onState(isUp) {
  document.body.classList.toggle("offline", !isUp);
}

function listen() {
  byId("add-person").addEventListener("click", async () => show(await addPerson()));
  byId("add-group").addEventListener("click", async () => show(await addGroup()));
  byId("show-tour").addEventListener("click", () => setShown(byId("tour"), byId("tour").hidden));
  byId("toggle-world").addEventListener("click", () => tabs.toggleWorld());
  document.addEventListener("keydown", (event) => {
    const view = [...views.values()][Number(event.key) - 1];
    if (event.altKey && view) { event.preventDefault(); show(view.chat.id); }
  });
  // A status such as "typing" ends by itself.
  setInterval(async () => {
    if (!Object.keys(store.actions).length) return;
    for (const view of views.values()) {
      if (store.actions[view.chat.id]) store.actions[view.chat.id] = (await get(`/sim/chats/${view.chat.id}`).catch(() => ({}))).action;
      view.drawStatus();
    }
  }, 2000);
}

async function start() {
  [store.bot, store.parts] = await Promise.all([get("/sim/bot"), get("/sim/world")]);
  await loadPeople();
  store.listeners.add(() => tabs.draw());
  buildTour(byId("tour"), { show, insert: (text) => views.get(store.activeChat)?.insert(text) });
  ensureViews();
  buildWorld(byId("world"));
  listen();
  document.body.dataset.ready = "true";
  follow(onChange, onState);
}

start();
