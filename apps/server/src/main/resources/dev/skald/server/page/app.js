import { marked } from './lib/marked.js';
import purify from './lib/purify.js';
import * as api from './api.js';
import * as store from './store.js';
import { otherLanguage, t, translate } from './text.js';

const NUMBERS = ['temperature', 'top_p', 'max_tokens', 'seed'];
/** Nothing that a model writes loads anything from anywhere. */
const CLEAN = { FORBID_TAGS: ['img', 'style', 'form', 'input', 'video', 'audio', 'svg', 'math'], FORBID_ATTR: ['style'] };

const $ = id => document.getElementById(id);
const list = $('list');
const messages = $('messages');
const input = $('input');

let current = store.conversations()[0] ?? store.create();
/** What stops the answer that is being written; null when there is none. */
let writing = null;

// HTML in an answer is shown as it is written, and not obeyed.
marked.use({ renderer: { html: ({ text }) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;') } });

purify.addHook('afterSanitizeAttributes', node => {
  if (node.tagName === 'A') {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer');
  }
});

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      made.addEventListener(name.slice(2), value);
    } else {
      made[name] = value;
    }
  }
  made.append(...children);
  return made;
}

// The list of conversations.

function showList() {
  list.replaceChildren(...store.conversations().map(conversation => {
    const item = element('li', {},
      element('button', {
        className: 'title', textContent: conversation.title || t('untitled'), title: conversation.title,
        onclick: () => open(conversation),
      }),
      element('button', {
        className: 'delete', textContent: '×', ariaLabel: t('delete'), onclick: () => remove(conversation),
      }));
    item.setAttribute('aria-current', conversation === current);
    return item;
  }));
}

function open(conversation) {
  writing?.abort();
  current = conversation;
  closeMenu();
  show();
  input.focus();
}

function remove(conversation) {
  if (conversation.children.length > 0 && !confirm(t('sure'))) {
    return;
  }
  store.remove(conversation);
  open(conversation === current ? store.conversations()[0] ?? store.create() : current);
}

function closeMenu() {
  document.body.classList.remove('menu');
  $('menu').setAttribute('aria-expanded', false);
}

function fresh() {
  open(store.conversations().find(conversation => conversation.children.length === 0) ?? store.create());
}

// Messages.

function markdown(text) {
  const body = element('div', { className: 'body', innerHTML: purify.sanitize(marked.parse(text), CLEAN) });
  for (const block of body.querySelectorAll('pre')) {
    block.append(copyButton(() => block.querySelector('code')?.textContent ?? '', 'copy'));
  }
  return body;
}

/** A button that copies a text; nothing where the browser does not allow it, as on a page of another machine without TLS. */
function copyButton(text, className = '') {
  if (!navigator.clipboard) {
    return '';
  }
  return element('button', {
    type: 'button', className, textContent: t('copy'),
    onclick: async event => {
      await navigator.clipboard.writeText(text());
      event.target.textContent = t('copied');
    },
  });
}

/** Numbers of an answer: how many tokens, and how fast. */
function statistics(message) {
  const parts = [];
  if (message.usage) {
    const cached = message.usage.prompt_tokens_details?.cached_tokens ?? 0;
    parts.push(`${message.usage.prompt_tokens}${cached ? ` (${cached} ${t('cached')})` : ''} + `
      + `${message.usage.completion_tokens} ${t('tokens')}`);
    if (message.speed > 0) {
      parts.push(`${message.speed.toLocaleString(t('locale'), { maximumFractionDigits: 1 })} ${t('tokens')}/s`);
    }
  }
  if (message.stopped) {
    parts.push(t('stopped'));
  }
  if (message.finish === 'length') {
    parts.push(t('cut'));
  }
  return element('span', { textContent: parts.join(' · ') });
}

/** Which of several versions this is, and the way to the others. */
function versions(message, parent) {
  const count = parent.children.length;
  if (count < 2 || writing) {
    return [];
  }
  const at = parent.children.indexOf(message);
  const step = by => () => {
    parent.shown = at + by;
    store.save();
    show();
  };
  return [
    element('button', { textContent: '‹', ariaLabel: t('previous'), disabled: at === 0, onclick: step(-1) }),
    `${at + 1}/${count}`,
    element('button', { textContent: '›', ariaLabel: t('next'), disabled: at === count - 1, onclick: step(1) }),
  ];
}

function edit(view, message, parent) {
  const field = element('textarea', { className: 'edit', value: message.content, rows: 4 });
  const form = element('form', {
    onsubmit: event => {
      event.preventDefault();
      if (field.value.trim() !== '') {
        run(store.add(parent, { role: 'user', content: field.value.trim() }));
      }
    },
    onkeydown: event => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        show();
      } else if (event.target === field && isSend(event)) {
        event.preventDefault();
        form.requestSubmit();
      }
    },
  }, field, element('div', { className: 'tools' },
    element('button', { type: 'submit', textContent: t('save') }),
    element('button', { type: 'button', textContent: t('cancel'), onclick: show })));
  view.replaceChildren(form);
  field.focus();
}

