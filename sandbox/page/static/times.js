// Times as Discord's client writes them: <t:…:R> and its sisters, and the small print beside a name.

import { el } from "./dom.js";
import { now } from "./state.js";

const LOCALE = navigator.language || "en-GB";
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

const write = (seconds, style) => new Intl.DateTimeFormat(LOCALE, STYLES[style]).format(seconds * 1000);

export function relative(seconds) {
  const away = seconds - now();
  const [unit, length] = STEPS.find(([, each]) => Math.abs(away) >= each) ?? STEPS.at(-1);
  return new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" }).format(Math.round(away / length), unit);
}

/** A time in a message. `style`: Discord's letter; relative ones are kept fresh by `refresh`. */
export function time(seconds, style = "f") {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return el("span", { class: "stamp" }, "Invalid date");
  const shown = style === "R" ? relative(seconds) : write(seconds, style in STYLES ? style : "f");
  return el(
    "time",
    {
      class: "stamp",
      title: write(seconds, "F"),
      datetime: date.toISOString(),
      "data-relative": style === "R" ? String(seconds) : null,
    },
    shown,
  );
}

let today = ""; // as it was when the small print was written last

export function refresh() {
  for (const one of document.querySelectorAll("[data-relative]")) {
    const says = relative(Number(one.dataset.relative));
    if (one.textContent !== says) one.textContent = says;
  }
  if (day(now()) === today) return;
  today = day(now());
  for (const one of document.querySelectorAll("[data-beside]")) one.textContent = hour(Number(one.dataset.beside));
}

const day = (seconds) => new Date(seconds * 1000).toDateString();
const hour = (seconds) => (day(now()) === day(seconds) ? write(seconds, "t") : `${write(seconds, "d")} ${write(seconds, "t")}`);

/** The time beside a name: the hour, and the day where it is not today's. Kept so by `refresh`. */
export function beside(seconds) {
  return el("time", { class: "when", datetime: new Date(seconds * 1000).toISOString(), title: write(seconds, "F"), "data-beside": String(seconds) }, hour(seconds));
}
