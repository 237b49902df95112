// The messages of the channel that is open, each in its place, and what this window alone says among them.

import { byId, el, fill } from "./dom.js";
import { Foot } from "./foot.js";
import { EPHEMERAL, message, notice } from "./message.js";
import { here, inOrder, now, state, timeOf } from "./state.js";

export class Log {
  /** `use(message, kind, frame)` sends what is pressed; `begin()` shows the commands. */
  constructor({ use, begin }) {
    this.use = use;
    this.begin = begin;
    this.node = byId("log");
    this.foot = new Foot(this.node, byId("below"));
    this.errors = new Map(); // by message: what went wrong with its buttons
    this.since = 0; // seconds: when this person sat down; what was there by then is no news
  }

  /** Somebody sits down: nothing is known yet. */
  clear() {
    this.errors.clear();
    fill(this.node);
  }

  /** Somebody has been told what there is. What comes from now on is news. */
  begins() {
    this.since = now();
    this.draw();
  }

  draw() {
    const messages = inOrder([...(state.messages.get(state.channel)?.values() ?? []), ...(state.notices.get(state.channel)?.values() ?? [])]);
    fill(this.node, messages.filter((one) => !state.dismissed.has(one.id)).map((one) => this.drawn(one)));
    this.empty();
    this.foot.go();
  }

  drawn(one) {
    const dismiss = () => this.dismiss(one);
    return one.command ? notice(one, dismiss) : message(one, { use: this.use, dismiss, error: this.errors.get(one.id) });
  }

  /** Put a message in its place, or in the place of what it was before, with the focus where it was. */
  put(one) {
    if (state.dismissed.has(one.id)) return;
    const near = this.foot.isNear();
    const old = this.shown(one.id);
    const focused = old?.contains(document.activeElement) ? document.activeElement.dataset.id : undefined;
    const made = this.drawn(one);
    if (old) old.replaceWith(made);
    else {
      const later = [...this.node.children].find((item) => item.dataset.message && inOrder([one, { id: item.dataset.message }])[0] === one);
      this.node.insertBefore(made, later ?? null);
    }
    if (focused) made.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
    this.empty();
    if (near || (!old && this.isMyAnswer(one))) this.foot.go();
    else if (!old && this.isNews(one)) this.foot.more();
  }

  /** Say under a message what went wrong with its buttons; nothing more, with no `error`. */
  fail(one, error = null) {
    if (error) this.errors.set(one.id, error);
    else if (!this.errors.delete(one.id)) return;
    const current = state.messages.get(state.channel)?.get(one.id);
    if (current) this.put(current);
  }

  remove(id) {
    this.shown(id)?.remove();
    this.empty();
  }

  dismiss(one) {
    state.dismissed.add(one.id);
    state.notices.get(state.channel)?.delete(one.id);
    this.remove(one.id);
    byId("write")?.focus();
  }

  shown(id) {
    return this.node.querySelector(`[data-message="${id}"]`);
  }

  empty() {
    const hint = this.node.querySelector(".empty");
    if (this.node.querySelector("[data-message]")) hint?.remove();
    else if (!hint && state.world)
      this.node.append(el("li", { class: "empty" }, el("h3", {}, here()?.direct ? "Your messages with Raybot" : `This is #${here()?.name ?? ""}`), el("p", {}, "Type ", el("kbd", {}, "/"), " and choose ", el("code", {}, "generate"), ". Everything here is real but the two ends: the Discord and the provider are on this machine, and no video costs anything."), el("button", { type: "button", class: "button primary", onclick: this.begin }, "Show the commands")));
  }

  isNews(one) {
    return timeOf(one.id) > this.since;
  }

  /** Whether it answers what this person has just done, and nobody else sees it. */
  isMyAnswer(one) {
    return Boolean(one.flags & EPHEMERAL) && one.interaction_metadata?.user.id === state.world.me && this.isNews(one);
  }
}
