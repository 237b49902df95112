// One message, as everybody knows them; and the lines that only this window says.

import { apps } from "./apps.js";
import { attached, components } from "./components.js";
import { avatar, el, icon } from "./dom.js";
import { embed } from "./embed.js";
import { inline, markdown } from "./markdown.js";
import { attachment, bare, media } from "./media.js";
import { isMe, nameOf, state, timeOf } from "./state.js";
import { beside } from "./times.js";

export const EPHEMERAL = 64; // the flag of what only one member sees

/** The list item of a message. `use(message, kind, frame)` sends what is pressed; `dismiss(message)` hides it. */
export function message(one, { use, dismiss, error }) {
  const mine = one.mentions.some((each) => isMe(each.id)) || one.mention_everyone;
  const only = Boolean(one.flags & EPHEMERAL);
  const name = one.author.global_name ?? one.author.username;
  const shownName = one.author.bot ? state.world.bot.name : name;
  return el(
    "li",
    { class: `message ${mine ? "pinged" : ""} ${only ? "only" : ""}`, "data-message": one.id },
    el(
      "article",
      { "aria-label": `${shownName}${only ? ", only you can see this" : ""}` },
      above(one),
      avatar(shownName, one.author.id, one.author.bot ? "bot" : ""),
      el(
        "div",
        { class: "body" },
        el(
          "div",
          { class: "head" },
          el("span", { class: "name" }, shownName),
          one.author.bot && el("span", { class: "badge", title: "An app, as Discord calls bots" }, "APP"),
          beside(timeOf(one.id)),
          !only && !one.thinking && apps(one, (kind, frame) => use(one, kind, frame)),
        ),
        one.thinking ? thinking(shownName) : inside(one, use),
        error && el("p", { class: "failed", role: "alert" }, error),
        only && !one.thinking && onlyYou(one, dismiss),
      ),
    ),
  );
}

function inside(one, use) {
  const shown = new Set();
  const text = one.content && el("div", { class: "content" }, markdown(one.content));
  if (text && one.edited_timestamp) {
    const edited = el("span", { class: "edited", title: one.edited_timestamp }, "(edited)");
    (text.lastElementChild ?? text).append(" ", edited);
  }
  const unfurled = one.unfurls.map((url) => {
    const player = shown.has(url) ? null : media(url, { owner: one.id });
    shown.add(url);
    return player && el("div", { class: "attachment" }, player);
  });
  const v2 = Boolean(one.flags & (1 << 15));
  const inEmbeds = new Set(one.embeds.flatMap((each) => [each.image, each.thumbnail, each.video]).map((each) => bare((attached(each?.url, one) ?? each)?.url ?? "")));
  return [
    text,
    v2 ? null : one.attachments.filter((file) => !inEmbeds.has(bare(file.url))).map((file) => attachment(file, one.id)),
    unfurled,
    one.embeds.map((each) => embed(each, one)),
    one.edited_timestamp && !one.content && el("span", { class: "edited", title: one.edited_timestamp }, "(edited)"),
    el("div", { class: v2 ? "components v2" : "components" }, components(one, (kind, frame) => use(one, kind, frame))),
  ];
}

/** What it answers: a command, or another message. */
function above(one) {
  const used = one.interaction_metadata;
  if (used?.name && (one.type === 20 || one.type === 23)) {
    const who = nameOf(used.user.id);
    return el("div", { class: "above" }, avatar(who, used.user.id, "small"), el("strong", {}, who), " used ", el("span", { class: "mention" }, used.command_type === 1 ? `/${used.name}` : used.name));
  }
  if (one.message_reference) {
    const to = one.referenced_message;
    if (!to) return el("div", { class: "above" }, "Original message was deleted");
    const who = to.author.global_name ?? state.world.bot.name;
    return el("div", { class: "above" }, avatar(who, to.author.id, to.author.bot ? "small bot" : "small"), el("strong", {}, who), " ", el("span", { class: "quoted" }, excerpt(to)));
  }
  return null;
}

function excerpt(to) {
  const text = to.content || to.embeds[0]?.title || to.embeds[0]?.description || "a message";
  return inline(text.split("\n")[0].slice(0, 90));
}

function thinking(name) {
  return el("p", { class: "thinking" }, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), `${name} is thinking…`);
}

function onlyYou(one, dismiss) {
  return el(
    "p",
    { class: "only-you" },
    icon("eye"),
    " Only you can see this • ",
    el("button", { type: "button", class: "plain", onclick: () => dismiss(one) }, "Dismiss message"),
  );
}

/** A line that only this window says: a command on its way, or one that came to nothing. */
export function notice(one, dismiss) {
  const who = state.world.bot;
  return el(
    "li",
    { class: "message only", "data-message": one.id },
    el(
      "article",
      { "aria-label": "Only you can see this" },
      el("div", { class: "above" }, avatar(nameOf(state.world.me), state.world.me, "small"), el("strong", {}, nameOf(state.world.me)), " used ", el("span", { class: "mention" }, `/${one.command}`)),
      avatar(who.name, who.id, "bot"),
      el(
        "div",
        { class: "body" },
        el("div", { class: "head" }, el("span", { class: "name" }, who.name), el("span", { class: "badge" }, "APP"), beside(timeOf(one.id))),
        one.error ? el("p", { class: "failed", role: "alert" }, one.error) : el("p", { class: "thinking" }, "Sending command…"),
        one.error && onlyYou(one, dismiss),
      ),
    ),
  );
}
