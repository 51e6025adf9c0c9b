"""The network: a small Llama (RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied embedding).

Written for training on a CPU: the projections that read the same vector are one product, the two functions that PyTorch
would spend most of its time on have their derivatives written out, and `compute` may be bfloat16, which processors with
AMX multiply seven times faster. Weights, gradients and the residual stream are float32 in any case.
"""

import torch
import torch.nn.functional as F
from torch import nn

SHAPE = {"vocab": 1536, "dim": 256, "layers": 4, "heads": 8, "kv_heads": 2, "head": 32, "ffn": 512, "context": 1024,
         "eps": 1e-5, "rope_base": 10000.0}


class Norm(nn.Module):
    """RMSNorm. Its weights stay at one: the matrix that reads its output learns them as well."""

    def __init__(self, dim):
        super().__init__()
        self.register_buffer("weight", torch.ones(dim))


class Block(nn.Module):
    def __init__(self, s):
        super().__init__()
        dim, mixed, kv = s["dim"], s["heads"] * s["head"], s["kv_heads"] * s["head"]
        self.attn_norm = Norm(dim)
        self.attn_q = nn.Linear(dim, mixed, bias=False)
        self.attn_k = nn.Linear(dim, kv, bias=False)
        self.attn_v = nn.Linear(dim, kv, bias=False)
        self.attn_output = nn.Linear(mixed, dim, bias=False)
        self.ffn_norm = Norm(dim)
        self.ffn_gate = nn.Linear(dim, s["ffn"], bias=False)
        self.ffn_up = nn.Linear(dim, s["ffn"], bias=False)
        self.ffn_down = nn.Linear(s["ffn"], dim, bias=False)


class Llama(nn.Module):
    def __init__(self, shape=SHAPE, compute=torch.float32):
        super().__init__()
        self.shape, self.compute = shape, compute
        self.token_embd = nn.Embedding(shape["vocab"], shape["dim"])
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape["layers"]))
        self.output_norm = Norm(shape["dim"])
        self.apply(self._init)
        angles = torch.outer(torch.arange(shape["context"]).float(),
                             shape["rope_base"] ** (-torch.arange(0, shape["head"], 2).float() / shape["head"]))
        angles = angles.repeat_interleave(2, -1).unsqueeze(1)
        self.cos, self.sin = angles.cos().to(compute), angles.sin().to(compute)
        # Rotary positions over neighbouring pairs, as GGUF's llama architecture stores them: x cos + (x turned) sin.
        self.turn = torch.zeros(shape["head"], shape["head"], dtype=compute)
        even = torch.arange(0, shape["head"], 2)
        self.turn[even + 1, even], self.turn[even, even + 1] = -1, 1
        self.mask = torch.full((shape["context"], shape["context"]), -1e9, dtype=compute).triu(1)

    def _init(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)

    def forward(self, ids, positions=None):
        """Logits of the next token, at all places of the batch or only at those where `positions` is true."""
        eps = self.shape["eps"]
        x = F.embedding(ids, self.token_embd.weight)
        for block in self.blk:
            x = x + self._attention(block, _Normed.apply(x, eps, self.compute))
            h = F.linear(_Normed.apply(x, eps, self.compute), self._cast(block.ffn_gate, block.ffn_up))
            x = x + F.linear(_Gated.apply(h), self._cast(block.ffn_down))
        if positions is not None:
            x = x[positions]
        return F.linear(_Normed.apply(x, eps, self.compute), self._cast(self.token_embd)).float()

    def _cast(self, *modules):
        """The weights of modules that read the same vector, one below the other."""
        weights = [m.weight for m in modules]
        return (torch.cat(weights) if len(weights) > 1 else weights[0]).to(self.compute)

    def _attention(self, block, h):
        batch, length, _ = h.shape
        heads, kv, size = self.shape["heads"], self.shape["kv_heads"], self.shape["head"]
        qk, v = F.linear(h, self._cast(block.attn_q, block.attn_k, block.attn_v)).split(((heads + kv) * size, kv * size), -1)
        qk = qk.reshape(batch, length, heads + kv, size)
        qk = torch.addcmul(qk * self.cos[:length], qk @ self.turn, self.sin[:length]).transpose(1, 2)
        q, k = qk.split((heads, kv), 1)
        # The query heads of a group read the same keys: one matrix product a group.
        q = q.reshape(batch * kv, heads // kv * length, size)
        k = k.reshape(batch * kv, length, size)
        v = v.reshape(batch, length, kv, size).transpose(1, 2).reshape(batch * kv, length, size)
        mask = self.mask[:length, :length].repeat(heads // kv, 1).unsqueeze(0)
        mixed = torch.baddbmm(mask, q, k.transpose(1, 2), alpha=size**-0.5).softmax(-1) @ v
        mixed = mixed.view(batch, heads, length, size).transpose(1, 2).reshape(batch, length, heads * size)
        return F.linear(mixed, self._cast(block.attn_output))


class _Normed(torch.autograd.Function):
    """x / sqrt(mean(x²) + eps), in the type of the computation."""

    @staticmethod
    def forward(ctx, x, eps, compute):
        scale = (x.square().mean(-1, keepdim=True) + eps).rsqrt()
        y = (x * scale).to(compute)
        ctx.save_for_backward(y, scale)
        return y

    @staticmethod
    def backward(ctx, dy):
        y, scale = ctx.saved_tensors
        along = (dy * y).mean(-1, keepdim=True)
        return torch.addcmul(dy, y, along, value=-1).float() * scale, None, None


class _Gated(torch.autograd.Function):
    """silu(first half) × second half; silu(g) = g s with s = sigmoid(g), its derivative s + g s (1 - s)."""

    @staticmethod
    def forward(ctx, h):
        gate, up = h.chunk(2, -1)
        s = torch.sigmoid(gate)
        silu = gate * s
        ctx.save_for_backward(up, s, silu)
        return silu * up

    @staticmethod
    def backward(ctx, dy):
        up, s, silu = ctx.saved_tensors
        dh = torch.empty(*dy.shape[:-1], 2 * dy.shape[-1], dtype=dy.dtype)
        dgate, dup = dh.chunk(2, -1)
        torch.mul(dy, silu, out=dup)
        torch.mul(torch.addcmul(s + silu, silu, s, value=-1).mul_(up), dy, out=dgate)
        return dh
