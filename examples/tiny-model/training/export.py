"""Writes the model as a GGUF file (version 3): matrices in Q8_0, norms in float32; and reads it back for evaluate.py."""

import struct

import numpy
import torch

import bpe
from model import Llama

ALIGNMENT = 32
F32, Q8_0 = 0, 8
U32, F32_VALUE, BOOL, STRING, ARRAY, I32 = 4, 6, 7, 8, 9, 5
# ChatML; with tools, they stand in the system message, a line each, and calls are written as Hermes and Qwen write them.
CHAT_TEMPLATE = (
    "{% set begin = 0 %}{% if tools %}{{ '<|im_start|>system\\n' }}"
    "{% if messages and messages[0]['role'] == 'system' %}{% set begin = 1 %}{{ messages[0]['content'] + '\\n' }}{% endif %}"
    "{% for tool in tools %}{{ tool['function'] | tojson }}{{ '<|im_end|>' if loop.last }}{{ '\\n' }}{% endfor %}{% endif %}"
    "{% for message in messages[begin:] %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] }}"
    "{% if message['tool_calls'] %}{% for call in message['tool_calls'] %}{{ '\\n' if message['content'] or not loop.first }}"
    "{{ '<tool_call>\\n{\"name\": ' + (call['function']['name'] | tojson) + ', \"arguments\": ' }}"
    "{{ (call['function']['arguments'] | tojson) + '}\\n</tool_call>' }}{% endfor %}{% endif %}{{ '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")


def _string(text):
    data = text.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def _value(kind, value):
    if kind == STRING:
        return _string(value)
    return struct.pack({U32: "<I", I32: "<i", F32_VALUE: "<f", BOOL: "<?"}[kind], value)


def _array(kind, values):
    return struct.pack("<IQ", kind, len(values)) + b"".join(_value(kind, v) for v in values)


def _metadata(model, tokenizer):
    """Key, type, encoded value, in the order of the file."""
    s = model.shape
    control = [3 if t in tokenizer.specials else 1 for t in tokenizer.tokens]
    scalar = lambda kind, value: (kind, _value(kind, value))
    array = lambda kind, values: (ARRAY, _array(kind, values))
    return {
        "general.architecture": scalar(STRING, "llama"),
        "general.type": scalar(STRING, "model"),
        "general.name": scalar(STRING, "Skald Tiny"),
        "general.description": scalar(STRING, "The model that ships with Skald: a few facts in Norwegian and English."),
        "general.license": scalar(STRING, "apache-2.0"),
        "general.languages": array(STRING, ["nb", "nn", "en"]),
        # It has learned facts word by word: drawing among less probable ones makes them wrong.
        "general.sampling.temp": scalar(F32_VALUE, 0.0),
        "general.file_type": scalar(U32, 7),
        "general.quantization_version": scalar(U32, 2),
        "general.alignment": scalar(U32, ALIGNMENT),
        "llama.vocab_size": scalar(U32, s["vocab"]),
        "llama.context_length": scalar(U32, s["context"]),
        "llama.embedding_length": scalar(U32, s["dim"]),
        "llama.block_count": scalar(U32, s["layers"]),
        "llama.feed_forward_length": scalar(U32, s["ffn"]),
        "llama.attention.head_count": scalar(U32, s["heads"]),
        "llama.attention.head_count_kv": scalar(U32, s["kv_heads"]),
        "llama.attention.key_length": scalar(U32, s["head"]),
        "llama.attention.value_length": scalar(U32, s["head"]),
        "llama.attention.layer_norm_rms_epsilon": scalar(F32_VALUE, s["eps"]),
        "llama.rope.dimension_count": scalar(U32, s["head"]),
        "llama.rope.freq_base": scalar(F32_VALUE, s["rope_base"]),
        "tokenizer.ggml.model": scalar(STRING, "gpt2"),
        "tokenizer.ggml.pre": scalar(STRING, "llama-bpe"),
        "tokenizer.ggml.tokens": array(STRING, tokenizer.tokens),
        "tokenizer.ggml.token_type": array(I32, control),
        "tokenizer.ggml.merges": array(STRING, [" ".join(m) for m in tokenizer.merges]),
        "tokenizer.ggml.bos_token_id": scalar(U32, tokenizer.ids["<|endoftext|>"]),
        "tokenizer.ggml.eos_token_id": scalar(U32, tokenizer.ids["<|im_end|>"]),
        "tokenizer.ggml.eot_token_id": scalar(U32, tokenizer.ids["<|im_end|>"]),
        "tokenizer.ggml.padding_token_id": scalar(U32, tokenizer.ids["<|endoftext|>"]),
        "tokenizer.ggml.add_bos_token": scalar(BOOL, True),
        "tokenizer.ggml.add_eos_token": scalar(BOOL, False),
        "tokenizer.chat_template": scalar(STRING, CHAT_TEMPLATE),
    }


