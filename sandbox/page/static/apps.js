// What is offered on a message, which Discord calls Apps: by the mouse, by touch and by the keys.

import { el, fill } from "./dom.js";
import { menusHere } from "./state.js";

/** The button that opens the list. `use("menu", {name})` uses what is chosen on this message. */
export function apps(one, use) {
  const list = el("ul", { class: "apps-list", role: "menu", "aria-label": "Apps", hidden: true });
  const button = el("button", { type: "button", class: "apps", "aria-haspopup": "menu", "aria-expanded": "false", "data-id": `apps-${one.id}`, title: "What apps do with this message" }, "Apps");
  const items = () => [...list.querySelectorAll("[role=menuitem]")];
  const show = (open, back = false) => {
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (back) button.focus();
  };
  const item = (name) => {
    const chosen = () => {
      show(false, true);
      use("menu", { name });
    };
    return el("li", { role: "none" }, el("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: chosen }, name));
  };
  button.addEventListener("click", () => {
    if (!list.hidden) return show(false);
    const names = menusHere();
    fill(list, names.length ? names.map(item) : el("li", { class: "apps-none" }, "No app offers anything here."));
    show(true);
    list.scrollIntoView({ block: "nearest" });
    return items()[0]?.focus();
  });
  const box = el("span", { class: "apps-box" }, button, list);
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const all = items();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape") {
      event.stopPropagation();
      show(false, true);
    } else if (to !== undefined && all.length) {
      event.preventDefault();
      all.at(to % all.length).focus();
    }
  });
  box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) show(false); });
  return box;
}
