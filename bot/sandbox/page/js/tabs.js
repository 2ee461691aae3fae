import { button, h } from "./dom.js";
import { setActiveChat, store } from "./store.js";

const narrow = window.matchMedia("(max-width: 820px)");

/** On a narrow window one chat, or the world, is seen at a time; the tabs choose. */
export function buildTabs(element, viewsOf) {
  let isWorldOpen = !narrow.matches;
  const unread = new Set();
  const worldButton = document.getElementById("toggle-world");

  function draw() {
    unread.delete(store.activeChat);
    const entries = viewsOf().map((view) => tab(view.chat.title, `tab-${view.chat.id}`, `chat-${view.chat.id}`, !isWorldTab() && view.chat.id === store.activeChat, () => open(view.chat.id), unread.has(view.chat.id)));
    entries.push(tab("World", "tab-world", "world", isWorldTab(), () => { isWorldOpen = true; draw(); }, false));
    const hadFocus = element.contains(document.activeElement);
    element.replaceChildren(...entries);
    if (hadFocus) element.querySelector("[aria-selected=true]")?.focus();
    for (const view of viewsOf()) view.element.classList.toggle("active", view.chat.id === store.activeChat);
    document.body.classList.toggle("world-open", isWorldOpen);
    worldButton.setAttribute("aria-expanded", String(isWorldOpen));
  }

  const isWorldTab = () => narrow.matches && isWorldOpen;

  function open(chatId) {
    if (narrow.matches) isWorldOpen = false;
    setActiveChat(chatId);
    draw();
  }

  element.addEventListener("keydown", (event) => moveFocus(event, element));
  narrow.addEventListener("change", () => { isWorldOpen = !narrow.matches; draw(); });
  return {
    draw,
    mark(chatId) { if (narrow.matches || !isVisible(chatId)) { unread.add(chatId); draw(); } },
    toggleWorld() { isWorldOpen = !isWorldOpen; draw(); },
  };
}

function isVisible(chatId) {
  return document.getElementById(`chat-${chatId}`)?.offsetParent !== null;
}

function tab(title, testid, controls, selected, onclick, hasUnread) {
  const dot = hasUnread ? h("span", { class: "dot", title: "New messages" }, h("span", { class: "visually-hidden" }, " (new)")) : null;
  return button(h("span", {}, title, dot), onclick, {
    role: "tab", "aria-selected": String(selected), "aria-controls": controls, tabindex: selected ? "0" : "-1", "data-testid": testid,
  });
}

function moveFocus(event, element) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const entries = [...element.children];
  const next = (entries.indexOf(document.activeElement) + step + entries.length) % entries.length;
  event.preventDefault();
  entries[next].click();
  element.children[next].focus();
}
