/** The words of the page, in English and in Norwegian. */
const WORDS = {
  en: {
    locale: 'en', language: 'Norsk', new: 'New chat', settings: 'Settings', send: 'Send', stop: 'Stop', done: 'Done',
    ask: 'Ask something', empty: 'An empty field leaves the choice to the model.', welcome: 'What would you like to know?',
    system: 'System prompt', temperature: 'Temperature', top_p: 'Top-p', max_tokens: 'Most tokens of an answer',
    seed: 'Seed', key: 'API key, if the server asks for one', thinking: 'Reasoning', edit: 'Edit', again: 'Again',
    copy: 'Copy', copied: 'Copied', save: 'Ask again', cancel: 'Cancel', delete: 'Delete', untitled: 'New chat',
    reading: 'reading', stopped: 'stopped', tokens: 'tokens', cached: 'cached', cut: 'The answer reached its longest length.',
    previous: 'Previous version', next: 'Next version', offline: 'The server does not answer.',
    full: 'The browser has no more room: delete some conversations.',
    sure: 'Delete this conversation?', you: 'You', answer: 'Answer', call: 'Tool call', tools: 'Tools that the model may call, as JSON',
    wrong: 'This is no list of tools in JSON', result: 'Result', reply: 'Send results',
  },
  nb: {
    locale: 'nb', language: 'English', new: 'Ny samtale', settings: 'Innstillinger', send: 'Send', stop: 'Stopp', done: 'Ferdig',
    ask: 'Spør om noe', empty: 'Et tomt felt overlater valget til modellen.', welcome: 'Hva vil du vite?',
    system: 'Systeminstruks', temperature: 'Temperatur', top_p: 'Top-p', max_tokens: 'Flest tokener i et svar',
    seed: 'Frø', key: 'API-nøkkel, hvis tjeneren ber om en', thinking: 'Resonnement', edit: 'Endre', again: 'På nytt',
    copy: 'Kopier', copied: 'Kopiert', save: 'Spør igjen', cancel: 'Avbryt', delete: 'Slett', untitled: 'Ny samtale',
    reading: 'leser', stopped: 'stoppet', tokens: 'tokener', cached: 'lest før', cut: 'Svaret nådde største lengde.',
    previous: 'Forrige utgave', next: 'Neste utgave', offline: 'Tjeneren svarer ikke.',
    full: 'Nettleseren har ikke mer plass: slett noen samtaler.',
    sure: 'Slette denne samtalen?', you: 'Du', answer: 'Svar', call: 'Verktøykall', tools: 'Verktøy som modellen kan kalle, som JSON',
    wrong: 'Dette er ingen liste av verktøy i JSON', result: 'Resultat', reply: 'Send resultater',
  },
};

let language = localStorage.getItem('skald.language')
  ?? (/^(nb|nn|no)\b/.test(navigator.language) ? 'nb' : 'en');

export const t = name => WORDS[language][name];

/** Changes to the other language, for good. */
export function otherLanguage() {
  language = language === 'en' ? 'nb' : 'en';
  localStorage.setItem('skald.language', language);
}

/** Writes the words into the elements that name them. */
export function translate() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-text]')) {
    element.textContent = t(element.dataset.text);
  }
}
