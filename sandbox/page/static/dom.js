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
  const colour = Number(BigInt(id || 0) >> 22n) % 7;
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
