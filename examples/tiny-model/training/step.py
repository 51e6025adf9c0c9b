"""A training step: the gradients of model.Llama, written out, and the optimizers.

The matrix products are PyTorch's, in bfloat16 (seven times as fast as float32 on processors with AMX, four times on a
Zen 5, which has AVX512-BF16); all loops between them are those of loops.c, each one pass over its data. Weights, the
residual stream and the optimizers' means are float32. That is about four times as fast as model.py with autograd.

    python3 examples/tiny-model/training/step.py     # compares the gradients with autograd's
"""

import ctypes
import subprocess
import tempfile
from pathlib import Path

import torch

LOW = torch.bfloat16
LONG, INT, FLOAT = ctypes.c_long, ctypes.c_int, ctypes.c_float


def _compile():
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "loops.so"
        subprocess.run(["gcc", "-Ofast", "-march=native", "-shared", "-fPIC",
                        Path(__file__).with_name("loops.c"), "-o", library, "-lm"], check=True)
        loops = ctypes.CDLL(str(library))
    loops.entropy.restype = ctypes.c_double
    return loops


loops = _compile()


def at(tensor):
    """The address of a tensor, which must outlive the call."""
    return ctypes.c_void_p(None if tensor is None else tensor.data_ptr())


class Step:
    """Takes the weights of a model over: matrices that read the same vector lie below each other."""

    def __init__(self, model):
        s = self.shape = model.shape
        if (s["dim"], s["heads"], s["kv_heads"], s["head"]) != (256, 8, 2, 32):
            raise ValueError(f"loops.c is written for another shape than {s}")
        self.cos = model.cos.squeeze(1).repeat_interleave(2, -1).contiguous()
        self.sin = model.sin.squeeze(1).repeat_interleave(2, -1).contiguous()
        self.embedding = model.token_embd.weight.data
        self.blocks = []
        for b in model.blk:
            self.blocks.append((self._join(b.attn_q, b.attn_k, b.attn_v), self._join(b.attn_output),
                                self._join(b.ffn_gate, b.ffn_up), self._join(b.ffn_down)))

    @staticmethod
    def _join(*modules):
        joined = torch.cat([m.weight.data for m in modules])
        for module, part in zip(modules, joined.split([len(m.weight) for m in modules])):
            module.weight.data = part
        return joined

    def gradients(self, ids, lengths, learn):
        """Mean loss at the places to learn; the gradients of the embedding and of each block's four matrices.

        After the keys and values of the last block only the places that predict something to learn are computed.
        """
        s = self.shape
        (rows, width), dim, ffn = ids.shape, s["dim"], s["ffn"]
        n, ids = rows * width, ids.reshape(-1)
        # A token is predicted where the one before it stands.
        places = torch.nonzero(learn.reshape(-1)).squeeze(1) - 1
        wanted = ids[places + 1]
        only = torch.zeros(n, dtype=torch.uint8)
        only[places] = 1
        rope = at(self.cos), at(self.sin)
        x = torch.empty(n, dim)
        loops.embed(LONG(n), at(ids), at(self.embedding), at(x))
        kept, add = [], None
        for block in self.blocks:
            last = block is self.blocks[-1]
            size = INT(rows), INT(width), at(lengths), at(only if last else None)
            w = [matrix.to(LOW) for matrix in block]
            h1, r1 = self._norm(x, add)
            qkv = h1 @ w[0].t()
            mixed = torch.empty(n, dim, dtype=LOW)
            loops.attend(*size, at(qkv), *rope, at(mixed))
            if last:
                x, mixed = x[places], mixed[places]
            h2, r2 = self._norm(x, mixed @ w[1].t())
            both = h2 @ w[2].t()
            gated = torch.empty(len(x), ffn, dtype=LOW)
            loops.gated(LONG(len(x)), INT(ffn), at(both), at(gated))
            add = gated @ w[3].t()
            kept.append((size, w, h1, r1, qkv, mixed, h2, r2, both, gated))
        h, r = self._norm(x, add)
        embedding = self.embedding.to(LOW)
        logits = h @ embedding.t()
        m = len(places)
        loss = loops.entropy(LONG(m), INT(len(embedding)), at(logits), at(wanted), FLOAT(1 / m)) / m

        d_embedding = (logits.t() @ h).float()
        dx, low = torch.zeros(m, dim), torch.empty(m, dim, dtype=LOW)
        self._norm_back(logits @ embedding, h, r, dx, low)
        gradients = []
        for size, w, h1, r1, qkv, mixed, h2, r2, both, gated in reversed(kept):
            d_down, d_gated = low.t() @ gated, low @ w[3]
            d_both = torch.empty_like(both)
            loops.gated_back(LONG(len(both)), INT(ffn), at(both), at(d_gated), at(d_both))
            d_gate_up = d_both.t() @ h2
            self._norm_back(d_both @ w[2], h2, r2, dx, low)
            d_output, d_mixed = low.t() @ mixed, low @ w[1]
            if not gradients:
                dx = torch.zeros(n, dim).index_copy_(0, places, dx)
                d_mixed = torch.zeros(n, dim, dtype=LOW).index_copy_(0, places, d_mixed)
                low = torch.empty(n, dim, dtype=LOW)
            d_qkv = torch.empty_like(qkv)
            loops.attend_back(*size, at(qkv), *rope, at(d_mixed), at(d_qkv))
            d_attn = d_qkv.t() @ h1
            self._norm_back(d_qkv @ w[0], h1, r1, dx, low)
            gradients.append((d_attn, d_output, d_gate_up, d_down))
        loops.embed_back(LONG(n), at(ids), at(dx), at(d_embedding))
        return loss, d_embedding, gradients[::-1]

    def _norm(self, x, add):
        """Adds to x; x normed, and by what."""
        y, r = torch.empty(x.shape, dtype=LOW), torch.empty(len(x))
        loops.add_norm(LONG(len(x)), at(x), at(add), at(y), at(r), FLOAT(self.shape["eps"]))
        return y, r

    @staticmethod
    def _norm_back(dy, y, r, dx, low):
        """Adds the gradient of what was normed to dx; low becomes the new dx."""
        loops.norm_back(LONG(len(dy)), at(dy), at(y), at(r), at(dx), at(low))