/** A call: its function, and the arguments to unfold. */
function call({ function: { name, arguments: given } }) {
  let shown = given;
  try {
    shown = JSON.stringify(JSON.parse(given), null, 2);
  } catch {
    // It is not whole yet.
  }
  return element('div', { className: 'call' },
    element('details', { open: true }, element('summary', { textContent: `${t('call')}: ${name}` }),
      element('pre', { textContent: shown })));
}

/** Where the results of calls are written, as nobody else computes them. */
function results(message) {
  const fields = message.calls.map(one => element('textarea', { rows: 1, placeholder: `${t('result')}: ${one.function.name}` }));
  return element('form', {
    className: 'results',
    onsubmit: event => {
      event.preventDefault();
      let last = message;
      message.calls.forEach((one, i) => {
        last = store.add(last, { role: 'tool', tool_call_id: one.id, content: fields[i].value });
      });
      run(last);
    },
  }, ...fields, element('button', { type: 'submit', textContent: t('reply') }));
}

function view({ message, parent }) {
  const made = element('article', { className: `message ${message.role}` });
  made.setAttribute('aria-label', t(message.role === 'user' ? 'you' : 'answer'));
  const tools = element('div', { className: 'tools' });
  if (message.role === 'tool') {
    made.append(element('div', { className: 'body', textContent: `${t('result')}: ${message.content}` }));
    return made;
  }
  if (message.role === 'user') {
    made.append(element('div', { className: 'body', textContent: message.content }));
    tools.append(element('button', { textContent: t('edit'), onclick: () => edit(made, message, parent) }));
  } else {
    if (message.reasoning) {
      made.append(element('details', { open: message.thinking === true },
        element('summary', { textContent: t('thinking') }), message.reasoning));
    }
    made.append(markdown(message.content));
    made.append(...(message.calls ?? []).map(call));
    if (message.calls?.length > 0 && message.children.length === 0 && !writing) {
      made.append(results(message));
    }
    if (message.error) {
      made.append(element('p', { className: 'error', textContent: message.error }));
    }
    tools.append(statistics(message), copyButton(() => message.content),
      element('button', { textContent: t('again'), onclick: () => run(parent) }));
  }
  tools.append(...versions(message, parent));
  if (!writing || message.role === 'user') {
    made.append(tools);
  }
  return made;
}

function show() {
  const shown = store.path(current).map(view);
  messages.replaceChildren(...(shown.length > 0 ? shown
    : [element('p', { className: 'empty', textContent: t('welcome') })]));
  messages.scrollTop = messages.scrollHeight;
  $('send').hidden = writing !== null;
  $('stop').hidden = writing === null;
  showList();
}

// Answers.

function request(until) {
  const all = [];
  for (const { message } of store.path(current)) {
    const sent = { role: message.role, content: message.content };
    if (message.calls?.length > 0) {
      sent.tool_calls = message.calls;
    }
    if (message.tool_call_id) {
      sent.tool_call_id = message.tool_call_id;
    }
    all.push(sent);
    if (message === until) {
      break;
    }
  }
  if (current.settings.system) {
    all.unshift({ role: 'system', content: current.settings.system });
  }
  const numbers = NUMBERS.filter(name => current.settings[name] !== undefined)
    .map(name => [name, current.settings[name]]);
  const tools = current.settings.tools?.map(tool => tool.function ? tool : { type: 'function', function: tool });
  return { model: $('model').value || undefined, messages: all, tools, ...Object.fromEntries(numbers) };
}

function take(message, event) {
  const choice = event.choices[0];
  message.usage = event.usage ?? message.usage;
  // The server's clock, as a browser may get several tokens at once.
  message.speed = event.timings?.predicted_per_second ?? message.speed;
  if (!choice) {
    return;
  }
  message.content += choice.delta.content ?? '';
  message.reasoning += choice.delta.reasoning_content ?? '';
  message.thinking = message.content === '' && message.reasoning !== '';
  message.finish = choice.finish_reason ?? message.finish;
  for (const call of choice.delta.tool_calls ?? []) {
    const own = message.calls[call.index] ??= { id: call.id, type: 'function', function: { name: '', arguments: '' } };
    own.function.name += call.function?.name ?? '';
    own.function.arguments += call.function?.arguments ?? '';
  }
}

/** Has the model answer a question. */
async function run(question) {
  writing?.abort();
  const stop = writing = new AbortController();
  const own = current;
  own.title ||= (question.content ?? '').trim().slice(0, 60);
  const message = store.add(question, { role: 'assistant', content: '', reasoning: '', calls: [] });
  show();
  $('status').textContent = `${t('reading')} …`;
  let drawn = 0;
  try {
    for await (const event of api.answer(request(question), stop.signal)) {
      take(message, event);
      if (message.content || message.reasoning) {
        $('status').textContent = '';
      }
      // Drawing Markdown anew for each token would cost more than the token.
      if (own === current && performance.now() - drawn > 50) {
        drawn = performance.now();
        draw(message);
      }
    }
  } catch (error) {
    if (stop.signal.aborted) {
      message.stopped = true;
    } else {
      message.error = error instanceof TypeError ? t('offline') : error.message;
    }
  } finally {
    message.thinking = false;
    if (writing === stop) {
      writing = null;
      $('status').textContent = '';
    }
    if (!store.save()) {
      $('status').textContent = t('full');
    }
    if (own === current) {
      show();
    }
  }
}

