// The page: hears what the sandbox tells, draws it, and sends what is done.

import { Composer } from "./composer.js";
import { announce, byId, icon } from "./dom.js";
import { Line } from "./line.js";
import { Log } from "./log.js";
import { formTakes, openModal } from "./modal.js";
import { Panel } from "./panel.js";
import { drawSide } from "./side.js";
import { here, now, state } from "./state.js";
import { refresh } from "./times.js";

const NO_ANSWER = "The application did not respond";
const FAILED = "This interaction failed";

const line = new Line(heard, up);
const act = (what, frame) => line.act(what, frame);
const composer = new Composer(act, useCommand);
const panel = new Panel(act);
const log = new Log({ use: useComponent, begin: () => composer.start() });

function up(open) {
  byId("offline").hidden = open;
  byId("offline").textContent = "The sandbox is not there. If you ended it, start it again with ./run sandbox; this page then goes on.";
  if (!open) return;
  const wanted = named(location.hash) || sessionStorage.getItem("member");
  if (wanted) act("become", { name: wanted });
  if (!byId("panel").hidden) act("panel", { on: true });
}

/** Who is named behind the # of the address; nobody where that is nothing that the page has written. */
function named(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}

function heard(frame) {
  if (frame.type === "world") hearWorld(frame);
  else if (frame.type === "message") hearMessage(frame);
  else if (frame.type === "gone") hearGone(frame.id);
  else if (frame.type === "panel") {
    state.panel = frame.panel;
    panel.draw();
  }
}

function hearWorld(frame) {
  if (state.world && String(state.world.origins) !== String(frame.world.origins)) {
    location.reload(); // another sandbox: this page may not load pictures and videos from its addresses
    return;
  }
  if (frame.fresh) {
    state.messages.clear();
    state.notices.clear();
    state.unread.clear();
    log.clear();
  }
  state.world = frame.world;
  if (!here()) {
    state.channel = state.world.channels[0]?.id ?? null;
    log.draw();
  }
  drawSide({ go, become });
  composer.place();
  refresh();
  if (frame.fresh) log.begins();
}

function hearMessage({ channel, message: one }) {
  if (!state.messages.has(channel)) state.messages.set(channel, new Map());
  const known = state.messages.get(channel);
  const isNew = !known.has(one.id);
  known.set(one.id, one);
  settleNotices(channel, one);
  if (channel !== state.channel) {
    if (isNew && log.isNews(one)) {
      state.unread.add(channel);
      drawSide({ go, become });
    }
    return;
  }
  log.put(one);
}

function hearGone(id) {
  for (const known of state.messages.values()) known.delete(id);
  log.remove(id);
}

/** A command's own line goes when what answers it has come. */
function settleNotices(channel, one) {
  const waiting = state.notices.get(channel);
  if (!waiting?.size || !one.interaction_metadata) return;
  for (const [id, each] of waiting) {
    if (!each.error && one.interaction_metadata.user.id === state.world.me && BigInt(one.id) > BigInt(id)) removeNotice(channel, id);
  }
}

function removeNotice(channel, id) {
  state.notices.get(channel)?.delete(id);
  log.remove(id);
}

function go(id) {
  state.channel = id;
  state.unread.delete(id);
  drawSide({ go, become });
  composer.place();
  log.draw();
  side(false);
}

async function become(name) {
  sessionStorage.setItem("member", name);
  history.replaceState(null, "", `#${encodeURIComponent(name)}`);
  const answer = await act("become", { name });
  announce(answer.error ?? `You are ${name} now.`);
}

/** An id that sorts as one that Discord would give now, for lines of this window's own. */
const ownId = () => String((BigInt(Math.floor(now() * 1000)) - 1420070400000n) << 22n);

async function useCommand(name, options) {
  const channel = state.channel;
  const one = { id: ownId(), command: name, error: null };
  if (!state.notices.has(channel)) state.notices.set(channel, new Map());
  state.notices.get(channel).set(one.id, one);
  if (channel === state.channel) log.put(one);
  log.foot.go();
  const answer = await act("command", { name, options, channel });
  if (answer.modal) {
    removeNotice(channel, one.id);
    showModal(answer);
  } else if (answer.error || answer.state === "failed") {
    one.error = answer.error ?? NO_ANSWER;
    if (channel === state.channel && state.notices.get(channel)?.has(one.id)) log.put(one);
  } else removeNotice(channel, one.id);
}

async function useComponent(one, kind, frame) {
  log.fail(one);
  const answer = await act(kind, { message: one.id, ...frame });
  if (answer.modal) showModal(answer);
  else if (answer.error || answer.state === "failed") log.fail(one, answer.error ?? (kind === "menu" ? NO_ANSWER : FAILED));
}

const showModal = (answer) => openModal(answer.modal, (values) => act("submit", { opened: answer.re, values }));

function side(open) {
  document.body.classList.toggle("side-open", open);
  byId("open-side").setAttribute("aria-expanded", String(open));
  if (open) byId("side").querySelector("button")?.focus();
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem("theme", name);
}

byId("open-side").append(icon("menu"));
byId("theme").append(icon("theme"));
byId("open-panel").append(icon("scenes"));
byId("open-side").addEventListener("click", () => side(!document.body.classList.contains("side-open")));
byId("main").addEventListener("pointerdown", (event) => { if (!event.target.closest("#open-side")) side(false); });
byId("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
  theme(dark === "dark" ? "light" : "dark");
});
byId("open-panel").addEventListener("click", () => {
  const box = byId("panel");
  box.hidden = !box.hidden;
  byId("open-panel").setAttribute("aria-expanded", String(!box.hidden));
  document.body.classList.toggle("panel-open", !box.hidden);
  act("panel", { on: !box.hidden });
  if (!box.hidden) panel.draw();
  else byId("open-panel").focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("side-open")) {
    side(false);
    byId("open-side").focus();
  } else if (event.key === "Escape" && byId("panel").contains(event.target) && !event.target.value) byId("open-panel").click();
  const typing = event.target.closest?.("input, textarea, select, dialog, button, a, video, [role=button]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    if (byId("write")) composer.start();
  }
});
const takeFiles = (list) => list.length > 0 && (formTakes(list) || composer.takeFiles(list));
document.addEventListener("paste", (event) => { if (takeFiles(event.clipboardData.files)) event.preventDefault(); });
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  takeFiles(event.dataTransfer.files);
});
setInterval(refresh, 1000);
if (localStorage.getItem("theme")) document.documentElement.dataset.theme = localStorage.getItem("theme");
