// The sandbox's faults in the panel: which are on, and all of them by what they happen to.

import { el, fill } from "./dom.js";

/** What a fault's name begins with, and how what it happens to is called. The first that fits counts. */
const GROUPS = [
  [/^runware: (task|result)/, "What becomes of a video"],
  [/^runware: (account|key)/, "The provider's account"],
  [/^runware: submit/, "Requests to the provider"],
  [/^runware: (poll|archive)/, "Asking the provider how far it is"],
  [/^runware: cost/, "What the provider says a video costs"],
  [/^runware: upload/, "Uploads to the provider"],
  [/^answer/, "Raybot's first answer to a command or button"],
  [/^card/, "Cards that only one member sees"],
  [/^post/, "Raybot's posts"],
  [/^edit/, "Raybot's edits of its posts"],
  [/^direct/, "Direct messages"],
  [/^gateway/, "Discord's gateway"],
  [/^start/, "Raybot's start (restart it to see them)"],
  [/^/, "Channels and what Raybot may do there"],
];

/** Draws into `node`. `does(what, frame, done)` sends, and says what came of it. */
export class Faults {
  constructor(does) {
    this.does = does;
    this.inputs = new Map();
    this.on = el("div", { class: "on-now" });
    this.find = el("input", { type: "search", class: "find", placeholder: "Find a fault, such as 429", "aria-label": "Find a fault" });
    this.find.addEventListener("input", () => this.filter());
    this.groups = el("div");
    this.none = el("p", { class: "small", role: "status" });
    this.node = el("div", {}, this.on, this.find, this.none, this.groups);
  }

  draw(panel) {
    if (!this.inputs.size) this.build(panel.faults);
    for (const one of panel.faults) if (!one.at_once) this.inputs.get(one.name).checked = one.on;
    const says = new Map(panel.faults.map((one) => [one.name, one.says]));
    const focused = this.on.contains(document.activeElement);
    fill(
      this.on,
      panel.on.length ? el("p", {}, el("strong", {}, panel.on.length === 1 ? "One is on:" : `${panel.on.length} are on:`)) : el("p", { class: "small" }, "None is on. A switch stays on until you turn it off."),
      el("ul", {}, panel.on.map((name) => el("li", {}, el("span", {}, says.get(name)), el("button", { type: "button", class: "plain", "aria-label": `Turn off: ${says.get(name)}`, onclick: () => this.does("fault", { name, on: false }) }, "Turn off")))),
      el("button", { type: "button", class: "button secondary", "data-mend": "", onclick: () => this.does("mend", {}, "Everything is mended, but for what was deleted.") }, "Mend everything"),
    );
    if (focused) this.on.querySelector("button")?.focus();
    for (const group of this.groups.children) {
      const on = group.querySelectorAll("input:checked").length;
      group.querySelector(".count").textContent = on ? `${on} on` : "";
    }
  }

  build(faults) {
    const groups = new Map(GROUPS.map(([, title]) => [title, []]));
    for (const one of faults) groups.get(GROUPS.find(([begins]) => begins.test(one.name))[1]).push(one);
    fill(
      this.groups,
      [...groups].map(([title, some]) => el("details", { class: "group" }, el("summary", {}, title, " ", el("span", { class: "count" })), some.map((one) => this.one(one)))),
    );
  }

  one(fault) {
    const about = el("span", {}, fault.says, " ", el("code", {}, fault.name));
    if (fault.at_once)
      return el("div", { class: "switch", "data-fault": fault.name }, about, el("button", { type: "button", class: "chip", "data-key": fault.name, "aria-label": `Now: ${fault.says}`, onclick: () => this.does("happen", { name: fault.name }, `It happened: ${fault.says}`) }, "Now"));
    const input = el("input", { type: "checkbox", role: "switch", "data-key": fault.name, onchange: () => this.does("fault", { name: fault.name, on: input.checked }) });
    this.inputs.set(fault.name, input);
    return el("label", { class: "switch", "data-fault": fault.name }, input, about);
  }

  filter() {
    const text = this.find.value.trim().toLowerCase();
    let found = 0;
    for (const group of this.groups.children) {
      const all = group.querySelector("summary").textContent.toLowerCase().includes(text);
      const some = [...group.querySelectorAll("[data-fault]")];
      for (const one of some) one.hidden = !(all || one.textContent.toLowerCase().includes(text));
      const left = some.filter((one) => !one.hidden).length;
      group.hidden = left === 0;
      group.open = text !== "" && left > 0;
      found += left;
    }
    this.none.textContent = text === "" ? "" : found ? `${found} found.` : "There is no such fault.";
  }
}
