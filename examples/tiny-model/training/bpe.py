"""The tokenizer: a byte-level BPE trained on the project's own text, in the form GGUF calls `gpt2` / `llama-bpe`."""

import re
from collections import Counter, defaultdict

# The pre-tokenizer `llama-bpe` (Llama 3), written for Python's re: \p{L} is [^\W\d_], \p{N} is \d.
PIECES = re.compile(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|(?:[^\r\n\w]|_)?[^\W\d_]+|\d{1,3}| ?(?:[^\s\w]|_)+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def _byte_letters():
    """GPT-2's printable stand-in for each byte: itself where printable, else a letter from U+0100 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in printable}
    for b in range(256):
        letters.setdefault(b, chr(256 + len(letters) - len(printable)))
    return [letters[b] for b in range(256)]


LETTERS = _byte_letters()


class Bpe:
    """Ids: 256 bytes, then one token a merge in order of rank, then the special tokens."""

    def __init__(self, merges, specials):
        self.merges = merges
        self.specials = specials
        self.tokens = LETTERS + [a + b for a, b in merges] + specials
        self.ids = {t: i for i, t in enumerate(self.tokens)}
        self.ranks = {tuple(m): i for i, m in enumerate(merges)}
        self._split = re.compile("(" + "|".join(map(re.escape, specials)) + ")")
        self._cache = {}

    def encode(self, text):
        """Token ids; special tokens in the text are recognised."""
        ids = []
        for part in self._split.split(text):
            if part in self.specials:
                ids.append(self.ids[part])
            else:
                for piece in PIECES.findall(part):
                    ids += self._piece(piece)
        return ids

    def _piece(self, piece):
        if piece not in self._cache:
            word = "".join(LETTERS[b] for b in piece.encode("utf-8"))
            # llama-bpe takes a piece that is a token as it is, without merging.
            parts = [word] if word in self.ids else list(word)
            while len(parts) > 1:
                rank, i = min((self.ranks.get(pair, len(self.ranks)), i) for i, pair in enumerate(zip(parts, parts[1:])))
                if rank == len(self.ranks):
                    break
                parts[i:i + 2] = [parts[i] + parts[i + 1]]
            self._cache[piece] = [self.ids[p] for p in parts]
        return self._cache[piece]

    def decode(self, ids):
        """Text of the ids, special tokens left out."""
        byte = {letter: b for b, letter in enumerate(LETTERS)}
        words = [self.tokens[i] for i in ids]
        return bytes(byte[c] for w in words if w not in self.specials for c in w).decode("utf-8", "replace")


def train(texts, size, specials):
    """Learns merges from texts until the vocabulary has `size` tokens. Digits are never merged: a number is its digits."""
    counts = Counter(piece for text in texts for piece in PIECES.findall(text))
    words = [([LETTERS[b] for b in piece.encode("utf-8")], n) for piece, n in sorted(counts.items())
             if not any(c.isdigit() for c in piece)]
    where = defaultdict(set)
    pairs = Counter()
    for i, (parts, n) in enumerate(words):
        for pair in zip(parts, parts[1:]):
            pairs[pair] += n
            where[pair].add(i)
    merges = []
    while len(LETTERS) + len(merges) + len(specials) < size:
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        for i in where.pop(best):
            parts, n = words[i]
            for pair in zip(parts, parts[1:]):
                pairs[pair] -= n
            j = 0
            while j < len(parts) - 1:
                if (parts[j], parts[j + 1]) == best:
                    parts[j:j + 2] = [parts[j] + parts[j + 1]]
                j += 1
            for pair in zip(parts, parts[1:]):
                pairs[pair] += n
                where[pair].add(i)
        del pairs[best]
    return Bpe(merges, specials)
