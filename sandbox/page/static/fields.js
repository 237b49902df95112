// What an option of a command or a field of a form is filled in with: texts, numbers, lists, files.

import { picks } from "./components.js";
import { announce, el, fill, icon, size } from "./dom.js";
import { sample, upload } from "./line.js";

export const KIND = { TEXT: 3, INTEGER: 4, BOOLEAN: 5, USER: 6, CHANNEL: 7, ROLE: 8, MENTIONABLE: 9, NUMBER: 10, FILE: 11 };
const LISTS = { [KIND.USER]: "user", [KIND.CHANNEL]: "channel", [KIND.ROLE]: "role", [KIND.MENTIONABLE]: "mentionable" };

/** A field for an option: {node, focus(), value(), problem()}. `value()` is undefined where nothing was given. */
export function field(option, { ask, changed }) {
  if (option.type === KIND.FILE) return fileField({ label: option.name, changed });
  if (option.type === KIND.BOOLEAN) return listField(option, [["true", "True"], ["false", "False"]], (text) => text === "true");
  if (option.type in LISTS) return listField(option, picks(LISTS[option.type], option.channel_types));
  if (option.choices?.length) {
    const values = new Map(option.choices.map((choice) => [String(choice.value), choice.value]));
    return listField(option, option.choices.map((choice) => [String(choice.value), choice.name]), (text) => values.get(text));
  }
  return textField(option, ask);
}

function listField(option, choices, read = (text) => text) {
  const list = el(
    "select",
    { "aria-label": option.name, "aria-required": option.required ? "true" : null, "data-option": option.name },
    el("option", { value: "" }, "Choose…"),
    choices.map(([value, text, more]) => el("option", { value }, more ? `${text} — ${more}` : text)),
  );
  return {
    node: list,
    focus: () => list.focus(),
    value: () => (list.value === "" ? undefined : read(list.value)),
    problem: () => null,
  };
}

function textField(option, ask) {
  const whole = option.type === KIND.INTEGER;
  const number = whole || option.type === KIND.NUMBER;
  const long = !number && (option.max_length ?? 6000) > 400;
  const input = el(long ? "textarea" : "input", {
    rows: long ? 1 : null,
    inputmode: number ? "decimal" : null,
    "aria-label": option.name,
    "aria-required": option.required ? "true" : null,
    "data-option": option.name,
    maxlength: number ? null : (option.max_length ?? 6000),
    placeholder: number ? range(option) : null,
    autocomplete: "off",
    spellcheck: long ? "true" : "false",
  });
  if (long) input.addEventListener("input", () => grow(input));
  const wrapped = option.autocomplete ? suggesting(input, option, ask) : null;
  return {
    node: wrapped?.node ?? input,
    focus: () => input.focus(),
    value: () => {
      const text = input.value.trim();
      if (text === "") return undefined;
      if (wrapped) return wrapped.value(text, number);
      return number ? Number(text) : input.value;
    },
    problem: () => {
      const text = input.value.trim();
      if (text === "" || wrapped) return null;
      if (!number) return text.length < (option.min_length ?? 0) ? `Write ${option.min_length} characters or more.` : null;
      const value = Number(text);
      if (Number.isNaN(value) || (whole && !Number.isInteger(value))) return `Enter a ${whole ? "whole " : ""}number.`;
      const low = option.min_value !== undefined && value < option.min_value;
      const high = option.max_value !== undefined && value > option.max_value;
      return low || high ? `Enter a number ${range(option)}.` : null;
    },
    set: (text) => {
      input.value = text;
      if (long) grow(input);
    },
  };
}

function range(option) {
  if (option.min_value === undefined && option.max_value === undefined) return "a number";
  if (option.max_value === undefined) return `from ${option.min_value}`;
  return option.min_value === undefined ? `up to ${option.max_value}` : `from ${option.min_value} to ${option.max_value}`;
}

export function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
}

let lists = 0;

