// The line to the sandbox: one WebSocket. What is done gets a number, and its answers come back under it.

export class Line {
  /** `heard` gets every frame that is no answer; `up` is told when the line opens (true) or is lost (false). */
  constructor(heard, up) {
    this.heard = heard;
    this.up = up;
    this.number = 0;
    this.waiting = new Map();
    this.open();
  }

  open() {
    this.socket = new WebSocket(`ws://${location.host}/window`);
    this.socket.onopen = () => this.up(true);
    this.socket.onmessage = (event) => {
      const frame = JSON.parse(event.data);
      if (frame.type === "answer") this.waiting.get(String(frame.re))?.(frame);
      else this.heard(frame);
    };
    this.socket.onclose = () => {
      for (const answer of this.waiting.values()) answer({ error: "The sandbox is not there." });
      this.waiting.clear();
      this.up(false);
      setTimeout(() => this.open(), 1000);
    };
  }

  /** Do something. Resolves with the answer that ends it: `done`, `choices`, `error`, or a `state` that is not pending. */
  act(what, frame = {}) {
    const re = String(++this.number);
    return new Promise((resolve) => {
      if (this.socket.readyState !== WebSocket.OPEN) {
        resolve({ error: "The sandbox is not there." });
        return;
      }
      this.waiting.set(re, (answer) => {
        if (answer.state === "pending") return;
        this.waiting.delete(re);
        resolve({ ...answer, re });
      });
      this.socket.send(JSON.stringify({ do: what, re, ...frame }));
    });
  }
}

/** Give a file to the sandbox, which keeps it until it is sent: {id, name, size, kind}. */
export async function upload(file) {
  const name = encodeURIComponent(file.name || "pasted.png");
  return kept(await fetch(`/files?name=${name}`, { method: "POST", body: file }));
}

/** A sample that the sandbox makes: "photo", "clip" or "long clip". */
export async function sample(kind) {
  return kept(await fetch(`/samples/${encodeURIComponent(kind)}`, { method: "POST" }));
}

async function kept(response) {
  if (!response.ok) throw new Error(response.status === 413 ? "This file is too large." : "The sandbox did not take it.");
  return response.json();
}
