import { post } from "../api.js";
import { busy, button, h, notice } from "../dom.js";
import { facts, Rows, section } from "./section.js";

const NAMES = { btc: "Bitcoin", ltc: "Litecoin", eth: "Ethereum" };
const OWN_FIELDS = ["chain", "height", "running"];

/** Heights, mining and reorganising. */
export function chainsSection() {
  const made = section("Chains", "world-chains");
  const rows = new Rows(made.body, chainRow);
  return { ...made, update(chains) { made.ok(); rows.update(chains, (chain) => chain.chain); } };
}

function chainRow({ chain }) {
  const height = h("b", { class: "figure", "data-testid": `height-${chain}` });
  const more = h("p", { class: "facts" });
  const blocks = h("input", { type: "number", min: "1", max: "1000", value: "1", "aria-label": `Blocks to mine on ${chain}`, "data-testid": `blocks-${chain}` });
  const mine = button("Mine", () => busy(mine, async () => {
    const answer = await post(`/sim/chains/${chain}/mine`, { blocks: Number(blocks.value) });
    if (answer.height !== undefined) height.textContent = answer.height;
  }), { "data-testid": `mine-${chain}` });
  const reorg = button("Reorganise", () => busy(reorg, async () => {
    await post(`/sim/chains/${chain}/reorg`, { depth: Number(blocks.value) });
    notice(`${chain}: the newest ${blocks.value} blocks were replaced`);
  }), { "data-testid": `reorg-${chain}`, title: "Replaces so many of the newest blocks by empty ones; what they paid is gone unless it is sent again" });
  const tools = h("div", { class: "row" }, blocks, mine, reorg);
  const element = h("div", { class: "card" }, h("div", { class: "row spread" }, h("h3", {}, NAMES[chain] ?? chain), h("span", {}, "block ", height)), more, tools);
  return {
    element,
    update(item) {
      height.textContent = item.height ?? "–";
      more.replaceChildren(...facts(item, OWN_FIELDS));
      tools.hidden = item.running === false;
      element.classList.toggle("off", item.running === false);
    },
  };
}
