/** Builds an element: h("button", {class: "x", onclick: f, "data-testid": "y"}, "text", child, …). */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "value") element.value = value;
  else element.setAttribute(name, value === true ? "" : value);
}

/** A button that does not submit anything. */
export function button(label, onclick, attributes = {}) {
  return h("button", { type: "button", ...attributes, onclick }, label);
}

/** A line drawing of 24 by 24 in the colour of the text around it. */
export function icon(path) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  picture.append(line);
  return picture;
}

/** A modal form; answers the named fields, or null when it is closed otherwise. */
export function ask(title, fields, submitLabel, testid) {
  const close = button("Cancel", () => dialog.close(), { "data-testid": "dialog-cancel" });
  const submit = h("button", { type: "submit", class: "primary", "data-testid": `${testid}-submit` }, submitLabel);
  const form = h("form", { method: "dialog" }, h("h2", {}, title), ...fields, h("div", { class: "row end" }, close, submit));
  const dialog = h("dialog", { "data-testid": testid, "aria-label": title }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let answer = null;
    form.addEventListener("submit", () => { answer = new FormData(form); });
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    dialog.showModal();
  });
}

/** A labelled input. */
export function input(label, attributes) {
  return h("label", { class: "field" }, h("span", {}, label), h("input", { autocomplete: "off", ...attributes }));
}

/** A modal text with one button, as Telegram shows an alert. */
export function alertBox(text) {
  const ok = h("button", { class: "primary", autofocus: true }, "OK");
  const dialog = h("dialog", { class: "alert", role: "alertdialog", "data-testid": "alert" },
    h("form", { method: "dialog" }, h("p", {}, text), h("div", { class: "row end" }, ok)));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** A short notice at the edge of the page. */
export function notice(text, kind = "info") {
  const element = h("p", { class: `notice ${kind}`, "data-testid": "notice" }, text);
  document.getElementById("notices").append(element);
  setTimeout(() => element.remove(), kind === "error" ? 8000 : 4000);
}

/** Runs an action of a button; while it runs the button is busy, and an error becomes a notice. */
export async function busy(element, action) {
  if (element.getAttribute("aria-busy") === "true") return undefined;
  element.setAttribute("aria-busy", "true");
  try {
    return await action();
  } catch (error) {
    notice(error.message, "error");
    return undefined;
  } finally {
    element.removeAttribute("aria-busy");
  }
}
