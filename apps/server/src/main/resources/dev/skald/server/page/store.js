/**
 * Conversations, kept in the browser. A conversation is a tree of messages: one that is changed or answered again gets a sibling, so
 * that nothing is lost. `shown` of a message says which of its children is on the page.
 */
const KEY = 'skald.conversations';

let all = JSON.parse(localStorage.getItem(KEY) ?? '[]');

export const conversations = () => all;

/** Returns whether there was room for all of it. */
export function save() {
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
    return true;
  } catch {
    return false;
  }
}

export function create() {
  const made = { title: '', settings: {}, children: [], shown: 0 };
  all.unshift(made);
  return made;
}

export function remove(conversation) {
  all = all.filter(other => other !== conversation);
  save();
}

/** Adds a message behind another one, or at the beginning, and shows it. */
export function add(parent, message) {
  const made = { children: [], shown: 0, ...message };
  parent.shown = parent.children.push(made) - 1;
  return made;
}

/** The messages on the page, each with the one before it. */
export function path(conversation) {
  const messages = [];
  let parent = conversation;
  while (parent.children.length > 0) {
    const message = parent.children[parent.shown];
    messages.push({ message, parent });
    parent = message;
  }
  return messages;
}
