// A form that the bot opens. The browser's own <dialog> keeps the focus inside and closes on Escape.

import { pickList, pickedIn } from "./components.js";
import { el } from "./dom.js";
import { fileField } from "./fields.js";
import { markdown } from "./markdown.js";

let places = null; // for files, of the form that is open; null while none is

/** Files were dropped or pasted beside the fields: into the first places that are free. Whether a form is open. */
export function formTakes(list) {
  if (!places) return false;
  for (const file of list) (places.find((one) => one.isEmpty()) ?? places.at(-1))?.takeAll([file]);
  return true;
}

/** Show `modal`; `send(values)` resolves with the answer. */
export function openModal(modal, send) {
  const before = document.activeElement;
  const fields = new Map();
  const says = el("p", { class: "failed", role: "alert" });
  const submit = el("button", { type: "submit", class: "button primary" }, "Submit");
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { id: "modal-title" }, modal.title),
    modal.components.map((one) => part(one, fields)),
    says,
    el("div", { class: "modal-foot" }, el("button", { type: "button", class: "button plain", onclick: () => dialog.close() }, "Cancel"), submit),
  );
  const dialog = el("dialog", { class: "modal", "aria-labelledby": "modal-title" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = [...fields.values()].find((one) => one.problem?.());
    if (wrong) {
      says.textContent = wrong.problem();
      return;
    }
    if (submit.hasAttribute("aria-busy")) return; // it is on its way; disabled, the button would lose the focus
    submit.setAttribute("aria-busy", "true");
    const values = Object.fromEntries([...fields].map(([id, one]) => [id, one.value()]));
    const answer = await send(values);
    submit.removeAttribute("aria-busy");
    if (answer.error || answer.state === "failed") says.textContent = answer.error ?? "Something went wrong. Try again.";
    else dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    places = null;
    before?.focus?.();
  });
  places = [...fields.values()].filter((one) => one.takeAll);
  document.body.append(dialog);
  dialog.showModal();
}

function part(one, fields) {
  if (one.type === 10) return el("div", {}, markdown(one.content));
  if (one.type === 1) return el("div", {}, one.components.map((inner) => labelled({ label: inner.label, component: inner }, fields)));
  if (one.type === 18) return labelled(one, fields);
  return null;
}

let numbers = 0;

function labelled(one, fields) {
  const inner = one.component;
  const required = inner.required ?? inner.type !== 23;
  const id = `field-${++numbers}`;
  const made = input(inner, id, required, one.label ?? "");
  fields.set(inner.custom_id, made);
  const head = [one.label, required && el("span", { class: "required", "aria-hidden": "true" }, " *")];
  const grouped = made.grouped || inner.type === 19;
  const about = one.description ? `${id}-about` : null;
  if (about && !made.grouped) made.node.setAttribute("aria-describedby", about);
  return el(
    grouped ? "fieldset" : "div",
    { class: "field", "aria-describedby": made.grouped && about },
    grouped ? el("legend", {}, head) : el("label", { for: id }, head),
    about && el("p", { class: "field-about", id: about }, one.description),
    made.node,
  );
}

function input(one, id, required, label) {
  if (one.type === 4) {
    const node = el(one.style === 2 ? "textarea" : "input", { id, rows: one.style === 2 ? 4 : null, required, minlength: one.min_length, maxlength: one.max_length ?? 4000, placeholder: one.placeholder, "data-field": one.custom_id });
    node.value = one.value ?? "";
    return { node, value: () => node.value };
  }
  if (one.type === 19) {
    const files = fileField({ label, most: one.max_values ?? 1 });
    const least = required ? (one.min_values ?? 1) : 0;
    return { node: files.node, takeAll: files.takeAll, isEmpty: files.isEmpty, value: files.values, problem: () => files.problem() ?? (files.values().length < least ? `${label}: choose a file.` : null) };
  }
  if (one.type === 21 || one.type === 22) {
    const kind = one.type === 21 ? "radio" : "checkbox";
    const boxes = one.options.map((option) => el("input", { type: kind, name: id, value: option.value, required: kind === "radio" && required, ".checked": Boolean(option.default) }));
    const node = el("div", { class: "boxes" }, boxes.map((box, index) => el("label", {}, box, " ", one.options[index].label, one.options[index].description && el("small", {}, one.options[index].description))));
    const ticked = () => boxes.filter((box) => box.checked).map((box) => box.value);
    const least = kind === "checkbox" && required ? (one.min_values ?? 1) : 0;
    return { node, grouped: true, value: () => (kind === "radio" ? (ticked()[0] ?? "") : ticked()), problem: () => (ticked().length < least ? `${label}: choose ${least} or more.` : null) };
  }
  if (one.type === 23) {
    const node = el("input", { type: "checkbox", id, ".checked": Boolean(one.default) });
    return { node, value: () => node.checked };
  }
  const { list } = pickList(one, { id, required });
  return { node: list, value: () => pickedIn(list) };
}
