"""The network: a small Llama (RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied embedding).

Read by evaluate.py, and what step.py, which trains it, is checked against.
"""

import torch
import torch.nn.functional as F
from torch import nn

SHAPE = {"vocab": 2048, "dim": 256, "layers": 3, "heads": 8, "kv_heads": 2, "head": 32, "ffn": 512, "context": 1024,
         "eps": 1e-5, "rope_base": 10000.0}


class RmsNorm(nn.Module):
    """Its weights stay at one: the matrix that reads its output learns them as well."""

    def __init__(self, dim, eps):
        super().__init__()
        self.register_buffer("weight", torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps)


class Block(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.heads, self.kv_heads, self.head = s["heads"], s["kv_heads"], s["head"]
        self.attn_norm = RmsNorm(s["dim"], s["eps"])
        self.attn_q = nn.Linear(s["dim"], self.heads * self.head, bias=False)
        self.attn_k = nn.Linear(s["dim"], self.kv_heads * self.head, bias=False)
        self.attn_v = nn.Linear(s["dim"], self.kv_heads * self.head, bias=False)
        self.attn_output = nn.Linear(self.heads * self.head, s["dim"], bias=False)
        self.ffn_norm = RmsNorm(s["dim"], s["eps"])
        self.ffn_gate = nn.Linear(s["dim"], s["ffn"], bias=False)
        self.ffn_up = nn.Linear(s["dim"], s["ffn"], bias=False)
        self.ffn_down = nn.Linear(s["ffn"], s["dim"], bias=False)

    def forward(self, x, rope, mask):
        batch, length, _ = x.shape
        h = self.attn_norm(x)
        q = rotate(self.attn_q(h).view(batch, length, self.heads, self.head), rope).transpose(1, 2)
        k = rotate(self.attn_k(h).view(batch, length, self.kv_heads, self.head), rope).transpose(1, 2)
        v = self.attn_v(h).view(batch, length, self.kv_heads, self.head).transpose(1, 2)
        # The query heads of a group read the same keys: one matrix product a group.
        group = self.heads // self.kv_heads
        q = q.reshape(batch, self.kv_heads, group * length, self.head) * self.head**-0.5
        weights = (q @ k.transpose(-1, -2)).view(batch, self.kv_heads, group, length, length) + mask
        mixed = weights.softmax(-1).view(batch, self.kv_heads, group * length, length) @ v
        mixed = mixed.view(batch, self.heads, length, self.head).transpose(1, 2).reshape(batch, length, -1)
        x = x + self.attn_output(mixed)
        h = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


def rotate(x, rope):
    """Rotary positions over neighbouring pairs, as GGUF's llama architecture stores them."""
    cos, sin = rope
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Llama(nn.Module):
    def __init__(self, shape=SHAPE):
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape["vocab"], shape["dim"])
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape["layers"]))
        self.output_norm = RmsNorm(shape["dim"], shape["eps"])
        self.apply(self._init)
        angles = torch.outer(torch.arange(shape["context"]).float(),
                             shape["rope_base"] ** (-torch.arange(0, shape["head"], 2).float() / shape["head"]))
        self.cos, self.sin = angles.cos().unsqueeze(1), angles.sin().unsqueeze(1)
        self.mask = torch.full((shape["context"], shape["context"]), -1e9).triu(1)

    def _init(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)

    def forward(self, ids, positions=None):
        """Logits of the next token, at all places of the batch or only at those where `positions` is true."""
        length = ids.shape[1]
        rope, mask = (self.cos[:length], self.sin[:length]), self.mask[:length, :length]
        x = self.token_embd(ids)
        for block in self.blk:
            x = block(x, rope, mask)
        if positions is not None:
            x = x[positions]
        return F.linear(self.output_norm(x), self.token_embd.weight)
