import { post } from "../api.js";
import { busy, button, h } from "../dom.js";
import { facts, Rows, section } from "./section.js";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGUSR2", "SIGKILL"];

/** The processes with everything that can be done to them. */
export function processesSection() {
  const made = section("Processes", "world-processes");
  const rows = new Rows(made.body, processRow);
  return { ...made, update(processes) { made.ok(); rows.update(processes, (one) => one.name); } };
}

function processRow({ name }) {
  const state = h("span", { class: "pill", "data-testid": `state-${name}` });
  const more = h("p", { class: "facts" });
  const act = (action, attributes) => {
    const element = button(action === "start" ? "Start" : action, () => busy(element, async () => update(await post(`/sim/processes/${name}/${action}`))), { "data-testid": `${action}-${name}`, "aria-label": `${action} ${name}`, ...attributes });
    return element;
  };
  const signals = SIGNALS.map((action) => act(action, { class: action === "SIGKILL" ? "danger small" : "small" }));
  const start = act("start", { class: "primary small" });
  const element = h("div", { class: "card" }, h("div", { class: "row spread" }, h("h3", {}, name), state), more, h("div", { class: "row" }, signals, start));

  function update(item) {
    if (item.state === undefined) return;
    state.textContent = item.state;
    state.dataset.state = item.state;
    more.replaceChildren(...facts(item, ["name", "state", "log"]));
    element.title = item.log ?? "";
    const isRunning = item.state === "running";
    for (const one of signals) one.hidden = !isRunning;
    start.hidden = isRunning;
  }
  return { element, update };
}
