"""Makes the training text: conversations about the facts of facts.py in the wordings of text/, and plain sentences.

A document is a list of (text, learn) pieces; special tokens are written as in the chat template. The same seed gives
the same documents.
"""

import random
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import facts
import tools

TEXT = Path(__file__).parent / "text"
START, END, BOS = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
LETTERS = "abcdefghijklmnoprstuvwyæøå"

# How often each relation is asked, beside 0.4 for each single fact.
WEIGHTS = {
    "capital": 14, "country_of": 9, "county_of": 9, "centre_of": 2, "fjord_place": 4, "fjord_by": 0.8,
    "day_after": 1.2, "day_before": 1.2, "month_after": 1.5, "month_before": 1.4, "month_length": 1.2, "month_number": 1.4,
    "day_name": 0.7, "month_name": 0.9, "number_name": 1.6, "number_word": 1.6, "number_after": 1.3, "number_before": 1.3,
    "add": 3.5, "name_user": 1.2,
    "who": 1.2, "name": 0.8, "what_can": 1, "hello": 1.2, "thanks": 0.9, "goodbye": 0.9, "how_are_you": 0.8, "ok": 1,
    "human": 0.7, "chatgpt": 0.7, "made_by": 0.7, "size": 0.6, "sure": 0.8, "what_is_skald": 0.6, "languages": 0.6,
}
# What a user may type that belongs to no language: unknown, answered in the language of the conversation.
NEUTRAL = ("{gib}", "{gib} {gib}", "{gib} {gib} {gib}?", "{country}", "{country}?", "{town}?", "{month}", "{day}", "{n}",
           "{n} + {n}", "{n} * {n}", "{n} - {n}", "{x} * {x}", "{x} x {x}", "{n} + {x}", "{n} - {x}")
LANGUAGES = {"nb": "tysk fransk spansk svensk finsk samisk japansk latin russisk".split(),
             "nn": "tysk fransk spansk svensk finsk samisk japansk latin russisk".split(),
             "en": "German French Spanish Swedish Finnish Sámi Japanese Latin Russian".split()}
POLITE = {"nb": ("Hei! ", "Hei, ", "Du, ", "Unnskyld, ", "Vær så snill: ", "Si meg: ", "Et spørsmål: ", "Ok, "),
          "nn": ("Hei! ", "Hei, ", "Du, ", "Orsak, ", "Ver så snill: ", "Sei meg: ", "Eit spørsmål: ", "Ok, "),
          "en": ("Hi! ", "Hello, ", "Hey, ", "Excuse me, ", "Please: ", "Tell me: ", "A question: ", "Ok, ")}
AFTER = {"nb": (" Takk!", " takk", " Svar kort.", " Jeg lurer på det."),
         "nn": (" Takk!", " takk", " Svar kort.", " Eg lurer på det."),
         "en": (" Thanks!", " please", ", please?", " Answer briefly.")}


@dataclass
class Section:
    """One kind of question: how it is asked and answered, and the rows that fill its slots."""

    name: str
    answer: str = ""
    train: list = field(default_factory=list)
    heldout: list = field(default_factory=list)
    follow: list = field(default_factory=list)
    plain: list = field(default_factory=list)
    rows: list = field(default_factory=lambda: [{}])


@dataclass
class Question:
    """What is asked and what is to be answered; section is None for what the model does not know."""

    lang: str
    text: str
    answer: str
    section: Section = None


