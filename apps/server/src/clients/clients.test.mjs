// Clients that others wrote for JavaScript, against the bundled model. CONTRIBUTING.md says how to run this.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Anthropic from '@anthropic-ai/sdk';
import { Ollama } from 'ollama';
import OpenAI from 'openai';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const JAVA = process.env.JAVA_HOME ? `${process.env.JAVA_HOME}/bin/java` : 'java';
const QUESTION = 'Hva er hovedstaden i Norge?';
const WEATHER = 'Hvordan er været i Bergen?';
const ARGUMENTS = { type: 'object', properties: { city: { type: 'string', maxLength: 20 } }, required: ['city'] };
const PLACE = {
  type: 'object', properties: { by: { enum: ['Oslo', 'Bergen'] } }, required: ['by'], additionalProperties: false,
};

let server;
let address;

before(async () => {
  server = spawn(JAVA, ['-jar', `${ROOT}/apps/command/target/skald.jar`, 'serve', '--port', '0', '--pooling', 'last']);
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
});

after(() => server?.kill());

const schemaHolds = text => assert.match(JSON.parse(text).by, /^(Oslo|Bergen)$/);

/** Waits until nobody generates: a request that was cancelled does not go on. */
async function idle() {
  for (let i = 0; i < 100; i++) {
    const slots = await (await fetch(`${address}/slots`)).json();
    if (slots.every(slot => !slot.is_processing)) {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  assert.fail('a cancelled request still generates after ten seconds');
}

describe('openai: chat completions', () => {
  const client = () => new OpenAI({ baseURL: `${address}/v1`, apiKey: 'any', maxRetries: 0 });
  const ask = more => ({ model: 'skald-tiny', temperature: 0, messages: [{ role: 'user', content: QUESTION }], ...more });
  const tools = [{ type: 'function', function: { name: 'weather', parameters: ARGUMENTS } }];

  test('answers', async () => {
    const answer = await client().chat.completions.create(ask());
    assert.match(answer.choices[0].message.content, /Oslo/);
    assert.equal(answer.choices[0].finish_reason, 'stop');
  });

  test('streams', async () => {
    const stream = client().chat.completions.stream(ask({ stream_options: { include_usage: true } }));
    let text = '';
    stream.on('content', delta => { text += delta; });
    const whole = await stream.finalChatCompletion();
    assert.match(text, /Oslo/);
    assert.equal(whole.choices[0].message.content, text);
    assert.ok(whole.usage.completion_tokens > 1);
  });

  test('runs tools', async () => {
    let asked = null;
    const runner = client().chat.completions.runTools({
      ...ask({ messages: [{ role: 'user', content: WEATHER }] }),
      stream: true,
      tools: [{
        type: 'function',
        function: {
          name: 'weather',
          parameters: ARGUMENTS,
          parse: JSON.parse,
          function: input => { asked = input; return '9 grader'; },
        },
      }],
    });
    const last = await runner.finalContent();
    assert.equal(typeof asked.city, 'string');
    assert.ok(last.length > 0);
  });

  test('calls what it has to', async () => {
    const answer = await client().chat.completions.create(ask({ tools, tool_choice: 'required' }));
    assert.equal(answer.choices[0].finish_reason, 'tool_calls');
    assert.ok('city' in JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments));
  });

  test('keeps to a schema', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'sted', strict: true, schema: PLACE } };
    const answer = await client().chat.completions.create(ask({ response_format: format }));
    schemaHolds(answer.choices[0].message.content);
  });

  test('embeds', async () => {
    const made = await client().embeddings.create({ model: 'skald-tiny', input: ['Oslo', 'Bergen'] });
    assert.equal(made.data.length, 2);
    assert.equal(made.data[0].embedding.length, made.data[1].embedding.length);
    assert.ok(Math.abs(Math.hypot(...made.data[0].embedding) - 1) < 1e-3);
  });

  test('cancels', async () => {
    const stream = await client().chat.completions.create(
      ask({ stream: true, n: 100, ignore_eos: true, max_tokens: 500 }));
    let parts = 0;
    for await (const part of stream) {
      parts += part.choices.length;
      if (parts === 5) {
        stream.controller.abort();
      }
    }
    await idle();
  });

  test('hears of errors', async () => {
    await assert.rejects(client().chat.completions.create(ask({ temperature: 3 })), error => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.equal(error.param, 'temperature');
      return true;
    });
  });

  test('lists models', async () => {
    const models = await client().models.list();
    assert.equal(models.data[0].id, 'skald-tiny');
  });
});