class Optimizers:
    """AdamW for the embedding, Muon (https://kellerjordan.github.io/posts/muon/) for the matrices.

    Muon makes the step of a matrix orthogonal: rare directions get as large a step as frequent ones, which suits a text
    of many facts, each of them rare.
    """

    MOMENTUM, DECAY = 0.95, 0.05
    BETAS, EMBEDDING_DECAY = (0.9, 0.99), 0.01

    def __init__(self, step):
        self.step = step
        s = step.shape
        kv = s["kv_heads"] * s["head"]
        parts = ((0, (s["heads"] * s["head"], kv, kv)), (1, (s["dim"],)), (2, (s["ffn"], s["ffn"])), (3, (s["dim"],)))
        self.members = {}  # shape -> block, which of its matrices, first row
        for block, matrices in enumerate(step.blocks):
            for which, sizes in parts:
                for i, rows in enumerate(sizes):
                    shape = rows, matrices[which].shape[1]
                    self.members.setdefault(shape, []).append((block, which, sum(sizes[:i])))
        self.state = {"means": {k: torch.zeros(len(v), *k) for k, v in self.members.items()}, "steps": 0,
                      "mean": torch.zeros_like(step.embedding), "square": torch.zeros_like(step.embedding)}

    def apply(self, d_embedding, gradients, rate, embedding_rate):
        for (rows, columns), members in self.members.items():
            count = LONG(rows * columns)
            means = self.state["means"][rows, columns]
            steps = torch.empty(means.shape, dtype=LOW)
            for mean, update, (block, which, first) in zip(means, steps, members):
                loops.momentum(count, at(gradients[block][which][first:]), at(mean), FLOAT(self.MOMENTUM), at(update))
            steps = orthogonal(steps)
            by = -rate * max(1, rows / columns) ** 0.5
            for update, (block, which, first) in zip(steps, members):
                loops.move(count, at(self.step.blocks[block][which][first:]), at(update), FLOAT(1 - rate * self.DECAY),
                           FLOAT(by))
        self.state["steps"] += 1
        unbias = [1 / (1 - beta ** self.state["steps"]) for beta in self.BETAS]
        loops.adam(LONG(d_embedding.numel()), at(self.step.embedding), at(d_embedding), at(self.state["mean"]),
                   at(self.state["square"]), FLOAT(embedding_rate), *map(FLOAT, self.BETAS), *map(FLOAT, unbias),
                   FLOAT(1e-8), FLOAT(1 - embedding_rate * self.EMBEDDING_DECAY))


def orthogonal(x):
    """Nearly the nearest orthogonal matrix to each, x being of length one: Newton and Schulz's iteration."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = x.shape[1] > x.shape[2]
    for _ in range(5):
        square = x.transpose(1, 2) @ x if tall else x @ x.transpose(1, 2)
        by = torch.baddbmm(square, square, square, beta=b, alpha=c)
        x = torch.baddbmm(x, x, by, beta=a) if tall else torch.baddbmm(x, by, x, beta=a)
    return x.contiguous()


def main():
    import torch.nn.functional as F
    from model import Llama

    torch.manual_seed(1)
    model, same = Llama(), Llama()
    for parameter in model.parameters():
        parameter.data *= 3
    same.load_state_dict(model.state_dict())
    rows, width = 16, 60
    lengths = torch.randint(width // 2, width + 1, (rows,), dtype=torch.int32)
    inside = torch.arange(width) < lengths[:, None]
    ids = torch.randint(0, model.shape["vocab"], (rows, width)) * inside
    learn = (torch.rand(rows, width) < 0.35) & inside
    learn[:, 0] = False
    loss, d_embedding, gradients = Step(same).gradients(ids, lengths, learn)
    places = learn[:, 1:]
    wanted = F.cross_entropy(model(ids[:, :-1], places), ids[:, 1:][places])
    wanted.backward()
    print(f"loss {loss:.4f}, autograd {wanted.item():.4f}; relative distance of the gradients:")
    pairs = [("token_embd", d_embedding, [model.token_embd])]
    for i, (b, of) in enumerate(zip(model.blk, gradients)):
        groups = (b.attn_q, b.attn_k, b.attn_v), (b.attn_output,), (b.ffn_gate, b.ffn_up), (b.ffn_down,)
        pairs += [(f"blk.{i} {name}", g, m) for name, g, m in zip(("qkv", "output", "gate and up", "down"), of, groups)]
    for name, got, modules in pairs:
        grad = torch.cat([m.weight.grad for m in modules])
        print(f"  {name}: {(got.float() - grad).norm() / grad.norm():.4f}")


if __name__ == "__main__":
    main()