/** A text box with the suggestions that the bot gives while one types. */
function suggesting(input, option, ask) {
  const id = `suggestions-${++lists}`;
  const list = el("ul", { class: "suggestions", role: "listbox", id, "aria-label": `Suggestions for ${option.name}`, hidden: true });
  const known = new Map(); // what was chosen: its text to its value
  let shown = [];
  let at = -1;
  let asked = 0;
  let pause;
  Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list" }).forEach(([name, value]) => input.setAttribute(name, value));
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    at = -1;
  };
  const choose = (choice) => {
    known.set(choice.name, choice.value);
    input.value = choice.name;
    close();
  };
  const draw = () => {
    fill(list, shown.map((choice, index) => el("li", { role: "option", id: `${id}-${index}`, "aria-selected": String(index === at), onmousedown: (event) => { event.preventDefault(); choose(choice); } }, choice.name)));
    list.hidden = shown.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (at >= 0) input.setAttribute("aria-activedescendant", `${id}-${at}`);
    else input.removeAttribute("aria-activedescendant");
  };
  const look = () => {
    clearTimeout(pause);
    const mine = ++asked;
    pause = setTimeout(async () => {
      const choices = await ask(option.name, input.value);
      if (mine !== asked || document.activeElement !== input) return;
      shown = choices;
      at = shown.length ? 0 : -1;
      draw();
      announce(`${shown.length} suggestions`);
    }, 150);
  };
  input.addEventListener("input", look);
  input.addEventListener("focus", look);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden || !shown.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") at = (at + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length;
    else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) choose(shown[at]);
    else if (event.key === "Escape") close();
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
    if (!list.hidden) draw();
  });
  const value = (text, number) => (known.has(text) ? known.get(text) : number ? Number(text) : text);
  return { node: el("span", { class: "suggesting" }, input, list), value };
}

/** A place for files: press, drag or paste; or a sample. `most` 1 unless said. */
export function fileField({ label, most = 1, changed }) {
  const files = [];
  const chosen = el("ul", { class: "chosen" });
  const says = el("span", { class: "failed", role: "alert" });
  const input = el("input", { type: "file", class: "unseen", tabindex: "-1", "aria-label": label, multiple: most > 1, "data-option": label });
  const draw = () => {
    fill(
      chosen,
      files.map((file) =>
        el(
          "li",
          {},
          icon("file"),
          ` ${file.name} `,
          el("small", {}, file.size === undefined ? "coming…" : size(file.size)),
          el("button", { type: "button", class: "plain", "aria-label": `Remove ${file.name}`, onclick: () => { files.splice(files.indexOf(file), 1); draw(); } }, icon("close")),
        ),
      ),
    );
    changed?.();
  };
  const take = async (name, coming) => {
    says.textContent = "";
    const place = { name };
    if (files.length >= most) files.length = most - 1;
    files.push(place);
    draw();
    try {
      Object.assign(place, await coming);
    } catch (error) {
      files.splice(files.indexOf(place), 1);
      says.textContent = error.message;
    }
    draw();
  };
  const takeAll = (list) => [...list].slice(0, most).forEach((file) => take(file.name, upload(file)));
  input.addEventListener("change", () => { takeAll(input.files); input.value = ""; });
  const pick = el("button", { type: "button", class: "pick", onclick: () => input.click() }, "Choose a file, drop or paste it here");
  const node = el(
    "div",
    { class: "drop", role: "group", "aria-label": `${label}: a file` },
    input,
    pick,
    el("span", { class: "samples" }, "or a sample: ", [["photo", "photo"], ["clip", "clip (5 s)"], ["long clip", "clip (12 s)"]].map(([kind, text]) => el("button", { type: "button", class: "plain", onclick: () => take(kind, sample(kind)) }, text))),
    chosen,
    says,
  );
  node.addEventListener("dragover", (event) => { event.preventDefault(); node.classList.add("over"); });
  node.addEventListener("dragleave", () => node.classList.remove("over"));
  node.addEventListener("drop", (event) => { event.preventDefault(); event.stopPropagation(); node.classList.remove("over"); takeAll(event.dataTransfer.files); });
  node.addEventListener("paste", (event) => { if (event.clipboardData.files.length) { event.preventDefault(); event.stopPropagation(); takeAll(event.clipboardData.files); } });
  const ready = () => files.filter((file) => file.id).map((file) => ({ file: file.id }));
  return {
    node,
    takeAll,
    isFile: true,
    isEmpty: () => files.length === 0,
    focus: () => pick.focus(),
    value: () => ready()[0],
    values: ready,
    problem: () => (files.length > ready().length ? "The file is still coming." : null),
  };
}
