// A command that is being filled in: required options first, the others as they are wanted.

import { announce, el, fill, icon } from "./dom.js";
import { KIND, field } from "./fields.js";

export class CommandForm {
  /** Of `command`, as it is offered in the channel with this id. `act(what, frame)` sends; `leave()` ends it without a word, `used(name, options)` with what was filled in. */
  constructor(command, channel, { act, leave, used }) {
    Object.assign(this, { command, channel, act, leave, used });
    this.fields = new Map();
    this.about = el("p", { class: "option-about", "aria-live": "polite" }, command.description);
    this.says = el("p", { class: "failed", role: "alert" });
    this.filled = el("div", { class: "filled" });
    this.more = el("div", { class: "more", role: "group", "aria-label": "Options that may be added" });
    this.submits = el("button", { class: "button primary", type: "submit" }, "Send");
    this.node = el(
      "form",
      { class: "command", "aria-label": `/${command.name}`, onsubmit: (event) => this.submit(event), onkeydown: (event) => this.pressed(event) },
      el("div", { class: "command-head" }, el("strong", {}, `/${command.name}`), this.about, el("button", { type: "button", class: "icon", "aria-label": "Leave this command", onclick: leave }, icon("close"))),
      this.filled,
      this.more,
      this.says,
      el("div", { class: "command-foot" }, el("small", {}, "Enter sends · Esc leaves"), this.submits),
    );
    for (const option of command.options.filter((one) => one.required)) this.add(option);
    this.offer();
  }

  /** Begin, with `rest` in the first option: what was typed behind the command's name. */
  begin(rest) {
    const first = this.fields.values().next().value;
    if (rest.trim() && first?.set) first.set(rest.trimStart());
    this.focus();
    announce(`/${this.command.name}: ${this.command.description}`);
  }

  focus() {
    (this.fields.values().next().value ?? this.submits).focus();
  }

  pressed(event) {
    if (event.key === "Escape") this.leave();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.tagName === "TEXTAREA") this.submit(event);
  }

  add(option) {
    const ask = async (name, typed) => {
      const answer = await this.act("autocomplete", { name: this.command.name, channel: this.channel, option: name, typed, options: this.given() });
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
    return made;
  }

  offer() {
    const left = this.command.options.filter((one) => !this.fields.has(one.name));
    fill(this.more, left.map((option) => el("button", { type: "button", class: "add", title: option.description, "data-add": option.name, onclick: () => this.add(option).focus() }, `+ ${option.name}`)));
  }

  /** Files were dropped or pasted beside the fields: into the places that are free. What has none is said. */
  takeFiles(list) {
    this.says.textContent = "";
    for (const file of list) {
      const place = this.placeForFile();
      if (place) place.takeAll([file]);
      else this.says.textContent = `/${this.command.name} has no place left for ${file.name || "a file"}.`;
    }
  }

  placeForFile() {
    const free = [...this.fields.values()].find((one) => one.isFile && one.isEmpty());
    if (free) return free;
    const option = this.command.options.find((one) => one.type === KIND.FILE && !this.fields.has(one.name));
    if (!option) return null;
    const added = this.add(option);
    added.focus();
    return added;
  }

  given() {
    return Object.fromEntries([...this.fields].map(([name, one]) => [name, one.value()]).filter(([, value]) => value !== undefined && !Number.isNaN(value)));
  }

  submit(event) {
    event.preventDefault();
    let wrong = null;
    for (const option of this.command.options) {
      const one = this.fields.get(option.name);
      if (!one) continue;
      const problem = one.problem() ?? (option.required && one.value() === undefined ? "This option is required. Specify a value." : null);
      one.problemNode.textContent = problem ?? "";
      if (problem) wrong ??= one;
    }
    if (wrong) wrong.focus();
    else this.used(this.command.name, this.given());
  }
}
