// Components of a message: rows, buttons, menus, and those of the second version.

import { el, fill, link } from "./dom.js";
import { markdown } from "./markdown.js";
import { attachment, fileLine, media } from "./media.js";
import { state } from "./state.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "secondary" };
const PICKS = { 3: "string", 5: "user", 6: "role", 7: "mentionable", 8: "channel" };

/** The components of `message`; `use(kind, frame)` sends what is pressed or picked. */
export function components(message, use) {
  return message.components.map((one) => component(one, message, use));
}

function component(one, message, use) {
  const inside = (parts) => (parts ?? []).map((each) => component(each, message, use));
  switch (one.type) {
    case 1:
      return el("div", { class: "row" }, inside(one.components));
    case 2:
      return button(one, message, use);
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
      return menu(one, message, use);
    case 9:
      return el(
        "div",
        { class: "section" },
        el("div", { class: "section-text" }, inside(one.components)),
        el("div", { class: "accessory" }, inside([one.accessory])),
      );
    case 10:
      return el("div", { class: "display" }, markdown(one.content));
    case 11:
      return el("div", { class: "thumbnail" }, shownMedia(one.media, one, message));
    case 12:
      return el(
        "div",
        { class: `gallery of-${Math.min(one.items.length, 4)}` },
        one.items.map((item) => el("figure", {}, shownMedia(item.media, item, message), item.description && el("figcaption", {}, item.description))),
      );
    case 13: {
      const file = attached(one.file.url, message);
      return file ? attachment(file, message.id) : fileLine(one.name || "file", one.size, one.file.url);
    }
    case 14:
      return el("hr", { class: `separator spacing-${one.spacing} ${one.divider ? "" : "blank"}` });
    case 17: {
      const box = el("div", { class: one.spoiler ? "container spoilt" : "container" }, inside(one.components));
      if (one.accent_color !== null && one.accent_color !== undefined) box.style.setProperty("--accent", colour(one.accent_color));
      return box;
    }
    default:
      return el("p", { class: "gone" }, `This component (type ${one.type}) is not shown here.`);
  }
}

export const colour = (number) => `#${Number(number).toString(16).padStart(6, "0")}`;

/** The file of the message that an attachment:// address names. */
export function attached(url, message) {
  const name = String(url).startsWith("attachment://") ? String(url).slice(13) : null;
  return name === null ? null : message.attachments.find((file) => file.filename === name);
}

function shownMedia(unfurled, about, message) {
  const file = attached(unfurled.url, message);
  const url = file?.url ?? unfurled.url;
  const options = { description: about.description ?? "", type: file?.content_type ?? "", owner: message.id, spoiler: about.spoiler };
  return media(url, options) ?? link(url, about.description || url);
}

const emoji = (one) => (one?.name ? el("span", { class: "emoji", "aria-hidden": "true" }, one.name) : null);

function button(one, message, use) {
  const inner = [emoji(one.emoji), one.label];
  if (one.url) {
    const leads = link(one.url, inner, " ↗");
    leads.className = "button link";
    return leads;
  }
  const made = el("button", { type: "button", class: `button ${STYLES[one.style] ?? "secondary"}`, disabled: one.disabled, "data-id": one.custom_id }, inner);
  made.addEventListener("click", () => {
    if (made.getAttribute("aria-busy")) return;
    made.setAttribute("aria-busy", "true");
    use("click", { custom_id: one.custom_id }).finally(() => made.removeAttribute("aria-busy"));
  });
  return made;
}

/** What can be picked in a menu or an option of this kind: [value, text, description]. */
export function picks(kind, types = []) {
  const world = state.world;
  const people = world.members.map((one) => [one.id, `@${one.name}`, one.bot ? "app" : ""]);
  const roles = world.roles.map((one) => [one.id, one.everyone ? one.name : `@${one.name}`, "role"]);
  if (kind === "user") return people;
  if (kind === "role") return roles;
  if (kind === "mentionable") return [...people, ...roles];
  return world.channels
    .filter((one) => !one.direct && (!types?.length || types.includes(one.type)))
    .map((one) => [one.id, `#${one.name}`, one.thread ? "thread" : ""]);
}

/** A native menu: one or several of `choices`. */
export function pickList(one, attributes = {}) {
  const kind = PICKS[one.type];
  const choices =
    kind === "string"
      ? one.options.map((option) => [option.value, option.label, option.description ?? "", option.default])
      : picks(kind, one.channel_types);
  const several = (one.max_values ?? 1) > 1;
  const list = el(
    "select",
    { class: "menu", disabled: one.disabled, multiple: several, "data-id": one.custom_id, size: several ? Math.min(choices.length, 6) : null, ...attributes },
    several ? null : el("option", { value: "", ".selected": true }, one.placeholder || "Make a selection"),
    choices.map(([value, text, more, chosen]) => el("option", { value, ".selected": Boolean(chosen) }, more ? `${text} — ${more}` : text)),
  );
  return { list, kind, several };
}

export const pickedIn = (list) => [...list.selectedOptions].map((option) => option.value).filter((value) => value !== "");

function menu(one, message, use) {
  const { list, kind, several } = pickList(one, { "aria-label": one.placeholder || "Make a selection" });
  const send = () => use("select", { custom_id: one.custom_id, of: kind, values: pickedIn(list) });
  if (!several) {
    list.addEventListener("change", send);
    return list;
  }
  const box = el("div", { class: "menu-box" }, list);
  fill(box, list, el("button", { type: "button", class: "button secondary", onclick: send }, "Choose"));
  return box;
}
