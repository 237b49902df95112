// Pictures, players and files. Only the sandbox's own addresses are loaded; any other is a link.

import { el, icon, link, size } from "./dom.js";
import { isOurs, now } from "./state.js";

const KINDS = { mp4: "video", webm: "video", mov: "video", png: "image", jpg: "image", jpeg: "image", gif: "image", webp: "image" };
const players = new Map(); // by address without its signature: an edit of a message does not stop what plays

export const bare = (url) => String(url).split("?")[0];

function kindOf(url, type = "") {
  const ending = bare(url).split(".").at(-1).toLowerCase();
  return KINDS[ending] ?? (/^(video|image)\//.exec(type)?.[1] ?? null);
}

/** A picture or a player for an address; null where it is neither, or not the sandbox's. */
export function media(url, { description = "", type = "", owner = "", spoiler = false } = {}) {
  if (!isOurs(url)) return null;
  const kind = kindOf(url, type);
  if (kind === "image") return hidden(spoiler, picture(url, description));
  if (kind !== "video") return null;
  const key = `${owner} ${bare(url)}`;
  if (!players.has(key)) {
    if (players.size > 60) players.clear();
    const player = el("video", {
      src: url,
      controls: true,
      preload: "metadata",
      playsinline: true,
      class: "player",
      "aria-label": description || `Video ${bare(url).split("/").at(-1)}`,
    });
    player.addEventListener("error", () => {
      const gone = el("p", { class: "gone" }, "This video cannot be loaded any more.");
      player.replaceWith(gone);
      players.delete(key);
    });
    players.set(key, player);
  } else renew(players.get(key), url);
  return hidden(spoiler, players.get(key));
}

/** Give a player whose link has run out the new one, unless it plays. Discord's links say when they end, in hexadecimal. */
function renew(player, url) {
  const ends = parseInt(new URL(player.src).searchParams.get("ex"), 16);
  if (ends < now() && player.paused) player.src = url;
}

function picture(url, description) {
  const image = el("img", { src: url, alt: description || "Picture", loading: "lazy", class: "picture" });
  image.addEventListener("error", () => image.replaceWith(el("p", { class: "gone" }, "This picture cannot be loaded any more.")));
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", class: "framed" }, image);
}

function hidden(spoiler, inner) {
  if (!spoiler) return inner;
  const cover = el("button", { type: "button", class: "cover" }, "Spoiler: press to show");
  const box = el("div", { class: "covered" }, inner, cover);
  cover.addEventListener("click", () => {
    cover.remove();
    box.classList.add("shown");
  });
  return box;
}

/** An attached file: shown where it can be, else as a line with its name and size. */
export function attachment(file, owner) {
  const shown = media(file.url, { description: file.description, type: file.content_type, owner });
  if (shown) return el("div", { class: "attachment" }, shown);
  return fileLine(file.filename, file.size, file.url);
}

export function fileLine(name, bytes, url) {
  return el(
    "div",
    { class: "file" },
    icon("file"),
    el("span", {}, isOurs(url) ? link(url, name) : name, el("small", {}, size(bytes ?? 0))),
  );
}
