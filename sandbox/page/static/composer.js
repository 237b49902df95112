// The box at the foot: words, or a command with its options.

import { announce, byId, el, fill, icon } from "./dom.js";
import { field, fileField, grow } from "./fields.js";
import { here, offered } from "./state.js";

/** `act(what, frame)` sends; `used(name, options)` uses a command. */
export class Composer {
  constructor(act, used) {
    this.act = act;
    this.used = used;
    this.at = 0;
    this.box = byId("compose");
    this.command = null;
    this.list = el("ul", { id: "picker", role: "listbox", "aria-label": "Commands", hidden: true });
    this.says = el("p", { class: "failed", role: "alert" });
    this.write = el("textarea", { id: "write", rows: 1, maxlength: 2000, role: "combobox", "aria-expanded": "false", "aria-controls": "picker", "aria-autocomplete": "list" });
    this.write.addEventListener("input", () => this.typed());
    this.write.addEventListener("keydown", (event) => this.pressed(event));
    this.words();
  }

  /** Say where one writes. */
  place() {
    const channel = here();
    const writable = channel?.writable ?? false;
    const name = channel?.direct ? "@Raybot" : `#${channel?.name ?? ""}`;
    this.write.placeholder = writable ? `Message ${name}, or type / for commands` : `You may not write in ${name}; commands work: type /`;
    this.write.setAttribute("aria-label", `Message ${name}. Type a slash for commands.`);
    if (this.command && !offered().some((one) => one.name === this.command.name)) this.words();
  }

  words() {
    this.command = null;
    this.says.textContent = "";
    this.files = fileField({ label: "Files of this message", most: 10 });
    this.files.node.hidden = true;
    this.clip = el("button", { type: "button", class: "icon", "aria-label": "Attach files", "aria-expanded": "false", onclick: () => this.attach(this.files.node.hidden) }, icon("file"));
    fill(this.box, this.list, this.says, el("div", { class: "write" }, el("button", { type: "button", class: "icon", "aria-label": "Commands", onclick: () => this.start() }, icon("plus")), this.write, this.clip), this.files.node);
  }

  attach(open) {
    this.files.node.hidden = !open;
    this.clip.setAttribute("aria-expanded", String(open));
    if (open) this.files.focus();
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
    const files = this.files.values();
    if (!content && !files.length) return;
    if (content.startsWith("/")) {
      this.says.textContent = "No command here is called that.";
      return;
    }
    const wrong = this.files.problem();
    if (wrong) {
      this.says.textContent = wrong;
      return;
    }
    this.write.value = "";
    grow(this.write);
    const answer = await this.act("say", { channel: here().id, content, files });
    if (answer.error) {
      this.says.textContent = answer.error;
      this.write.value = content;
    } else if (files.length && !this.command) {
      this.words();
      this.write.focus();
    }
  }

  /** Fill in a command: required options first, the others as they are wanted. */
  choose(command, rest = "") {
    this.close();
    this.write.value = "";
    grow(this.write);
    this.command = command;
    this.fields = new Map();
    this.about = el("p", { class: "option-about", "aria-live": "polite" }, command.description);
    this.says.textContent = "";
    this.filled = el("div", { class: "filled" });
    this.more = el("div", { class: "more", role: "group", "aria-label": "Options that may be added" });
    const form = el(
      "form",
      { class: "command", "aria-label": `/${command.name}` },
      el("div", { class: "command-head" }, el("strong", {}, `/${command.name}`), this.about, el("button", { type: "button", class: "icon", "aria-label": "Leave this command", onclick: () => this.leave() }, icon("close"))),
      this.filled,
      this.more,
      this.says,
      el("div", { class: "command-foot" }, el("small", {}, "Enter sends · Esc leaves"), el("button", { class: "button primary", type: "submit" }, "Send")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.leave();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.tagName === "TEXTAREA") {
        event.preventDefault();
        this.submit();
      }
    });
    fill(this.box, form);
    for (const option of command.options.filter((one) => one.required)) this.add(option, false);
    this.offer();
    const first = this.fields.values().next().value;
    if (rest.trim() && first?.set) first.set(rest.trimStart());
    (first ?? { focus: () => form.querySelector("[type=submit]").focus() }).focus();
    announce(`/${command.name}: ${command.description}`);
  }

  leave() {
    this.words();
    this.write.focus();
  }

  add(option, focus = true) {
    const ask = async (name, typed) => {
      const answer = await this.act("autocomplete", { name: this.command.name, channel: here().id, option: name, typed, options: this.given() });
      return answer.choices ?? [];
    };
    const made = field(option, { ask });
    made.problemNode = el("span", { class: "failed", role: "alert" });
    this.fields.set(option.name, made);
    const box = el(
      "div",
      { class: made.isFile ? "option wide" : "option" },
      el("span", { class: "option-name", "aria-hidden": "true" }, option.name),
      made.node,
      !option.required && el("button", { type: "button", class: "plain", "aria-label": `Leave ${option.name} out`, onclick: () => { this.fields.delete(option.name); box.remove(); this.offer(); } }, icon("close")),
      made.problemNode,
    );
    box.addEventListener("focusin", () => { this.about.textContent = option.description; });
    this.filled.append(box);
    this.offer();
    if (focus) made.focus();
    return made;
  }

  offer() {
    const left = this.command.options.filter((one) => !this.fields.has(one.name));
    fill(this.more, left.map((option) => el("button", { type: "button", class: "add", title: option.description, "data-add": option.name, onclick: () => this.add(option) }, `+ ${option.name}`)));
  }

  /** Files were dropped or pasted beside the fields: into the places that are free. What has none is said. */
  takeFiles(list) {
    if (!this.command) {
      this.attach(true);
      this.files.takeAll(list);
      return true;
    }
    this.says.textContent = "";
    for (const file of list) {
      const place = this.placeForFile();
      if (place) place.takeAll([file]);
      else this.says.textContent = `/${this.command.name} has no place left for ${file.name || "a file"}.`;
    }
    return true;
  }

  placeForFile() {
    const free = [...this.fields.values()].find((one) => one.isFile && one.isEmpty());
    if (free) return free;
    const option = this.command.options.find((one) => one.type === 11 && !this.fields.has(one.name));
    return option && this.add(option);
  }

  given() {
    return Object.fromEntries([...this.fields].map(([name, one]) => [name, one.value()]).filter(([, value]) => value !== undefined && !Number.isNaN(value)));
  }

  submit() {
    let wrong = null;
    for (const option of this.command.options) {
      const one = this.fields.get(option.name);
      if (!one) continue;
      const problem = one.problem() ?? (option.required && one.value() === undefined ? "This option is required. Specify a value." : null);
      one.problemNode.textContent = problem ?? "";
      if (problem) wrong ??= one;
    }
    if (wrong) {
      wrong.focus();
      return;
    }
    const [name, options] = [this.command.name, this.given()];
    this.leave();
    this.used(name, options);
  }
}
