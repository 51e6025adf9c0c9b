// The chat page in a headless Chromium, against the bundled model. CONTRIBUTING.md says how to run this.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const SHOTS = `${ROOT}/apps/server/target/page`;
const JAVA = process.env.JAVA_HOME ? `${process.env.JAVA_HOME}/bin/java` : 'java';

/** A name for the server with which browsers trust the page as little as that of any other machine without TLS. */
const ELSEWHERE = 'skald.test';

let server;
let address;
let browser;

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  server = spawn(JAVA, ['-jar', `${ROOT}/apps/command/target/skald.jar`, 'serve', '--port', '0', '--quiet']);
  address = await new Promise((resolve, reject) => {
    let said = '';
    server.stderr.on('data', data => {
      said += data;
      const found = / at (http:\S+)/.exec(said);
      if (found) {
        resolve(found[1]);
      }
    });
    server.on('exit', () => reject(new Error(`the server ended: ${said}`)));
  });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`],
  });
});

after(async () => {
  await browser?.close();
  server?.kill();
});

/** A page that fails the test if it says an error, or asks anyone else for anything. */
async function open(options = {}, own = address) {
  const context = await browser.newContext({ locale: 'nb-NO', ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on('console', message => message.type() === 'error' && wrong.push(message.text()));
  page.on('pageerror', error => wrong.push(error.message));
  page.on('request', request => request.url().startsWith(own) || wrong.push(`asked for ${request.url()}`));
  await page.goto(own);
  await page.waitForFunction(() => document.querySelector('#model').options.length > 0);
  return { page, context, wrong };
}

async function ask(page, text) {
  await page.fill('#input', text);
  await page.keyboard.press('Enter');
}

const answers = page => page.locator('.message.assistant .body');
const whole = page => page.waitForFunction(() => document.querySelector('#stop').hidden
  && document.querySelector('.message.assistant'));

test('a conversation, kept in the browser', async () => {
  const { page, context, wrong } = await open();
  assert.equal(await page.textContent('#send'), 'Send');
  assert.equal(await page.textContent('.empty'), 'Hva vil du vite?');
  await ask(page, 'Hva er hovedstaden i Norge?');
  await whole(page);
  assert.match(await answers(page).first().textContent(), /Oslo/);
  assert.match(await page.textContent('.message.assistant .tools'), /tokener/);
  await page.reload();
  assert.match(await answers(page).first().textContent(), /Oslo/);
  assert.equal(await page.textContent('#list .title'), 'Hva er hovedstaden i Norge?');
  await page.screenshot({ path: `${SHOTS}/light.png` });
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a question that is changed keeps the one before', async () => {
  const { page, context, wrong } = await open();
  await ask(page, 'Hva er hovedstaden i Norge?');
  await whole(page);
  await page.click('.message.user .tools button');
  await page.press('.edit', 'Escape');
  assert.equal(await page.locator('.edit').count(), 0);
  await page.click('.message.user .tools button');
  await page.fill('.edit', ' ');
  await page.press('.edit', 'Enter');
  assert.equal(await page.locator('.edit').count(), 1, 'nothing is no question');
  await page.fill('.edit', 'Hva er hovedstaden i Sverige?');
  await page.press('.edit', 'Enter');
  await page.waitForSelector('.edit', { state: 'detached' });
  await whole(page);
  assert.match(await page.textContent('.message.user'), /Sverige/);
  assert.match(await page.textContent('.message.user .tools'), /2\/2/);
  await page.click('.message.user [aria-label="Forrige utgave"]');
  assert.match(await page.textContent('.message.user'), /Norge/);
  assert.match(await answers(page).first().textContent(), /Oslo/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a conversation is not deleted by a slip', async () => {
  const { page, context, wrong } = await open();
  await ask(page, 'Hei');
  await whole(page);
  await page.click('#new');
  await ask(page, 'Hallo');
  await whole(page);
  const titles = () => page.locator('#list .title').allTextContents();
  assert.deepEqual(await titles(), ['Hallo', 'Hei']);
  const asked = [];
  page.once('dialog', dialog => { asked.push(dialog.message()); dialog.dismiss(); });
  await page.locator('#list .delete').first().click();
  assert.deepEqual(asked, ['Slette denne samtalen?']);
  assert.deepEqual(await titles(), ['Hallo', 'Hei']);
  page.once('dialog', dialog => dialog.accept());
  await page.locator('#list .delete').first().click();
  assert.deepEqual(await titles(), ['Hei']);
  assert.equal(await page.textContent('.message.user .body'), 'Hei');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('the chosen model stays', async () => {
  const { page, context, wrong } = await open();
  await page.route('**/v1/models', route => route.fulfill({ json: { data: [{ id: 'first' }, { id: 'second' }] } }));
  await page.reload();
  await page.selectOption('#model', 'second');
  const models = page.waitForResponse('**/v1/models');
  await page.click('#open-settings');
  await page.click('dialog [type=submit]');
  await models;
  assert.equal(await page.inputValue('#model'), 'second');
  await page.reload();
  await page.waitForFunction(() => document.querySelector('#model').value === 'second');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('an answer can be stopped, and asked for again', async () => {
  const { page, context, wrong } = await open();
  // Answers of the bundled model are short: this one comes slowly.
  await page.route('**/v1/chat/completions', async route => {
    await new Promise(resolve => setTimeout(resolve, 3000));
    await route.continue().catch(() => {});
  });
  await ask(page, 'Hei');
  await page.waitForSelector('#stop:not([hidden])');
  await page.keyboard.press('Escape');
  await whole(page);
  assert.match(await page.textContent('.message.assistant .tools'), /stoppet/);
  await page.unroute('**/v1/chat/completions');
  await page.click('.message.assistant .tools button:has-text("På nytt")');
  await whole(page);
  assert.notEqual((await answers(page).first().textContent()).trim(), '');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('what a model writes cannot do harm', async () => {
  const { page, context, wrong } = await open();
  const text = '# Tittel\n\n```js\nlet a = 1;\n```\n\n<img src="https://example.org/x.png" onerror="alert(1)">'
    + '<script>alert(2)</script>[lenke](https://example.org) [ond](javascript:alert(3))\n\n| a | b |\n| - | - |\n| 1 | 2 |';
  await page.route('**/v1/chat/completions', route => route.fulfill({
    contentType: 'text/event-stream',
    body: `data: ${JSON.stringify({ choices: [{ delta: { reasoning_content: 'Jeg tenker.' } }] })}\n\n`
      + `data: ${JSON.stringify({ choices: [{ delta: { content: text }, finish_reason: 'stop' }] })}\n\n`
      + `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 1200 }, timings: { predicted_per_second: 12.49 } })}\n\ndata: [DONE]\n\n`,
  }));
  await ask(page, 'Hei');
  await whole(page);
  const body = answers(page).first();
  assert.equal(await body.locator('h1').textContent(), 'Tittel');
  assert.match(await body.locator('pre code').textContent(), /let a = 1/);
  assert.equal(await body.locator('td').count(), 2);
  assert.equal(await body.locator('img, script').count(), 0);
  assert.equal(await body.locator('a[href^=javascript]').count(), 0);
  assert.equal(await body.locator('a').first().getAttribute('rel'), 'noopener noreferrer');
  assert.match(await page.textContent('.message.assistant > .tools'), /3 \+ 1200 tokener · 12,5 tokener\/s/);
  assert.equal(await page.locator('details').getAttribute('open'), null);
  assert.match(await page.textContent('details'), /Jeg tenker/);
  await page.screenshot({ path: `${SHOTS}/markdown.png` });
  assert.deepEqual(wrong, []);
  await context.close();
});

test('settings go with the request', async () => {
  const { page, context, wrong } = await open();
  await page.click('#open-settings');
  await page.fill('dialog [name=system]', 'Svar kort.');
  await page.fill('dialog [name=temperature]', '0');
  await page.click('dialog [type=submit]');
  const sent = page.waitForRequest('**/v1/chat/completions');
  await ask(page, 'Hei');
  const body = (await sent).postDataJSON();
  assert.deepEqual(body.messages[0], { role: 'system', content: 'Svar kort.' });
  assert.equal(body.temperature, 0);
  await whole(page);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('tools are called, shown and answered', async () => {
  const { page, context, wrong } = await open();
  await page.click('#open-settings');
  await page.fill('dialog [name=tools]', '[{');
  await page.click('dialog [type=submit]');
  assert.match(await page.textContent('#tools-wrong'), /ingen liste/);
  const city = { type: 'object', properties: { city: { type: 'string', maxLength: 20 } }, required: ['city'] };
  await page.fill('dialog [name=tools]', JSON.stringify([{ name: 'weather', description: 'Tells the weather', parameters: city }]));
  await page.fill('dialog [name=temperature]', '0');
  await page.click('dialog [type=submit]');
  await ask(page, 'Hvordan er været i Bergen?');
  await whole(page);
  assert.match(await page.textContent('.call summary'), /Verktøykall: weather/);
  assert.equal(typeof JSON.parse(await page.textContent('.call pre')).city, 'string');
  await page.screenshot({ path: `${SHOTS}/tools.png` });
  await page.fill('.results textarea', '9 grader og regn');
  await page.click('.results button');
  await whole(page);
  assert.match(await page.textContent('.message.tool'), /Resultat: 9 grader/);
  await page.waitForFunction(() => document.querySelectorAll('.message.assistant').length === 2);
  await page.reload();
  assert.match(await page.textContent('.message.tool'), /9 grader/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('on another machine, without TLS', async () => {
  const { page, context, wrong } = await open({}, address.replace('127.0.0.1', ELSEWHERE));
  assert.equal(await page.evaluate(() => isSecureContext), false);
  await ask(page, 'Hva er hovedstaden i Norge?');
  await whole(page);
  assert.match(await answers(page).first().textContent(), /Oslo/);
  assert.equal(await page.locator('.message.assistant .tools button').count(), 1, 'only asking again, no copying');
  await page.click('#new');
  assert.equal(await page.textContent('.empty'), 'Hva vil du vite?');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('on a telephone, in the dark, in English', async () => {
  const { page, context, wrong } = await open({
    viewport: { width: 390, height: 800 }, colorScheme: 'dark', locale: 'en-US', isMobile: true, hasTouch: true,
  });
  assert.equal(await page.textContent('.empty'), 'What would you like to know?');
  await ask(page, 'Hva er hovedstaden i Norge?');
  await whole(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, 'nothing scrolls sideways');
  await page.screenshot({ path: `${SHOTS}/dark-phone.png` });
  await page.click('#menu');
  await page.waitForSelector('nav #new', { state: 'visible' });
  await page.screenshot({ path: `${SHOTS}/dark-phone-menu.png` });
  await page.click('#language');
  assert.equal(await page.textContent('#new'), 'Ny samtale');
  assert.equal(await page.locator('#list .delete').first().evaluate(button => getComputedStyle(button).opacity), '1');
  await page.touchscreen.tap(370, 400);
  await page.waitForSelector('nav #new', { state: 'hidden' });
  assert.deepEqual(wrong, []);
  await context.close();
});
