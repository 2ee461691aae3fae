import { get } from "../api.js";
import { h } from "../dom.js";
import { store } from "../store.js";
import { chainsSection } from "./chains.js";
import { cardsSection } from "./cards.js";
import { faucetSection } from "./faucet.js";
import { overviewSection } from "./overview.js";
import { processesSection } from "./processes.js";
import { tickerSection } from "./ticker.js";

const REFRESH_MS = 2000;
//: Each section: the part of the world that it shows, where it reads, and how it is drawn.
const SECTIONS = [
  ["chains", "/sim/chains", chainsSection],
  ["chains", "/sim/chains", faucetSection],
  ["cards", "/sim/stripe/sessions", cardsSection],
  ["ticker", "/sim/ticker", tickerSection],
  ["processes", "/sim/processes", processesSection],
  ["overview", "/sim/overview", overviewSection],
];

/** The panel for everything outside the chat; parts that are not there are not shown. */
export function buildWorld(element) {
  const shown = SECTIONS.filter(([part]) => store.parts.includes(part)).map(([, path, make]) => ({ path, section: make() }));
  element.replaceChildren(h("h2", { class: "world-title" }, "The world outside"), ...shown.map(({ section }) => section.element));
  element.hidden = !shown.length;
  document.getElementById("toggle-world").hidden = !shown.length;
  const paths = [...new Set(shown.map(({ path }) => path))];
  const refresh = () => Promise.all(paths.map((path) => refreshPath(path, shown)));
  setInterval(() => { if (!document.hidden && element.offsetParent !== null) refresh(); }, REFRESH_MS);
  refresh();
}

const underway = new Set();

async function refreshPath(path, shown) {
  if (underway.has(path)) return;
  underway.add(path);
  try {
    const content = await get(path);
    for (const one of shown) if (one.path === path) one.section.update(content);
  } catch (error) {
    for (const one of shown) if (one.path === path) one.section.fail?.(error.message);
  } finally {
    underway.delete(path);
  }
}
