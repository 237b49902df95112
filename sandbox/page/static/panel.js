// The right, which Discord has not: the bill beside the books, jobs, time, faults, the bot's process.

import { byId, el, fill, icon } from "./dom.js";
import { Faults } from "./faults.js";
import { nameOf, now, state } from "./state.js";

const JUMPS = [["15 min, past the token's life", 901], ["1 hour", 3600], ["1 day", 86_400], ["31 days", 2_678_400]];
const PACES = [["at once", 0.2], ["5 s", 5], ["30 s", 30], ["3 min, as for real", 180]];

export class Panel {
  constructor(act) {
    this.act = act;
    this.says = el("p", { id: "panel-says", role: "status" });
    this.parts = null;
  }

  async does(what, frame, done = "") {
    this.says.textContent = "";
    const answer = await this.act(what, frame);
    this.says.className = answer.error ? "failed" : "good";
    this.says.textContent = answer.error ?? done;
  }

  build() {
    const heading = (text, ...inner) => el("section", {}, el("h3", {}, text), ...inner);
    const button = (text, onclick, extra = {}) => el("button", { type: "button", class: "button secondary", onclick, ...extra }, text);
    this.parts = { books: el("div"), jobs: el("div"), clock: el("p"), pace: el("div", { class: "chips" }), bot: el("p"), log: el("pre", { class: "botlog", tabindex: "0", "aria-label": "The bot's log" }) };
    this.faults = new Faults((...what) => this.does(...what));
    const dollars = el("input", { inputmode: "decimal", size: 7, "aria-label": "Balance at the provider, in dollars", placeholder: "0.00" });
    fill(
      byId("panel"),
      el("header", {}, el("h2", {}, "Behind the scenes"), el("button", { type: "button", class: "icon", "aria-label": "Close this panel", onclick: () => byId("open-panel").click() }, icon("close"))),
      this.says,
      heading("Bill and books", this.parts.books, el("form", { class: "set", onsubmit: (event) => { event.preventDefault(); this.does("balance", { dollars: dollars.value }); } }, el("span", {}, "Set the balance to $"), dollars, el("button", { class: "button secondary" }, "Set"))),
      heading("Jobs", this.parts.jobs),
      heading("Time", this.parts.clock, el("div", { class: "chips" }, JUMPS.map(([text, seconds]) => button(`+ ${text}`, () => this.does("jump", { seconds }), { "data-jump": seconds }))), el("p", { class: "small" }, "Discord, the provider and Raybot jump together: tokens, links, videos, quotes and limits. What Raybot does by itself it sees to within half a minute."), el("p", {}, "A video takes:"), this.parts.pace),
      heading("Faults", this.faults.node),
      heading("Raybot's process", this.parts.bot, el("div", { class: "chips" }, button("Restart", () => this.does("restart", {}, "Raybot has restarted."), { "data-restart": "stop" }), button("Kill and start again", () => this.does("restart", { kill: true }, "Raybot was killed, and runs again."), { "data-restart": "kill" })), el("details", {}, el("summary", {}, "Its log"), this.parts.log)),
    );
  }

  draw() {
    const panel = state.panel;
    if (byId("panel").hidden || !panel) return;
    if (!this.parts) this.build();
    this.books(panel);
    this.jobs(panel);
    this.parts.clock.textContent = `Here it is ${new Intl.DateTimeFormat(navigator.language, { dateStyle: "medium", timeStyle: "short" }).format(now() * 1000)}, ${panel.shift ? `${relativeLength(panel.shift)} ahead of this machine` : "as on this machine"}.`;
    keep(this.parts.pace, () => PACES.map(([text, seconds]) => el("button", { type: "button", class: "chip", "data-key": String(seconds), "aria-pressed": String(Math.abs(panel.pace - seconds) < 0.01), onclick: () => this.does("pace", { seconds }) }, text)));
    this.faults.draw(panel);
    this.parts.bot.textContent = panel.running ? "It is running." : "It is not running.";
    const log = panel.log.join("\n");
    if (this.parts.log.textContent !== log) this.parts.log.textContent = log;
  }

  books(panel) {
    const ledger = panel.ledger;
    const agree = ledger && Number(ledger.billed) === Number(panel.billed);
    fill(
      this.parts.books,
      el(
        "table",
        { class: "books" },
        el("tbody", {}, row("The provider has billed", `$${panel.billed}`), row("Raybot's ledger says", ledger ? `$${ledger.billed}` : "nothing yet"), ledger && Number(ledger.overrun) ? row("of which overrun", `$${ledger.overrun}`) : null, ledger ? row("On hold", `$${ledger.held}`) : null, row("Left at the provider", `$${panel.balance}`)),
      ),
      ledger && el("p", { class: agree ? "good" : "small" }, agree ? "✓ They agree." : "They differ while a job is under way."),
    );
  }

  jobs(panel) {
    fill(
      this.parts.jobs,
      panel.jobs.length
        ? el(
            "table",
            { class: "jobs" },
            el("thead", {}, el("tr", {}, ["Job", "Who", "State", "Hold", "Cost"].map((text) => el("th", { scope: "col" }, text)))),
            el("tbody", {}, panel.jobs.map((job) => el("tr", {}, el("td", {}, el("code", {}, job.id)), el("td", {}, nameOf(job.member)), el("td", {}, el("span", { class: `state ${job.state}` }, job.state), job.reason && el("small", {}, job.reason)), el("td", {}, `$${job.hold}`), el("td", {}, cost(job))))),
          )
        : el("p", { class: "small" }, "None yet."),
    );
  }
}

const row = (name, value) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value));

function cost(job) {
  if (job.settled !== null) return job.overrun ? `$${job.settled} + $${job.overrun}` : `$${job.settled}`;
  return job.released !== null ? "released" : "…";
}

function relativeLength(seconds) {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = Math.round((seconds % 3600) / 60);
  return [days && `${days} d`, hours && `${hours} h`, minutes && `${minutes} min`].filter(Boolean).join(" ") || `${seconds} s`;
}

/** Draw again, and leave the focus where it was. */
function keep(where, make) {
  const focused = where.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  fill(where, make());
  if (focused !== null) where.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

