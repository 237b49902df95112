// Elements, made from values. Text always becomes text: nothing here reads HTML.

/** An element. `what`: attributes, properties (`.value`), listeners (`onclick`); children are nodes, texts or null. */
export function el(tag, what = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(what)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name.startsWith(".")) made[name.slice(1)] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  add(made, children);
  return made;
}

function add(to, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(to, child);
    else if (child !== null && child !== undefined && child !== false && child !== "") to.append(child);
  }
}

const ICONS = {
  menu: "M3 6h18v2H3zM3 11h18v2H3zM3 16h18v2H3z",
  plus: "M11 4h2v7h7v2h-7v7h-2v-7H4v-2h7z",
  close: "M5.6 4.2 12 10.6l6.4-6.4 1.4 1.4-6.4 6.4 6.4 6.4-1.4 1.4-6.4-6.4-6.4 6.4-1.4-1.4 6.4-6.4-6.4-6.4z",
  theme: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2v14a7 7 0 0 1 0-14z",
  scenes: "M4 20V10h4v10zM10 20V4h4v16zM16 20v-7h4v7z",
  muted: "M4 9v6h4l5 4V5L8 9zM16 9.4 17.4 8l2.1 2.1L21.6 8 23 9.4l-2.1 2.1 2.1 2.1-1.4 1.4-2.1-2.1-2.1 2.1-1.4-1.4 2.1-2.1z",
  eye: "M12 6c5 0 8.6 3.6 10 6-1.4 2.4-5 6-10 6s-8.6-3.6-10-6c1.4-2.4 5-6 10-6zm0 2.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  file: "M6 2h8l5 5v15H6zm7 1.5V8h4.5z",
};

/** A picture of our own, so that none depends on which fonts there are. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "glyph");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}

/** Replace everything in `where`. */
export function fill(where, ...children) {
  where.replaceChildren();
  add(where, children);
}

export const byId = (id) => document.getElementById(id);

/** Let a screen reader say something that is seen elsewhere. */
export function announce(text) {
  byId("say").textContent = text;
}

/** A round picture for who has none: the first letter, in a colour that is theirs. */
export function avatar(name, id, extra = "") {
  const colour = Number(BigInt(id || 0) % 7n);
  return el("span", { class: `avatar hue-${colour} ${extra}`, "aria-hidden": "true" }, (name || "?")[0].toUpperCase());
}

/** A link, where the address is one that may be followed; else its text. */
export function link(href, ...children) {
  if (!/^https?:\/\//i.test(href)) return el("span", {}, ...children);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
