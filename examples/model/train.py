#!/usr/bin/env python3
"""Trains the bundled model and writes it as GGUF.

    apt-get install python3-torch libopenblas0-pthread     # Debian; without OpenBLAS it is 16 times slower
    python3 examples/model/train.py                        # an hour or two on one core

Stop it whenever you like and start it again: it goes on from its last checkpoint in --work.
"""

import argparse
import random
import re
import time
from pathlib import Path

import torch
import torch.nn.functional as F

import bpe
import data
import export
from model import SHAPE, Llama
from muon import Muon

POOL = 3000  # documents that are sorted by length and cut into batches together
TARGET = Path(__file__).parents[1] / "src/main/resources/dev/skald/cli/skald-tiny-Q8_0.gguf"
TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def make_tokenizer(corpus):
    corpus.rng = random.Random("tokenizer")
    pieces = [text for _ in range(8000) for text, _ in corpus.document()]
    specials = [data.BOS, data.START, data.END]
    return bpe.train([re.sub(r"<\|\w+\|>", "", p) for p in pieces], SHAPE["vocab"], specials)


def pools(corpus, tokenizer, seed, first, batch_tokens):
    """Endless batches (ids, learn) of about batch_tokens tokens, each with the number of the pool it came from."""
    number = first
    while True:
        corpus.rng = random.Random(f"{seed}/{number}")
        documents = []
        for _ in range(POOL):
            ids, learn = [], []
            for text, learned in corpus.document():
                piece = tokenizer.encode(text)
                ids += piece
                learn += [learned] * len(piece)
            documents.append((ids[:SHAPE["context"]], learn[:SHAPE["context"]]))
        documents.sort(key=lambda d: len(d[0]))
        batches, batch = [], []
        for document in documents:
            if batch and (len(batch) + 1) * len(document[0]) > batch_tokens:
                batches.append(batch)
                batch = []
            batch.append(document)
        batches.append(batch)
        corpus.rng.shuffle(batches)
        for batch in batches:
            longest = len(batch[-1][0])
            ids = torch.zeros(len(batch), longest, dtype=torch.long)
            learn = torch.zeros(len(batch), longest, dtype=torch.bool)
            for row, (i, m) in enumerate(batch):
                ids[row, :len(i)] = torch.tensor(i)
                learn[row, :len(m)] = torch.tensor(m)
            yield number, ids, learn
        number += 1


def rate(done):
    """The learning rate's course from 1 to 0 while `done` goes from 0 to 1: level, then straight down."""
    return min(1.0, (1 - done) / 0.6)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=float, default=20e6, help="how many tokens to train on (padding counted)")
    parser.add_argument("--batch-tokens", type=int, default=2048)
    parser.add_argument("--rate", type=float, default=0.03, help="highest learning rate of the matrices")
    parser.add_argument("--embedding-rate", type=float, default=5e-3, help="highest learning rate of the embedding")
    parser.add_argument("--compute", choices=TYPES, default="float32", help="bfloat16 is faster on processors with AMX")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path("target/tiny-model"), help="checkpoints")
    parser.add_argument("--out", type=Path, default=TARGET, help="the GGUF file")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    args.work.mkdir(parents=True, exist_ok=True)
    corpus = data.Corpus(args.seed)
    model = Llama(compute=TYPES[args.compute])
    optimizers = [
        Muon(model.blk.parameters(), lr=args.rate, weight_decay=0.05),
        torch.optim.AdamW(model.token_embd.parameters(), lr=args.embedding_rate, betas=(0.9, 0.99), weight_decay=0.01),
    ]
    highest = (args.rate, args.embedding_rate)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters", flush=True)

    step, seen, pool = 0, 0, 0
    checkpoint = args.work / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        step, seen, pool, tokenizer = state["step"], state["seen"], state["pool"], state["tokenizer"]
        print(f"going on from step {step}", flush=True)
    else:
        tokenizer = make_tokenizer(corpus)

    started, first, losses = time.time(), seen, []
    for number, ids, learn in pools(corpus, tokenizer, args.seed, pool, args.batch_tokens):
        if number != pool:  # checkpoints stand between pools, so that the data go on where they stopped
            pool = number
            torch.save({"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step,
                        "seen": seen, "pool": pool, "tokenizer": tokenizer}, args.work / "checkpoint.new")
            (args.work / "checkpoint.new").replace(checkpoint)
        if seen >= args.tokens:
            break
        for optimizer, top in zip(optimizers, highest):
            optimizer.param_groups[0]["lr"] = top * min(1.0, (step + 1) / 50) * rate(seen / args.tokens)
        places = learn[:, 1:]
        loss = F.cross_entropy(model(ids[:, :-1], places), ids[:, 1:][places])
        model.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
        step += 1
        seen += ids.numel()
        if step % 100 == 0:
            speed = (seen - first) / (time.time() - started)
            print(f"step {step}  {seen / 1e6:.2f} M tokens  loss {sum(losses) / len(losses):.4f}  "
                  f"rate {rate(seen / args.tokens):.2f}  {speed:,.0f} tokens/s  "
                  f"{(args.tokens - seen) / speed / 60:.0f} min left", flush=True)
            losses = []
    export.write(args.out, model, tokenizer)
    print(f"wrote {args.out}, {args.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