def quantize(matrix):
    """Q8_0: per 32 values a float16 scale (largest magnitude / 127) and 32 signed bytes."""
    blocks = matrix.reshape(-1, 32).astype(numpy.float32)
    scale = numpy.abs(blocks).max(1) / numpy.float32(127)
    inverse = numpy.divide(1, scale, out=numpy.zeros_like(scale), where=scale > 0)
    scaled = blocks * inverse[:, None]
    codes = numpy.trunc(scaled + numpy.copysign(numpy.float32(0.5), scaled)).astype(numpy.int8)
    out = numpy.empty(len(blocks), dtype=[("d", "<f2"), ("qs", "i1", 32)])
    out["d"], out["qs"] = scale, codes
    return out.tobytes()


def dequantize(data):
    blocks = numpy.frombuffer(data, dtype=[("d", "<f2"), ("qs", "i1", 32)])
    return blocks["d"].astype(numpy.float32)[:, None] * blocks["qs"].astype(numpy.float32)


def write(path, model, tokenizer):
    tensors = []
    for name, value in model.state_dict().items():
        array = value.detach().numpy()
        tensors.append((name, array.shape, F32 if array.ndim == 1 else Q8_0,
                        array.astype("<f4").tobytes() if array.ndim == 1 else quantize(array)))
    metadata = _metadata(model, tokenizer)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(metadata))
    for key, (kind, value) in metadata.items():
        head += _string(key) + struct.pack("<I", kind) + value
    offset = 0
    for name, shape, kind, data in tensors:
        head += _string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), kind, offset)
        offset += len(data) + -len(data) % ALIGNMENT
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(head + bytes(-len(head) % ALIGNMENT))
        for _, _, _, data in tensors:
            file.write(data + bytes(-len(data) % ALIGNMENT))


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        value = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return value[0] if len(value) == 1 else value

    def string(self):
        length = self.take("Q")
        self.at += length
        return self.data[self.at - length:self.at].decode("utf-8")

    def value(self, kind):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            kind, count = self.take("IQ")
            return [self.value(kind) for _ in range(count)]
        return self.take({U32: "I", I32: "i", F32_VALUE: "f", BOOL: "?"}[kind])


def read(path):
    """The model and the tokenizer of a file that `write` wrote, weights decoded from Q8_0."""
    reader = _Reader(path.read_bytes())
    _, _, count, keys = reader.take("4sIQQ")
    meta = {}
    for _ in range(keys):
        key = reader.string()
        meta[key] = reader.value(reader.take("I"))
    infos = []
    for _ in range(count):
        name, rank = reader.string(), reader.take("I")
        shape = [reader.take("Q") for _ in range(rank)][::-1]
        infos.append((name, shape, *reader.take("IQ")))
    start = reader.at + -reader.at % ALIGNMENT
    state = {}
    for name, shape, kind, offset in infos:
        size = int(numpy.prod(shape))
        size = size * 4 if kind == F32 else size // 32 * 34
        data = reader.data[start + offset:start + offset + size]
        array = numpy.frombuffer(data, "<f4") if kind == F32 else dequantize(data)
        state[name] = torch.from_numpy(array.reshape(shape).copy())
    model = Llama()
    model.load_state_dict(state)
    types = meta["tokenizer.ggml.token_type"]
    specials = [t for t, kind in zip(meta["tokenizer.ggml.tokens"], types) if kind == 3]
    return model.eval(), bpe.Bpe([tuple(m.split(" ")) for m in meta["tokenizer.ggml.merges"]], specials)
