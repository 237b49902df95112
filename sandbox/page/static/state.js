// What this window knows, as it was told; and where in it this person looks.

export const state = {
  world: null,
  channel: null, // the id of the one that is open
  messages: new Map(), // by channel: a Map of messages by id
  notices: new Map(), // by channel: what only this window says, such as that a command failed
  dismissed: new Set(),
  unread: new Set(), // channels
  panel: null,
};

export const channelOf = (id) => state.world?.channels.find((one) => one.id === id);
export const here = () => channelOf(state.channel);
export const nameOf = (id) => state.world?.users[id] ?? "unknown-user";
export const roleOf = (id) => state.world?.roles.find((one) => one.id === id);
export const isMe = (id) => state.world?.me === id;

/** The sandbox's present, in seconds: its clock may be ahead of this machine's. */
export const now = () => Date.now() / 1000 + (state.world?.shift ?? 0);

/** The time of a snowflake, in seconds. */
export const timeOf = (id) => Number((BigInt(id) >> 22n) + 1420070400000n) / 1000;

/** Whether an address is the sandbox's own, and so may be shown and played. */
export const isOurs = (url) => (state.world?.origins ?? []).some((origin) => String(url).startsWith(`${origin}/`));

export function inOrder(messages) {
  return [...messages].sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
}

/** Every slash command that is offered here, sub-commands one by one: {name, description, options, leaf}. */
export function offered() {
  const offers = new Set(here()?.offers ?? []);
  const found = [];
  for (const command of state.world?.commands ?? []) {
    if (command.type === 1 && offers.has(command.id)) leaves(command, command.name, found);
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The names of what is offered here on a message. */
export function menusHere() {
  const offers = new Set(here()?.offers ?? []);
  return (state.world?.commands ?? []).filter((one) => one.type === 3 && offers.has(one.id)).map((one) => one.name).sort();
}

function leaves(part, name, found) {
  const nested = (part.options ?? []).filter((option) => option.type <= 2);
  if (nested.length) for (const option of nested) leaves(option, `${name} ${option.name}`, found);
  else found.push({ name, description: part.description, options: part.options ?? [] });
}
