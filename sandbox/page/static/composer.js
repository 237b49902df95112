// The box at the foot: words with files, or a command. What is not sent yet stays in its channel.

import { CommandForm } from "./command.js";
import { byId, el, fill, icon } from "./dom.js";
import { fileField, grow } from "./fields.js";
import { here, offered } from "./state.js";

const newDraft = () => ({ text: "", files: fileField({ label: "Files of this message", most: 10 }), open: false, form: null });

/** `act(what, frame)` sends; `used(name, options)` uses a command. */
export class Composer {
  constructor(act, used) {
    this.act = act;
    this.used = used;
    this.at = 0;
    this.box = byId("compose");
    this.channel = null;
    this.drafts = new Map(); // by channel: {text, files, open, form}; `open`: whether there is a place for files
    this.draft = newDraft();
    this.list = el("ul", { id: "picker", role: "listbox", "aria-label": "Commands", hidden: true });
    this.says = el("p", { class: "failed", role: "alert" });
    this.write = el("textarea", { id: "write", rows: 1, maxlength: 2000, role: "combobox", "aria-expanded": "false", "aria-controls": "picker", "aria-autocomplete": "list" });
    this.write.addEventListener("input", () => this.typed());
    this.write.addEventListener("keydown", (event) => this.pressed(event));
    this.clip = el("button", { type: "button", class: "icon", "aria-label": "Attach files", onclick: () => this.attach(!this.draft.open) }, icon("file"));
    this.show();
  }

  /** Be where one writes now, with what was begun there. */
  place() {
    const channel = here();
    if (channel && channel.id !== this.channel) this.move(channel.id);
    const writable = channel?.writable ?? false;
    const name = channel?.direct ? "@Raybot" : `#${channel?.name ?? ""}`;
    this.write.placeholder = writable ? `Message ${name}, or / for commands` : `Only commands in ${name}: type /`;
    this.write.setAttribute("aria-label", `Message ${name}. Type a slash for commands.`);
    if (this.draft.form && !offered().some((one) => one.name === this.draft.form.command.name)) this.words();
  }

  move(to) {
    this.draft.text = this.write.value;
    this.drafts.set(this.channel, this.draft);
    this.channel = to;
    this.draft = this.drafts.get(to) ?? newDraft();
    this.says.textContent = "";
    this.close();
    this.show();
  }

  /** Show what is being written here, as it is. */
  show() {
    const { text, files, form } = this.draft;
    if (form) {
      fill(this.box, form.node);
      return;
    }
    this.reveal();
    fill(this.box, this.list, this.says, el("div", { class: "write" }, el("button", { type: "button", class: "icon", "aria-label": "Commands", onclick: () => this.start() }, icon("plus")), this.write, this.clip), files.node);
    this.write.value = text;
    grow(this.write);
  }

  /** Leave what is being written: an empty box. */
  words() {
    this.draft = newDraft();
    this.says.textContent = "";
    this.show();
  }

  attach(open) {
    this.draft.open = open;
    this.reveal();
    if (open) this.draft.files.focus();
  }

  reveal() {
    this.draft.files.node.hidden = !this.draft.open;
    this.clip.setAttribute("aria-expanded", String(this.draft.open));
  }

  start() {
    this.write.value = "/";
    this.write.focus();
    this.typed();
  }

  matching() {
    const text = this.write.value.slice(1).toLowerCase();
    const all = offered();
    const begins = all.filter((one) => one.name.startsWith(text));
    return [...begins, ...all.filter((one) => !begins.includes(one) && one.name.includes(text))];
  }

  typed() {
    grow(this.write);
    this.says.textContent = "";
    const text = this.write.value;
    if (!text.startsWith("/")) return this.close();
    const exact = offered().filter((one) => text.startsWith(`/${one.name} `)).sort((a, b) => b.name.length - a.name.length)[0];
    if (exact) return this.choose(exact, text.slice(exact.name.length + 2));
    this.at = 0;
    return this.draw();
  }

  close() {
    this.list.hidden = true;
    this.write.setAttribute("aria-expanded", "false");
    this.write.removeAttribute("aria-activedescendant");
  }

  draw() {
    const found = this.matching();
    fill(
      this.list,
      found.map((one, index) =>
        el(
          "li",
          { role: "option", id: `pick-${index}`, "aria-selected": String(index === this.at), onclick: () => this.choose(one) },
          el("strong", {}, `/${one.name}`),
          el("span", { class: "needs" }, one.options.filter((each) => each.required).map((each) => el("code", {}, each.name))),
          el("span", { class: "about" }, one.description),
        ),
      ),
    );
    this.list.hidden = found.length === 0;
    this.write.setAttribute("aria-expanded", String(found.length > 0));
    if (found.length) {
      this.write.setAttribute("aria-activedescendant", `pick-${this.at}`);
      this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
    } else this.says.textContent = this.write.value.length > 1 ? "No command here is called that." : "No command is offered here.";
  }

  pressed(event) {
    const open = !this.list.hidden;
    const found = open ? this.matching() : [];
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
      this.draw();
    } else if (open && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
      event.preventDefault();
      this.choose(found[this.at]);
    } else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    }
  }

  async send() {
    const content = this.write.value.trim();
    const { draft, channel } = this;
    const files = draft.files.values();
    const wrong = content.startsWith("/") ? "No command here is called that." : draft.files.problem();
    if (wrong) {
      this.says.textContent = wrong;
      return;
    }
    if (!content && !files.length) return;
    this.words(); // at once: pressed twice, it is sent once
    this.write.focus();
    const answer = await this.act("say", { channel, content, files });
    if (answer.error) this.giveBack(channel, { ...draft, text: content }, answer.error);
  }

  /** A message did not go: where it was written it is there again, unless something else is by now. */
  giveBack(channel, draft, error) {
    if (channel !== this.channel) {
      const later = this.drafts.get(channel);
      if (!later.form && !later.text) this.drafts.set(channel, draft);
      return;
    }
    if (!this.draft.form && !this.write.value) {
      this.draft = draft;
      this.show();
    }
    this.says.textContent = error;
  }

  /** Fill in a command, with `rest` in its first option. */
  choose(command, rest = "") {
    this.close();
    const leave = () => {
      this.words();
      this.write.focus();
    };
    const used = (name, options) => {
      leave();
      this.used(name, options);
    };
    this.draft = { ...newDraft(), form: new CommandForm(command, this.channel, { act: this.act, leave, used }) };
    this.write.value = "";
    this.show();
    this.draft.form.begin(rest);
  }

  /** Files were dropped or pasted beside the fields. */
  takeFiles(list) {
    if (this.draft.form) this.draft.form.takeFiles(list);
    else {
      this.attach(true);
      this.draft.files.takeAll(list);
    }
    return true;
  }
}
