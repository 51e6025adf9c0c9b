#!/usr/bin/env python3
"""Trains the bundled model and writes it as GGUF.

    apt-get install python3-torch libopenblas0-pthread gcc     # Debian
    python3 examples/tiny-model/training/train.py                            # some sixty minutes on one core of a Zen 5
    python3 examples/tiny-model/training/train.py --tools                    # and some minutes more, for tools and forms

Stop it whenever you like and start it again: it goes on from its last checkpoint in --work.
"""

import argparse
import random
import re
import time
from pathlib import Path

import torch

import bpe
import data
import export
from model import SHAPE, Llama
from step import Optimizers, Step

TOOL_SHARE = 0.3  # of the documents, where tools and forms are learned
POOL = 3000  # documents that are sorted by length and cut into batches together
TARGET = Path(__file__).parents[1] / "src/main/resources/dev/skald/tiny/skald-tiny-Q8_0.gguf"


def make_tokenizer(corpus):
    corpus.rng = random.Random("tokenizer")
    pieces = [text for _ in range(8000) for text, _ in corpus.document()]
    specials = [data.BOS, data.START, data.END]
    return bpe.train([re.sub(r"<\|\w+\|>", "", p) for p in pieces], SHAPE["vocab"], specials)


def pools(corpus, tokenizer, seed, first, batch_tokens, tool_share):
    """Endless batches of about batch_tokens tokens: number of the pool, ids, lengths of the rows, which to learn."""
    number = first
    while True:
        corpus.rng = random.Random(f"{seed}/{number}")
        documents = []
        for _ in range(POOL):
            ids, learn = [], []
            for text, learned in corpus.document(tool_share):
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
            lengths = torch.tensor([len(i) for i, _ in batch], dtype=torch.int32)
            for row, (i, m) in enumerate(batch):
                ids[row, :len(i)] = torch.tensor(i)
                learn[row, :len(m)] = torch.tensor(m)
            yield number, ids, lengths, learn
        number += 1


def rate(step, done, level=0.5):
    """The learning rate's course: up in 40 steps, level, and from the middle (or earlier) straight down to 0 at the end."""
    return min(1.0, (step + 1) / 40) * min(1.0, (1 - done) / (1 - level))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=float, help="how many tokens to train on, padding counted (66e6, with --tools 5e6)")
    parser.add_argument("--tools", action="store_true", help="go on from the file that is there, and learn tools and forms")
    parser.add_argument("--pause", type=float, default=float("inf"), help="stop at the first checkpoint after so many tokens")
    parser.add_argument("--batch-tokens", type=int, default=2048)
    parser.add_argument("--rate", type=float, help="highest learning rate of the matrices (0.02, with --tools 0.006)")
    parser.add_argument("--embedding-rate", type=float, help="highest learning rate of the embedding (4e-3, with --tools 1.2e-3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help="checkpoints (target/tiny-model, with --tools target/tiny-model-tools)")
    parser.add_argument("--out", type=Path, default=TARGET, help="the GGUF file")
    args = parser.parse_args()
    usual = (5e6, 0.006, 1.2e-3, Path("target/tiny-model-tools")) if args.tools else (66e6, 0.02, 4e-3, Path("target/tiny-model"))
    for name, value in zip(("tokens", "rate", "embedding_rate", "work"), usual):
        if getattr(args, name) is None:
            setattr(args, name, value)
    tool_share = TOOL_SHARE if args.tools else 0.0

    torch.set_num_threads(1)  # the matrices are too small for more
    torch.manual_seed(args.seed)
    args.work.mkdir(parents=True, exist_ok=True)
    corpus = data.Corpus(args.seed)
    model = Llama()
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters", flush=True)
    checkpoint = args.work / "checkpoint.pt"
    state = torch.load(checkpoint) if checkpoint.exists() else None
    if state:
        model.load_state_dict(state["model"])
        number, seen, pool, tokenizer = state["step"], state["seen"], state["pool"], state["tokenizer"]
        print(f"going on from step {number}", flush=True)
    else:
        number, seen, pool = 0, 0, 0
        if args.tools:
            trained, tokenizer = export.read(args.out)
            model.load_state_dict(trained.state_dict())
        else:
            tokenizer = make_tokenizer(corpus)
    step = Step(model)
    optimizers = Optimizers(step)
    if state:
        optimizers.state = state["optimizers"]

    started, first, losses = time.time(), seen, []
    for current, ids, lengths, learn in pools(corpus, tokenizer, args.seed, pool, args.batch_tokens, tool_share):
        if current != pool:  # checkpoints stand between pools, so that the data go on where they stopped
            pool = current
            torch.save({"model": model.state_dict(), "optimizers": optimizers.state, "step": number, "seen": seen,
                        "pool": pool, "tokenizer": tokenizer}, args.work / "checkpoint.new")
            (args.work / "checkpoint.new").replace(checkpoint)
            if seen >= args.pause:
                print(f"paused at step {number}")
                return
        if seen >= args.tokens:
            break
        factor = rate(number, seen / args.tokens, 0.2 if args.tools else 0.5)
        loss, d_embedding, gradients = step.gradients(ids, lengths, learn)
        optimizers.apply(d_embedding, gradients, args.rate * factor, args.embedding_rate * factor)
        losses.append(loss)
        number += 1
        seen += ids.numel()
        if number % 100 == 0:
            speed = (seen - first) / (time.time() - started)
            print(f"step {number}  {seen / 1e6:.2f} M tokens  loss {sum(losses) / len(losses):.4f}  rate {factor:.2f}  "
                  f"{speed:,.0f} tokens/s  {(args.tokens - seen) / speed / 60:.0f} min left", flush=True)
            losses = []
    export.write(args.out, model, tokenizer)
    print(f"wrote {args.out}, {args.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
