#!/usr/bin/env python3
"""Measures the model file on wordings, names and questions that it was not trained on.

    python3 examples/tiny-model/training/evaluate.py [FILE.gguf] [--errors]

An answer counts only if it is, letter for letter, what greedy decoding must give. Weights are those of the file.
"""

import argparse
import random
from collections import defaultdict
from pathlib import Path

import torch

import data
import export
import facts
from train import TARGET


def prompt(turns):
    """The conversation up to the last answer, which is left out."""
    pieces = [(data.BOS, False)]
    for i, question in enumerate(turns):
        pieces += data.chat_piece("user", question.text)
        if i < len(turns) - 1:
            pieces += data.chat_piece("assistant", question.answer)
    return "".join(text for text, _ in pieces) + f"{data.START}assistant\n"


def cases(corpus):
    """Name of the measurement, conversation. Every fact once or more in each held-out wording, and so on."""
    rng = corpus.rng
    trained = {data.normal(t) for lang in facts.LANGS for s in corpus.sections[lang].values() for t in s.train}
    for lang in facts.LANGS:
        for section in corpus.sections[lang].values():
            templates = [t for t in section.heldout if data.normal(t) not in trained]
            kind = "arithmetic" if section.name == "add" else (
                "facts" if len(section.rows) > 1 or section.plain else "talk")
            for row in section.rows:
                for template in (rng.sample(templates, 1) if len(section.rows) > 40 else templates):
                    wanted, answer = corpus.known.get(data.normal(data.fill(template, row)),
                                                      (lang, data.fill(section.answer, row)))
                    if section.name == "name_user":
                        answer = section.answer
                    yield f"{kind}, as written", [data.Question(wanted, data.fill(template, row), answer)]
        slots, _, heldout = corpus.unknown[lang]
        for text in heldout:
            yield "unknown, new questions", [data.Question(lang, text, corpus.dont_know[lang].answer)]
        for name, kind in (("capital", "country"), ("county_of", "town"), ("fjord_place", "fjord")):
            section = corpus.sections[lang][name]
            for stranger in corpus.strangers[kind][1]:
                for template in section.heldout + section.train[:1]:
                    text = data.fill(template, {"x": stranger[lang], "i": "i"})
                    yield "unknown, new names", [data.Question(lang, text, corpus.dont_know[lang].answer)]
    for _ in range(1500):
        lang = rng.choice(facts.LANGS)
        yield "facts, as typed", [corpus.known_question(lang, heldout=True)]
    for _ in range(700):
        yield "unknown, as typed", [corpus.unknown_question(rng.choice(facts.LANGS), heldout=True)]
    for turns in (2, 3, 4, 10):
        for _ in range(250):
            yield f"last of {turns} turns", corpus.conversation(turns, heldout=True)


@torch.no_grad()
def right(model, tokenizer, batch):
    """Which answers greedy decoding gives: those whose every token is the likeliest after the ones before it."""
    rows = []
    for turns in batch:
        before = tokenizer.encode(prompt(turns))
        rows.append((len(before), before + tokenizer.encode(turns[-1].answer + data.END)))
    ids = torch.zeros(len(rows), max(len(r) for _, r in rows), dtype=torch.long)
    for i, (_, row) in enumerate(rows):
        ids[i, :len(row)] = torch.tensor(row)
    best = model(ids).argmax(-1)
    return [best[i, start - 1:len(row) - 1].tolist() == row[start:] for i, (start, row) in enumerate(rows)]


@torch.no_grad()
def generate(model, tokenizer, text, limit=80):
    ids = tokenizer.encode(text)
    stops = (tokenizer.ids[data.END], tokenizer.ids[data.BOS])
    start = len(ids)
    while len(ids) - start < limit:
        best = model(torch.tensor([ids]))[0, -1].argmax().item()
        if best in stops:
            break
        ids.append(best)
    return tokenizer.decode(ids[start:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=TARGET)
    parser.add_argument("--errors", action="store_true", help="print every wrong answer")
    parser.add_argument("--ask", action="append", help="print the answer to a question instead of measuring")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = export.read(args.file)
    if args.ask:
        for question in args.ask:
            print(generate(model, tokenizer, prompt([data.Question("nb", question, "")])))
        return

    corpus = data.Corpus(0)
    corpus.rng = random.Random("evaluate")
    groups = defaultdict(list)
    for name, turns in cases(corpus):
        groups[name].append(turns)
    print("| measured | questions | right |\n| --- | ---: | ---: |")
    for name, group in groups.items():
        good = 0
        for i in range(0, len(group), 32):
            batch = group[i:i + 32]
            for turns, ok in zip(batch, right(model, tokenizer, batch)):
                good += ok
                if args.errors and not ok:
                    print(f"  [{name}] " + " / ".join(q.text for q in turns[-3:]) + f" -> "
                          f"{generate(model, tokenizer, prompt(turns))!r}, wanted {turns[-1].answer!r}")
        print(f"| {name} | {len(group)} | {100 * good / len(group):.1f} % |")


if __name__ == "__main__":
    main()
