/** The server's own API: OpenAI's. */
const key = () => sessionStorage.getItem('skald.key');

function headers() {
  const all = { 'Content-Type': 'application/json' };
  if (key()) {
    all.Authorization = `Bearer ${key()}`;
  }
  return all;
}

async function checked(response) {
  if (!response.ok) {
    const body = await response.json().catch(() => null);
    throw new Error(body?.error?.message ?? `${response.status} ${response.statusText}`);
  }
  return response;
}

/** The names of the models. */
export async function models() {
  const response = await checked(await fetch('v1/models', { headers: headers() }));
  return (await response.json()).data.map(model => model.id);
}

/** Events of a stream, as objects. */
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith('data: ') && line !== 'data: [DONE]') {
        yield JSON.parse(line.slice('data: '.length));
      }
    }
  }
}

/** Asks for an answer; yields what of it has come, until the signal aborts. */
export async function* answer(request, signal) {
  const response = await checked(await fetch('v1/chat/completions', {
    method: 'POST',
    headers: headers(),
    signal,
    body: JSON.stringify({ ...request, stream: true, stream_options: { include_usage: true } }),
  }));
  for await (const event of events(response)) {
    if (event.error) {
      throw new Error(event.error.message);
    }
    yield event;
  }
}