describe('openai: responses', () => {
  const client = () => new OpenAI({ baseURL: `${address}/v1`, apiKey: 'any', maxRetries: 0 });
  const ask = more => ({ model: 'skald-tiny', temperature: 0, input: QUESTION, ...more });
  const tools = [{ type: 'function', name: 'weather', parameters: ARGUMENTS, strict: false }];

  test('answers and goes on', async () => {
    const first = await client().responses.create(ask());
    assert.match(first.output_text, /Oslo/);
    const next = await client().responses.create(ask({ input: 'Og i Sverige?', previous_response_id: first.id }));
    assert.ok(next.usage.input_tokens_details.cached_tokens > 0);
    assert.equal((await client().responses.retrieve(first.id)).output_text, first.output_text);
    await client().responses.delete(first.id);
    await assert.rejects(client().responses.retrieve(first.id), OpenAI.NotFoundError);
  });

  test('streams', async () => {
    const stream = client().responses.stream(ask());
    let text = '';
    stream.on('response.output_text.delta', event => { text += event.delta; });
    const whole = await stream.finalResponse();
    assert.match(text, /Oslo/);
    assert.equal(whole.output_text, text);
    assert.equal(whole.status, 'completed');
  });

  test('calls tools, and reads their results', async () => {
    const stream = client().responses.stream(ask({ input: WEATHER, tools, tool_choice: 'required' }));
    let pieces = '';
    stream.on('response.function_call_arguments.delta', event => { pieces += event.delta; });
    const asked = await stream.finalResponse();
    const call = asked.output.find(item => item.type === 'function_call');
    assert.equal(call.arguments, pieces);
    assert.ok('city' in JSON.parse(pieces));
    const answer = await client().responses.create(ask({
      tools,
      tool_choice: 'none',
      input: [{ role: 'user', content: WEATHER }, ...asked.output,
        { type: 'function_call_output', call_id: call.call_id, output: '9 grader' }],
    }));
    assert.ok(answer.output_text.length > 0);
  });

  test('keeps to a schema', async () => {
    const answer = await client().responses.parse(
      ask({ text: { format: { type: 'json_schema', name: 'sted', strict: true, schema: PLACE } } }));
    schemaHolds(answer.output_text);
  });

  test('cancels', async () => {
    const stream = await client().responses.create(ask({ stream: true, ignore_eos: true, max_output_tokens: 1000 }));
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') {
        stream.controller.abort();
      }
    }
    await idle();
  });

  test('hears of errors', async () => {
    await assert.rejects(client().responses.create(ask({ background: true })), error => {
      assert.equal(error.status, 400);
      assert.equal(error.param, 'background');
      return true;
    });
  });
});

describe('@anthropic-ai/sdk', () => {
  const client = () => new Anthropic({ baseURL: address, apiKey: 'any', maxRetries: 0 });
  const ask = more => ({ model: 'skald-tiny', max_tokens: 100, messages: [{ role: 'user', content: QUESTION }], ...more });
  const tools = [{ name: 'weather', input_schema: ARGUMENTS }];

  test('answers', async () => {
    const answer = await client().messages.create(ask({ top_k: 1 }));
    assert.match(answer.content[0].text, /Oslo/);
    assert.equal(answer.stop_reason, 'end_turn');
    const { input_tokens: counted } = await client().messages.countTokens(
      { model: 'skald-tiny', messages: ask().messages });
    assert.equal(answer.usage.input_tokens + answer.usage.cache_read_input_tokens, counted);
  });

  test('streams', async () => {
    const stream = client().messages.stream(ask({ top_k: 1 }));
    let text = '';
    stream.on('text', delta => { text += delta; });
    const whole = await stream.finalMessage();
    assert.match(text, /Oslo/);
    assert.equal(whole.content[0].text, text);
    assert.ok(whole.usage.output_tokens > 1);
  });

  test('calls tools, and reads their results', async () => {
    const stream = client().messages.stream(
      ask({ messages: [{ role: 'user', content: WEATHER }], tools, tool_choice: { type: 'any' } }));
    const asked = await stream.finalMessage();
    assert.equal(asked.stop_reason, 'tool_use');
    const call = asked.content.find(block => block.type === 'tool_use');
    assert.equal(typeof call.input.city, 'string');
    const answer = await client().messages.create(ask({
      tools,
      tool_choice: { type: 'none' },
      messages: [{ role: 'user', content: WEATHER }, { role: 'assistant', content: asked.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: '9 grader' }] }],
    }));
    assert.equal(answer.content[0].type, 'text');
  });

  test('keeps to a schema', async () => {
    const answer = await client().messages.create(
      ask({ output_config: { format: { type: 'json_schema', schema: PLACE } } }));
    schemaHolds(answer.content[0].text);
  });

  test('cancels', async () => {
    const stream = client().messages.stream(ask({ max_tokens: 2000, temperature: 1 }));
    stream.on('text', () => stream.abort());
    await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
    await idle();
  });

  test('hears of errors', async () => {
    await assert.rejects(client().messages.create(ask({ temperature: 3 })), error => {
      assert.ok(error instanceof Anthropic.BadRequestError);
      assert.equal(error.error.error.type, 'invalid_request_error');
      return true;
    });
  });
});

