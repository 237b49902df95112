// Discord's markdown, as nodes. What is written is only ever put into text nodes and checked links.

import { el, link } from "./dom.js";
import { channelOf, isMe, nameOf, roleOf } from "./state.js";
import { time } from "./times.js";

const DEEPEST = 12; // a text nested deeper is shown as it is written

/** The blocks of a text: paragraphs, headings, subtext, quotes, lists, code. */
export function markdown(text, depth = 0) {
  const lines = String(text ?? "").replaceAll("\r\n", "\n").split("\n");
  const blocks = [];
  let plain = [];
  const flush = () => {
    if (plain.length) blocks.push(el("div", { class: "text" }, inline(plain.join("\n"), depth)));
    plain = [];
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    const rest = lines.slice(at).join("\n");
    let found;
    if (depth > DEEPEST) plain.push(line);
    else if (line.includes("```") && (found = /^([^]*?)```(?:([\w+#.-]*)\n)?\n*([^]+?)\n*```/.exec(rest)) && !found[1].includes("\n")) {
      if (found[1]) plain.push(found[1]);
      flush();
      blocks.push(el("pre", { "data-language": found[2] || null }, el("code", {}, found[3])));
      const after = rest.slice(found[0].length).replace(/^\n/, "");
      lines.splice(at + 1, lines.length, ...(after ? after.split("\n") : []));
    } else if (line.startsWith(">>> ")) {
      flush();
      blocks.push(el("blockquote", {}, markdown([line.slice(4), ...lines.slice(at + 1)].join("\n"), depth + 1)));
      break;
    } else if (/^> /.test(line)) {
      flush();
      const quoted = [];
      while (at < lines.length && /^>( |$)/.test(lines[at])) quoted.push(lines[at++].slice(2));
      at--;
      blocks.push(el("blockquote", {}, markdown(quoted.join("\n"), depth + 1)));
    } else if ((found = /^(#{1,3})\s+(.+)/.exec(line))) {
      flush();
      const level = found[1].length + 2; // the page's own headings come before
      blocks.push(el(`h${level}`, { class: `heading-${found[1].length}` }, inline(found[2], depth + 1)));
    } else if ((found = /^-#\s+(.+)/.exec(line))) {
      flush();
      blocks.push(el("small", { class: "subtext" }, inline(found[1], depth + 1)));
    } else if (/^\s*([-*]|\d+\.)\s+\S/.test(line)) {
      flush();
      const ordered = /^\s*\d/.test(line);
      const items = [];
      const item = ordered ? /^\s*\d+\.\s+(.*)/ : /^(\s*)[-*]\s+(.*)/;
      while (at < lines.length && (found = item.exec(lines[at]))) {
        const nested = !ordered && found[1].length >= 2;
        items.push(el("li", { class: nested ? "nested" : null }, inline(found.at(-1), depth + 1)));
        at++;
      }
      at--;
      const start = ordered ? /\d+/.exec(line)[0] : null;
      blocks.push(el(ordered ? "ol" : "ul", { start }, items));
    } else plain.push(line);
  }
  flush();
  return blocks;
}

// In the order in which they are tried where a text has one of these signs.
const SPANS = [
  [/^\\([^\w\s])/, (m) => m[1]],
  [/^``([^]+?)``(?!`)/, (m) => el("code", {}, m[1].trim())],
  [/^`([^`]+)`/, (m) => el("code", {}, m[1])],
  [/^<@!?(\d{1,20})>/, (m) => mention(`@${nameOf(m[1])}`, isMe(m[1]))],
  [/^<@&(\d{1,20})>/, (m) => mention(`@${roleOf(m[1])?.name ?? "unknown-role"}`)],
  [/^<#(\d{1,20})>/, (m) => mention(`#${channelOf(m[1])?.name ?? "unknown"}`)],
  [/^<\/([-\w ]{1,98}):\d{1,20}>/, (m) => mention(`/${m[1]}`)],
  [/^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, (m) => time(Number(m[1]), m[2] ?? "f")],
  [/^<(https?:\/\/[^\s<>]+)>/i, (m) => link(m[1], m[1])],
  [/^\[([^\]\n]+)\]\(<?(https?:\/\/[^\s<>)]+)>?(?:\s+"[^"\n]*")?\)/i, (m, d) => link(m[2], inline(m[1], d + 1))],
  [/^https?:\/\/[^\s<>]*[^\s<>.,:;"'\])!?*_~|]/i, (m) => link(m[0], m[0])],
  [/^\|\|([^]+?)\|\|/, (m, d) => spoiler(inline(m[1], d + 1))],
  [/^\*\*\*([^]+?)\*\*\*/, (m, d) => el("strong", {}, el("em", {}, inline(m[1], d + 1)))],
  [/^\*\*([^]+?)\*\*(?!\*)/, (m, d) => el("strong", {}, inline(m[1], d + 1))],
  [/^__([^]+?)__(?!_)/, (m, d) => el("u", {}, inline(m[1], d + 1))],
  [/^~~([^]+?)~~/, (m, d) => el("s", {}, inline(m[1], d + 1))],
  [/^\*(?=\S)([^*]*?\S)\*(?!\*)/, (m, d) => el("em", {}, inline(m[1], d + 1))],
  [/^_(?=\S)([^_]*?\S)_(?!\w)/, (m, d) => el("em", {}, inline(m[1], d + 1))],
];

/** What stands in a line (or lines): nodes and texts. */
export function inline(text, depth = 0) {
  if (depth > DEEPEST) return [text];
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at, at + 4500);
    let found = null;
    if (/[\\`<[h|*_~]/i.test(rest[0]) && !(/\w/.test(rest[0]) && /\w/.test(text[at - 1] ?? ""))) {
      for (const [pattern, make] of SPANS) {
        const match = pattern.exec(rest);
        if (match) {
          found = [match[0].length, make(match, depth)];
          break;
        }
      }
    }
    if (!found) {
      plain += text[at++];
      continue;
    }
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(found[1]);
    at += found[0];
  }
  if (plain) nodes.push(plain);
  return nodes;
}

const mention = (text, mine = false) => el("span", { class: mine ? "mention mine" : "mention" }, text);

function spoiler(inner) {
  const reveal = (event) => {
    event.currentTarget.classList.add("shown");
    event.currentTarget.removeAttribute("role");
    event.currentTarget.setAttribute("aria-label", event.currentTarget.textContent);
  };
  return el(
    "span",
    {
      class: "spoiler",
      role: "button",
      tabindex: "0",
      "aria-label": "Spoiler: press to show",
      onclick: reveal,
      onkeydown: (event) => (event.key === "Enter" || event.key === " ") && reveal(event),
    },
    el("span", {}, inner),
  );
}
