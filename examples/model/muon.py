"""Muon: momentum whose step for a matrix is made orthogonal (Jordan 2024, https://kellerjordan.github.io/posts/muon/).

Rare directions get as large a step as frequent ones, which suits a text of many facts, each of them rare.
"""

import torch


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.95, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                shapes.setdefault(p.shape, []).append(p)
            for (rows, columns), params in shapes.items():
                steps = []
                for p in params:
                    mean = self.state[p].setdefault("mean", torch.zeros_like(p)).lerp_(p.grad, 1 - group["momentum"])
                    steps.append(torch.lerp(p.grad, mean, group["momentum"]))
                for p, step in zip(params, orthogonal(torch.stack(steps))):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_(step, alpha=-group["lr"] * max(1, rows / columns) ** 0.5)


def orthogonal(matrices, steps=5):
    """The nearest orthogonal matrix to each, nearly: Newton and Schulz's iteration on the singular values."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.transpose(1, 2) if matrices.shape[1] > matrices.shape[2] else matrices
    x = (x / (x.flatten(1).norm(dim=1)[:, None, None] + 1e-7)).to(torch.bfloat16)
    for _ in range(steps):
        square = x @ x.transpose(1, 2)
        x = a * x + (b * square + c * (square @ square)) @ x
    x = x.float()
    return x.transpose(1, 2) if matrices.shape[1] > matrices.shape[2] else x
