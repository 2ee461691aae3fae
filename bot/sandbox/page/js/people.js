import { post } from "./api.js";
import { ask, h, input, notice } from "./dom.js";
import { store } from "./store.js";

const LANGUAGES = [["en", "English"], ["es", "Español"], ["de", "Deutsch"], ["ar", "العربية"], ["he", "עברית"], ["fa", "فارسی"], ["ru", "Русский"], ["fr", "Français"]];

/** Asks for a person and creates it; answers the id. */
export async function addPerson() {
  const language = h("label", { class: "field" }, h("span", {}, "Language"),
    h("select", { name: "language_code" }, LANGUAGES.map(([code, name]) => h("option", { value: code }, `${name} (${code})`))));
  const answer = await ask("Add a person", [
    input("Name", { name: "first_name", required: true, maxlength: "64", autofocus: true }),
    input("Username (optional)", { name: "username", placeholder: "@name", pattern: "@?[A-Za-z][A-Za-z0-9_]{2,31}", title: "3 to 32 letters, digits and underscores" }),
    language,
  ], "Add", "person-dialog");
  return answer ? create(Object.fromEntries(answer)) : null;
}

export async function create(fields) {
  try {
    return (await post("/sim/users", fields)).id;
  } catch (error) {
    notice(error.message, "error");
    return null;
  }
}

/** Asks for a group of people and the bot; answers its id. */
export async function addGroup() {
  const people = [...store.people.values()];
  if (!people.length) { notice("Add people first"); return null; }
  const boxes = people.map((person) => h("label", { class: "check" },
    h("input", { type: "checkbox", name: "members", value: person.id, checked: true }), person.first_name));
  const answer = await ask("New group with the bot", [
    input("Title", { name: "title", required: true, maxlength: "64", autofocus: true }),
    h("fieldset", {}, h("legend", {}, "Members"), boxes),
  ], "Create", "group-dialog");
  if (!answer) return null;
  const body = { title: answer.get("title"), members: answer.getAll("members").map(Number) };
  return post("/sim/groups", body).then((group) => group.id, (error) => { notice(error.message, "error"); return null; });
}
