import { h } from "./dom.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

/** A text with Telegram's entities as nodes. Offsets count UTF-16 units, as JavaScript's strings do. */
export function formatted(text, entities = [], actions = {}) {
  return build(text, sortedSpans(entities), 0, text.length, actions);
}

function sortedSpans(entities) {
  const spans = entities.map((entity) => ({ ...entity, end: entity.offset + entity.length }));
  return spans.sort((one, other) => one.offset - other.offset || other.end - one.end);
}

function build(text, spans, from, to, actions) {
  const nodes = [];
  let at = from;
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index];
    if (span.offset < at) continue;
    const end = Math.min(span.end, to);
    const inner = spans.slice(index + 1).filter((other) => other.offset < end);
    nodes.push(text.slice(at, span.offset));
    nodes.push(wrap(span, text.slice(span.offset, end), build(text, inner, span.offset, end, actions), actions));
    at = end;
  }
  nodes.push(text.slice(at, to));
  return nodes.filter((node) => node !== "");
}

function wrap(span, covered, nodes, actions) {
  if (TAGS[span.type]) return h(TAGS[span.type], {}, ...nodes);
  if (span.type === "pre") return h("pre", { tabindex: "0" }, h("code", {}, ...nodes));
  if (span.type === "spoiler") return spoiler(nodes);
  if (span.type === "text_link") return link(span.url, nodes, actions);
  if (span.type === "url") return link(covered.includes("://") ? covered : `http://${covered}`, nodes, actions);
  if (span.type === "email") return h("a", { href: `mailto:${covered}` }, ...nodes);
  if (span.type === "bot_command") return command(covered, nodes, actions);
  if (["mention", "hashtag", "cashtag", "text_mention"].includes(span.type)) return h("span", { class: "tag" }, ...nodes);
  return h("span", {}, ...nodes);
}

function spoiler(nodes) {
  const element = h("button", { type: "button", class: "spoiler", "aria-label": "Hidden text, press to show it" }, h("span", {}, ...nodes));
  element.addEventListener("click", () => {
    element.classList.add("shown");
    element.removeAttribute("aria-label");
  });
  return element;
}

function command(covered, nodes, actions) {
  return h("button", { type: "button", class: "link", onclick: () => actions.send?.(covered) }, ...nodes);
}

/** Only these schemes become links; a link to the bot itself is followed inside the page. */
export function link(address, nodes, actions) {
  const start = actions.startPayload?.(address);
  if (start !== undefined && start !== null) {
    return h("button", { type: "button", class: "link", title: address, onclick: () => actions.open?.(address) }, ...nodes);
  }
  if (!/^(https?|tg|mailto):/i.test(address)) return h("span", { title: address }, ...nodes);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", title: address }, ...nodes);
}