/** The answer that is being written is the last one on the page. */
function draw(message) {
  const near = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80;
  const before = messages.lastElementChild;
  const after = view(store.path(current).find(one => one.message === message));
  // What the reader has unfolded stays so; thoughts fold away when the answer begins.
  if (before.querySelector('.body')?.textContent) {
    const folds = before.querySelectorAll('details');
    after.querySelectorAll('details').forEach((fold, i) => { fold.open = folds[i]?.open ?? fold.open; });
  }
  before.replaceWith(after);
  if (near) {
    messages.scrollTop = messages.scrollHeight;
  }
}

function send() {
  const text = input.value.trim();
  if (text === '') {
    return;
  }
  input.value = '';
  grow();
  const before = store.path(current).at(-1)?.message ?? current;
  run(store.add(before, { role: 'user', content: text }));
}

// Settings and keys.

/** Whether a key sends a text. Shift+Enter begins a new line, and Enter may choose a word of an input method. */
function isSend(event) {
  return event.key === 'Enter' && !event.shiftKey && !event.isComposing;
}

function grow() {
  input.style.height = 'auto';
  input.style.height = `${input.scrollHeight + 2}px`;
}

function openSettings() {
  const form = $('settings').querySelector('form');
  form.system.value = current.settings.system ?? '';
  form.tools.value = current.settings.tools ? JSON.stringify(current.settings.tools, null, 2) : '';
  $('tools-wrong').hidden = true;
  form.key.value = sessionStorage.getItem('skald.key') ?? '';
  NUMBERS.forEach(name => { form[name].value = current.settings[name] ?? ''; });
  $('settings').showModal();
}

/** The list of tools that a text is; null if it is none. */
function readTools(text) {
  try {
    const tools = JSON.parse(text.trim() || '[]');
    return Array.isArray(tools) && tools.every(tool => typeof (tool?.function ?? tool)?.name === 'string') ? tools : null;
  } catch {
    return null;
  }
}

$('settings').querySelector('form').addEventListener('submit', event => {
  const wrong = readTools(event.target.tools.value) === null;
  $('tools-wrong').hidden = !wrong;
  $('tools-wrong').textContent = t('wrong');
  if (wrong) {
    event.preventDefault();
    event.target.tools.focus();
  }
});

$('settings').addEventListener('close', () => {
  const form = $('settings').querySelector('form');
  current.settings = form.system.value.trim() ? { system: form.system.value } : {};
  const tools = readTools(form.tools.value);
  if (tools?.length > 0) {
    current.settings.tools = tools;
  }
  for (const name of NUMBERS) {
    if (form[name].value !== '' && form[name].checkValidity()) {
      current.settings[name] = Number(form[name].value);
    }
  }
  if (form.key.value) {
    sessionStorage.setItem('skald.key', form.key.value);
  } else {
    sessionStorage.removeItem('skald.key');
  }
  store.save();
  loadModels();
});

async function loadModels() {
  try {
    const names = await api.models();
    const chosen = localStorage.getItem('skald.model');
    $('model').replaceChildren(...names.map(name => element('option', { value: name, textContent: name })));
    if (names.includes(chosen)) {
      $('model').value = chosen;
    }
    $('status').textContent = '';
  } catch (error) {
    $('status').textContent = error instanceof TypeError ? t('offline') : error.message;
  }
}

function words() {
  translate();
  $('language').textContent = t('language');
  input.placeholder = t('ask');
  input.setAttribute('aria-label', t('ask'));
  show();
}

$('compose').addEventListener('submit', event => {
  event.preventDefault();
  send();
});
input.addEventListener('input', grow);
input.addEventListener('keydown', event => {
  if (isSend(event)) {
    event.preventDefault();
    send();
  }
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    writing?.abort();
    closeMenu();
  } else if (event.key.toLowerCase() === 'o' && event.ctrlKey && event.shiftKey) {
    event.preventDefault();
    fresh();
  }
});
$('model').addEventListener('change', () => localStorage.setItem('skald.model', $('model').value));
$('stop').addEventListener('click', () => writing?.abort());
$('new').addEventListener('click', fresh);
$('open-settings').addEventListener('click', openSettings);
$('language').addEventListener('click', () => {
  otherLanguage();
  words();
});
$('menu').addEventListener('click', () => {
  const open = document.body.classList.toggle('menu');
  $('menu').setAttribute('aria-expanded', open);
});

document.querySelector('main').addEventListener('click', event => {
  if (!$('menu').contains(event.target)) {
    closeMenu();
  }
});

words();
loadModels();