describe('ollama', () => {
  const client = () => new Ollama({ host: address });
  const ask = more => ({
    model: 'skald-tiny', messages: [{ role: 'user', content: QUESTION }], options: { temperature: 0 }, ...more,
  });
  const tools = [{ type: 'function', function: { name: 'weather', description: 'Tells the weather', parameters: ARGUMENTS } }];

  test('answers', async () => {
    const answer = await client().chat(ask());
    assert.match(answer.message.content, /Oslo/);
    assert.equal(answer.done_reason, 'stop');
    const text = await client().generate({ model: 'skald-tiny', prompt: QUESTION, options: { temperature: 0 } });
    assert.match(text.response, /Oslo/);
  });

  test('streams', async () => {
    let text = '';
    let last;
    for await (const part of await client().chat(ask({ stream: true }))) {
      text += part.message.content;
      last = part;
    }
    assert.match(text, /Oslo/);
    assert.ok(last.done && last.eval_count > 1);
  });

  test('calls tools', async () => {
    const answer = await client().chat(ask({ messages: [{ role: 'user', content: WEATHER }], tools }));
    const [call] = answer.message.tool_calls;
    assert.equal(call.function.name, 'weather');
    assert.equal(typeof call.function.arguments.city, 'string');
    const next = await client().chat(ask({
      tools,
      messages: [{ role: 'user', content: WEATHER }, answer.message,
        { role: 'tool', tool_name: 'weather', content: '9 grader' }],
    }));
    assert.ok(next.done);
  });

  test('keeps to a schema', async () => {
    schemaHolds((await client().chat(ask({ format: PLACE }))).message.content);
  });

  test('embeds', async () => {
    const { embeddings } = await client().embed({ model: 'skald-tiny', input: ['Oslo', 'Bergen'] });
    assert.equal(embeddings.length, 2);
    assert.ok(Math.abs(Math.hypot(...embeddings[0]) - 1) < 1e-3);
    const { embedding } = await client().embeddings({ model: 'skald-tiny', prompt: 'Oslo' });
    assert.equal(embedding.length, embeddings[0].length);
  });

  test('cancels', async () => {
    const own = client();
    const parts = await own.chat(ask({ stream: true, options: { temperature: 1.5, num_predict: 2000 } }));
    await assert.rejects(async () => {
      for await (const part of parts) {
        assert.ok(part);
        own.abort();
      }
    }, { name: 'AbortError' });
    await idle();
  });

  test('hears of errors, and of models', async () => {
    await assert.rejects(client().chat(ask({ options: { temperature: -1 } })), /temperature/);
    await assert.rejects(client().pull({ model: 'other' }), /fetches no models/);
    assert.equal((await client().pull({ model: 'skald-tiny' })).status, 'success');
    assert.equal((await client().list()).models[0].name, 'skald-tiny');
    assert.ok((await client().show({ model: 'skald-tiny' })).capabilities.includes('tools'));
    assert.equal((await client().ps()).models.length, 1);
  });
});
