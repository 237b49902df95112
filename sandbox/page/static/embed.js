// An embed, as Discord lays it out.

import { colour, attached } from "./components.js";
import { el, link } from "./dom.js";
import { inline, markdown } from "./markdown.js";
import { media } from "./media.js";
import { beside } from "./times.js";

export function embed(one, message) {
  const box = el(
    "div",
    { class: "embed" },
    el(
      "div",
      { class: "embed-main" },
      one.author && el("div", { class: "embed-author" }, one.author.url ? link(one.author.url, one.author.name) : one.author.name),
      one.title && el("div", { class: "embed-title" }, one.url ? link(one.url, inline(one.title)) : inline(one.title)),
      one.description && el("div", { class: "embed-text" }, markdown(one.description)),
      one.fields?.length && el("div", { class: "embed-fields" }, rows(one.fields).map((row) => el("div", { class: `fields of-${row.length}` }, row.map(field)))),
      one.image && picture(one.image, message),
      (one.footer || one.timestamp) &&
        el("div", { class: "embed-foot" }, one.footer?.text, one.footer && one.timestamp && " • ", one.timestamp && beside(Date.parse(one.timestamp) / 1000)),
    ),
    one.thumbnail && el("div", { class: "thumbnail" }, picture(one.thumbnail, message)),
  );
  if (one.color) box.style.setProperty("--accent", colour(one.color));
  return box;
}

/** Fields in rows: up to three that stand beside each other, any other by itself. */
function rows(fields) {
  const rows = [];
  for (const one of fields) {
    const last = rows.at(-1);
    if (one.inline && last?.[0].inline && last.length < 3) last.push(one);
    else rows.push([one]);
  }
  return rows;
}

function field(one) {
  return el(
    "div",
    {},
    el("div", { class: "field-name" }, inline(one.name)),
    el("div", { class: "field-value" }, markdown(one.value)),
  );
}

function picture(one, message) {
  const file = attached(one.url, message);
  return media(file?.url ?? one.url, { owner: message.id, type: file?.content_type }) ?? link(one.url, one.url);
}