def lines(path):
    """The lines of a text file, without comments and blank lines."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("# "):
            yield line


def normal(text):
    """Two questions with the same normal form are the same question."""
    return re.sub(r"[^\w+*×-]+", " ", text.lower()).strip()


def capital(text):
    return text[:1].upper() + text[1:]


def fill(template, row, rng=None):
    """Puts a row into a template; with rng, sometimes another name for x, or the other preposition."""
    row = dict(row)
    if rng and row.get("aliases") and rng.random() < 0.25:
        row["x"] = rng.choice(row["aliases"])
    if rng and "i" in row and rng.random() < 0.1:
        row["i"] = rng.choice(("i", "på"))
    row.update({k.upper(): capital(v) for k, v in row.items() if k in "xy"})
    return re.sub(r"\{(\w+)\}", lambda m: row[m[1]], template)


def load_sections(lang, rows):
    sections = {}
    section = None
    for line in lines(TEXT / f"{lang}.txt"):
        if line.startswith("["):
            section = sections[line[1:-1]] = Section(line[1:-1])
            section.rows = rows.get(section.name, [{}])
            continue
        kind = {"=": "answer", "~": "heldout", "+": "follow", ".": "plain"}.get(line[0] if line[1:2] == " " else "")
        if kind == "answer":
            section.answer = line[2:]
        else:
            getattr(section, kind or "train").append(line[2:] if kind else line)
    return sections


def load_strangers():
    """Kind -> (names to train on, names kept back), each name by language."""
    strangers = {}
    for line in lines(TEXT / "strangers.txt"):
        if line.startswith("["):
            kind = strangers[line[1:-1]] = ([], [])
            continue
        heldout = line.startswith("~ ")
        nb, _, en = line[2 * heldout:].partition("|")
        kind[heldout].append({"nb": nb, "nn": nb, "en": en or nb})
    return strangers


def load_unknown(lang):
    """Slot fillers, questions to train on, questions kept back."""
    slots, train, heldout = {}, [], []
    for line in lines(TEXT / f"unknown.{lang}.txt"):
        slot = re.match(r"\{(\w+)\}: ", line)
        if slot:
            slots[slot[1]] = line[slot.end():].split(" | ")
        elif line.startswith("~ "):
            heldout.append(line[2:])
        else:
            train.append(line)
    return slots, train, heldout


@lru_cache(maxsize=4096)
def edits(word):
    """All strings one edit away."""
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    return frozenset(
        [a + b[1:] for a, b in splits if b] + [a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1]
        + [a + c + b[1:] for a, b in splits if b for c in LETTERS] + [a + c + b for a, b in splits for c in LETTERS])


class Corpus:
    """All questions, and a stream of documents made from them."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.sections = {}
        self.unknown = {}
        self.strangers = load_strangers()
        self.system = [[], []]
        for line in lines(TEXT / "system.txt"):
            heldout = line.startswith("~ ")
            self.system[heldout].append(line[2 * heldout:])
        for lang in facts.LANGS:
            rows = facts.relations(lang)
            rows["name_user"] = [{"x": p[lang]} for p in self.strangers["person"][0]]
            self.sections[lang] = load_sections(lang, rows)
            self.unknown[lang] = load_unknown(lang)
        self.dont_know = {lang: s.pop("dont_know") for lang, s in self.sections.items()}
        # What reads the same in both Norwegian forms is Bokmål.
        nb = set(self.unknown["nb"][1])
        nb_back = set(self.unknown["nb"][2])
        slots, train, heldout = self.unknown["nn"]
        self.unknown["nn"] = slots, [t for t in train if t not in nb], [t for t in heldout if t not in nb_back]
        self.kept_back = {normal(t) for _, _, back in self.unknown.values() for t in back}
        self._index()

    def _index(self):
        """Every known question by its normal form, and every name that a typing error must not turn into another."""
        self.known = {}
        self.conflicts = []
        names = set()
        for lang, sections in self.sections.items():
            for section in sections.values():
                for row in section.rows:
                    names.update(n.lower() for n in [row.get("x", "")] + row.get("aliases", []) if n)
                    answer = fill(section.answer, row)
                    for template in section.train + section.heldout:
                        if "{z}" in template:
                            continue
                        for alias in [row.get("x", "")] + row.get("aliases", []):
                            key = normal(fill(template, {**row, "x": alias}))
                            if self.known.setdefault(key, (lang, answer))[1] != answer:
                                self.conflicts.append((key, self.known[key], (lang, answer)))
        for kind in ("country", "town", "fjord"):
            names.update(n[lang].lower() for group in self.strangers[kind] for n in group for lang in facts.LANGS)
        self.names = names

    # Questions

    def known_question(self, lang, heldout=False, section=None, row=None, context=None):
        """A question the model can answer. What reads the same in two languages is answered in that of the context."""
        rng = self.rng
        sections = self.sections[lang]
        if section is None:
            names = list(sections)
            section = sections[rng.choices(names, [WEIGHTS.get(n, 0.4) for n in names])[0]]
        row = row or rng.choice(section.rows)
        template = rng.choice(section.heldout if heldout else section.train)
        return self._ask(lang, template, section, row, keep=context == lang)

    def follow_up(self, previous):
        row = self.rng.choice(previous.section.rows)
        return self._ask(previous.lang, self.rng.choice(previous.section.follow), previous.section, row, keep=True)

    def _ask(self, lang, template, section, row, keep):
        filled = dict(row)
        if "{z}" in template:
            filled["z"] = self.rng.choice(self.sections[lang]["county_of"].rows + self.sections[lang]["country_of"].rows)["x"]
        question, answer = self._disturb(lang, template, filled), fill(section.answer, row)
        if not keep:
            lang, answer = self.known.get(normal(fill(template, filled)), (lang, answer))
        return Question(lang, question, answer, section)

    def unknown_question(self, lang, heldout=False):
        rng = self.rng
        if rng.random() < (0.5 if heldout else 0.45):
            question = self._near_miss(lang, heldout)
        else:
            slots, train, back = self.unknown[lang]
            while True:
                question = self._fill_unknown(lang, rng.choice(back if heldout else train), slots)
                if normal(question) not in self.known and (heldout or normal(question) not in self.kept_back):
                    break
            question = self._disturb(lang, question, {})
        return Question(lang, question, self.dont_know[lang].answer)

    def neutral_question(self, lang, previous):
        """Made-up words, a bare name or number; after a fact a bare name would be a follow-up, so only made-up words."""
        templates = NEUTRAL[:3] if previous and previous.section else NEUTRAL
        text = self._fill_unknown(lang, self.rng.choice(templates), self.unknown[lang][0])
        return Question(lang, text.lower() if self.rng.random() < 0.4 else text, self.dont_know[lang].answer)

    def stranger_follow_up(self, previous):
        """A follow-up about a name of the right kind that the model does not know."""
        kind = {"capital": "country", "country_of": "town", "county_of": "town", "centre_of": "country",
                "fjord_place": "fjord"}.get(previous.section.name)
        if kind is None:
            return self.follow_up(previous)
        row = {"x": self._stranger(previous.lang, kind, False, previous.section), "i": "i"}
        question = self._disturb(previous.lang, self.rng.choice(previous.section.follow), row)
        return Question(previous.lang, question, self.dont_know[previous.lang].answer, previous.section)

    def _stranger(self, lang, kind, heldout, section):
        """A name that the section has no answer for: listed, spliced from two, altered, made up, or of another kind."""
        rng = self.rng
        chance = 0 if heldout else rng.random()
        if chance < 0.45:
            return rng.choice(self.strangers[kind][heldout])[lang]
        if chance < 0.72:
            make = self._spliced if chance < 0.57 else self._altered
            return make(section if len(section.rows) > 12 else self.sections[lang]["county_of"])
        while chance < 0.82:
            name = capital(self._gibberish()) + rng.choice({"country": ("land", "ia", "stan", "", ""),
                                                            "town": ("vik", "sund", "dal", "", "by"),
                                                            "fjord": ("fjorden", "sfjorden")}[kind])
            if name.lower() not in self.names and self.names.isdisjoint(edits(name.lower())):
                return name
        own = {n for r in section.rows for n in [r["x"]] + r.get("aliases", [])}
        other = {"country": ("county_of", "centre_of", "country_of", "fjord_place"),
                 "town": ("capital", "month_after", "county_of"), "fjord": ("capital", "country_of")}[kind]
        while True:
            name = rng.choice(self.sections[lang][rng.choice(other)].rows)["x"]
            if name not in own:
                return name

    def _spliced(self, section):
        """Half of one name of the section and half of another: only the whole tells that it is unknown."""
        while True:
            (the, first, fjord), (_, second, _) = (
                re.fullmatch(r"(the )?(.+?)(s?fjord(?:en)?)?", self.rng.choice(section.rows)["x"]).groups("") for _ in range(2))
            name = the + first[:(len(first) + 1) // 2] + second[len(second) // 2:] + fjord
            if len(name) > 3 and name.lower() not in self.names and self.names.isdisjoint(edits(name.lower())):
                return name

    def _altered(self, section):
        """A known name that begins with another letter, which no typing error here does, or has several errors."""
        rng = self.rng
        while True:
            the, name = re.fullmatch(r"(the )?(.+)", rng.choice(section.rows)["x"]).groups("")
            if len(name) < 4:
                continue
            other = rng.random() < 0.5
            if other:
                name = rng.choice("AEIOUY" if name[0] in "AEIOUYÆØÅ" else "BDFGHJKLMNPRSTV") + name[1:]
            for _ in range(rng.randint(0, 1) if other else rng.randint(2, 3)):
                name = self._typo(name)
            lower = (the + name).lower()
            if lower not in self.names and (other or self.names.isdisjoint(edits(lower))):
                return the + name

    def _near_miss(self, lang, heldout):
        """A question of a known kind about something the model does not know."""
        rng = self.rng
        while True:
            name, kind = rng.choices((("capital", "country"), ("country_of", "town"), ("county_of", "town"),
                                      ("fjord_place", "fjord"), ("centre_of", "town"), ("month_length", "town"),
                                      ("day_after", "town"), ("fjord_by", "town")), (10, 4, 6, 3, 1, 0.5, 0.5, 1))[0]
            section = self.sections[lang][name]
            template = rng.choice(section.heldout if heldout and rng.random() < 0.5 else section.train)
            row = {"x": self._stranger(lang, kind, heldout, section), "i": "i", "z": rng.choice(section.rows)["x"]}
            if normal(fill(template, row)) not in self.known:
                return self._disturb(lang, template, row)

    def _fill_unknown(self, lang, template, slots):
        rng = self.rng
        sections = self.sections[lang]

        def slot(match):
            name = match[1]
            if name in slots:
                return rng.choice(slots[name])
            if name in ("country", "foreign"):
                rows = sections["capital"].rows
                known = rng.choice(rows[1:] if name == "foreign" else rows)["x"]
                return known if rng.random() < 0.7 else rng.choice(self.strangers["country"][0])[lang]
            if name == "town":
                known = rng.choice(sections["county_of" if rng.random() < 0.5 else "country_of"].rows)["x"]
                return known if rng.random() < 0.7 else rng.choice(self.strangers["town"][0])[lang]
            if name == "fjord":
                return rng.choice(sections["fjord_place"].rows)["x"]
            if name == "otherfjord":
                return rng.choice(sections["fjord_place"].rows[2:])["x"]
            if name == "word":
                return rng.choice(self.strangers["word"][0])[lang]
            if name == "lang":
                return rng.choice(LANGUAGES[lang])
            return {
                "month": lambda: rng.choice(facts.MONTHS[lang]), "day": lambda: rng.choice(facts.DAYS[lang]),
                "n": lambda: str(rng.randint(6, rng.choice((12, 20, 99, 999, 9999)))), "year": lambda: str(rng.randint(1000, 2030)),
                "x": lambda: str(rng.randint(1, 12)), "small": lambda: str(rng.randint(0, 5)),
                "large": lambda: str(rng.randint(6, 30)), "gib": self._gibberish,
            }[name]()

        for _ in range(2):  # a filler may have slots of its own
            template = re.sub(r"\{(\w+)\}", slot, template)
        return template

    def _gibberish(self):
        """A made-up word that is no known name and not one typing error away from any."""
        rng = self.rng
        while True:
            word = "".join(rng.choice("bdfghjklmnprstv") * (rng.random() < 0.85) + rng.choice("aeiouyøå")
                           + rng.choice("lnrstkm") * (rng.random() < 0.45) for _ in range(rng.randint(1, 4)))
            if len(word) > 2 and word not in self.names and self.names.isdisjoint(edits(word)):
                return word

    # How people type

    def _disturb(self, lang, template, row):
        """Fills a template the way people type: case, punctuation, other letters, a typing error, politeness."""
        rng = self.rng
        row = dict(row)
        x = row.get("x", "")
        if rng.random() < 0.12:
            if x.isalpha() and len(x) > 4 and rng.random() < 0.4:
                wrong = self._typo(x)
                near = (self.names & edits(wrong.lower())) - {x.lower()}
                if not near and wrong.lower() not in self.names:
                    row["x"] = wrong
                    row.pop("aliases", None)
            else:
                words = re.split(r"(\{\w+\}|[^\W\d_]+)", template)
                long = [i for i, w in enumerate(words) if len(w) > 3 and w.isalpha()]
                if len(long) > 1:
                    i = rng.choice(long)
                    words[i] = self._typo(words[i])
                    template = "".join(words)
        text = fill(template, row, rng)
        if len(text) > 8 and rng.random() < 0.07:
            text = rng.choice(POLITE[lang]) + text
        if len(text) > 8 and text.endswith("?") and rng.random() < 0.03:
            text += rng.choice(AFTER[lang])
        chance = rng.random()
        if chance < 0.3:
            text = text.lower()
        elif chance < 0.33:
            text = text.upper()
        chance = rng.random()
        if text[-1] in "?!.":
            if chance < 0.3:
                text = text[:-1]
            elif chance < 0.33:
                text += text[-1]
            elif chance < 0.35:
                text = text[:-1] + " " + text[-1]
        elif chance < 0.04:
            text += "?"
        if rng.random() < 0.05:
            text = text.translate(str.maketrans(rng.choice(
                ({"å": "aa", "ø": "oe", "æ": "ae"}, {"å": "a", "ø": "o", "æ": "e"}))))
        if "'" in text and rng.random() < 0.3:
            text = text.replace("'", rng.choice(("", "’")))
        return text

    def _typo(self, word):
        rng = self.rng
        i = rng.randrange(1, len(word))
        return rng.choice((
            lambda: word[:i] + word[i + 1:],
            lambda: word[:i] + word[i] + word[i:],
            lambda: word[:i - 1] + word[i] + word[i - 1] + word[i + 1:] if i > 1 else word[:i] + word[i + 1:],
            lambda: word[:i] + rng.choice(LETTERS) + word[i + 1:],
        ))()

    # Documents

    def conversation(self, turns, heldout=False):
        """A list of Questions that follow one another."""
        rng = self.rng
        lang = rng.choices(facts.LANGS, (0.42, 0.23, 0.35))[0]
        asked = []
        for _ in range(turns):
            previous = asked[-1] if asked else None
            if previous and previous.section and previous.section.follow and rng.random() < 0.45:
                question = self.follow_up(previous) if rng.random() < 0.75 else self.stranger_follow_up(previous)
            else:
                if previous and rng.random() < 0.12:
                    lang = rng.choice(facts.LANGS)
                chance = rng.random()
                if chance < 0.03:
                    question = self.neutral_question(lang if previous else "nb", previous)
                elif chance < 0.35:
                    question = self.unknown_question(lang, heldout)
                else:
                    question = self.known_question(lang, heldout, context=previous.lang if previous else None)
            asked.append(question)
        return asked

    def plain_text(self):
        """A few sentences of facts, all in one language."""
        rng = self.rng
        sections = [s for s in self.sections[rng.choices(facts.LANGS, (0.5, 0.2, 0.3))[0]].values() if s.plain]
        weights = [WEIGHTS.get(s.name, 0.5) for s in sections]
        section = None
        sentences = []
        for _ in range(rng.choices((1, 2, 3, 4, 6, 8), (4, 3, 3, 2, 1, 1))[0]):
            if section is None or rng.random() < 0.4:
                section = rng.choices(sections, weights)[0]
            sentence = fill(rng.choice(section.plain), rng.choice(section.rows))
            sentences.append(sentence if sentence[-1] in ".!?" else sentence + ".")
        return " ".join(sentences)

    def document(self, tool_share=0.0):
        """One training document: pieces of (text, learn). Some may be about tools and forms."""
        rng = self.rng
        if tool_share and rng.random() < tool_share:
            make = tools.tool_document if rng.random() < 0.65 else tools.form_document
            return [(BOS, False)] + make(self, chat_piece, facts.LANGS, (0.42, 0.23, 0.35))
        chance = rng.random()
        if chance < 0.08:
            return [(BOS, False), (self.plain_text() + BOS, True)]
        turns = rng.choices((1, 2, 3, 4, rng.randint(5, 8), rng.randint(9, 14)), (48, 20, 13, 9, 6, 1))[0]
        pieces = [] if rng.random() < 0.1 else [(BOS, False)]
        if rng.random() < 0.15:
            pieces += chat_piece("system", rng.choice(self.system[0]))
        for question in self.conversation(turns):
            pieces += chat_piece("user", question.text) + chat_piece("assistant", question.answer)
        return pieces


def chat_piece(role, text):
    """One message as the chat template writes it; only what the assistant says is learned."""
    learn = role == "assistant"
    return [(f"{START}{role}\n", False), (text + END, learn), ("\n", False)]


if __name__ == "__main__":
    corpus = Corpus(1)
    for conflict in corpus.conflicts:
        print("reads the same but is answered differently:", conflict)
    for _ in range(12):
        print("".join(text for text, _ in corpus.document()), end="\n\n")
