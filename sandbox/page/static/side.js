// The left: the server, its channels, and who one is.

import { avatar, byId, el, fill, icon } from "./dom.js";
import { here, state } from "./state.js";

export function drawSide({ go, become }) {
  const world = state.world;
  byId("server").textContent = world.server.name;
  const focused = document.activeElement?.dataset?.channel;
  fill(
    byId("channels"),
    el(
      "ul",
      {},
      world.channels.map((one) =>
        el(
          "li",
          { class: one.thread ? "thread" : null },
          el(
            "button",
            {
              type: "button",
              class: `channel ${state.unread.has(one.id) ? "unread" : ""}`,
              "aria-current": one.id === state.channel ? "page" : null,
              "data-channel": one.id,
              onclick: () => go(one.id),
            },
            el("span", { class: "sign", "aria-hidden": "true" }, sign(one)),
            one.direct ? "Raybot" : one.name,
            el("span", { class: "tags" }, one.nsfw && el("span", { title: "Age-restricted" }, "18+"), !one.bot_writes && !one.direct && el("span", { title: "Raybot may not post here" }, icon("muted"), el("span", { class: "unseen" }, "Raybot may not post here"))),
            state.unread.has(one.id) && el("span", { class: "unseen" }, "unread"),
          ),
        ),
      ),
    ),
  );
  if (focused) document.querySelector(`[data-channel="${focused}"]`)?.focus();
  drawWho(become);
  drawTop();
}

const sign = (one) => (one.direct ? "@" : one.thread ? "↳" : "#");

function rolesOf(member) {
  const names = member.roles.map((id) => state.world.roles.find((role) => role.id === id)).filter((role) => role && !role.managed).map((role) => role.name);
  return [...(member.owner ? ["owner"] : []), ...names].join(", ") || "member";
}

function drawWho(become) {
  const world = state.world;
  const me = world.members.find((one) => one.id === world.me);
  const box = byId("who");
  if (box.contains(document.activeElement)) {
    const list = box.querySelector("select");
    if (list && list.value === me.name) return; // it is being used
  }
  const list = el(
    "select",
    { id: "become", "aria-label": "Who you are", onchange: (event) => become(event.target.value) },
    world.members.filter((one) => !one.bot).map((one) => el("option", { value: one.name, ".selected": one.id === world.me }, `${one.name} (${rolesOf(one)})`)),
  );
  fill(box, avatar(me.name, me.id), el("div", { class: "me" }, el("label", { for: "become" }, "You are"), list));
}

function drawTop() {
  const one = here();
  if (!one) return;
  byId("place").textContent = one.direct ? "@Raybot" : `${one.thread ? "↳" : "#"} ${one.name}`;
  document.title = `${one.direct ? "@Raybot" : `#${one.name}`} · ${state.world.users[state.world.me]} · Raybot's sandbox`;
  const notes = [one.nsfw && "Age-restricted", one.thread && "Thread", !one.bot_writes && !one.direct && "Raybot may not post here", !state.world.bot.running && "Raybot is not running", faults(state.world.faults)];
  byId("about").textContent = notes.filter(Boolean).join(" · ");
}

const faults = (number) => number > 0 && (number === 1 ? "1 fault is on" : `${number} faults are on`);
