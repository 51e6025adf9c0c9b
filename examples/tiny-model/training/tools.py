"""Documents in which the model calls a tool, and those in which it writes what a text says as JSON.

Tools and fields have many names, so that the model reads them instead of learning them by heart; what it can ask a tool for
is the weather or the time in a town, and a sum.
"""

import json

WEATHER = ("get_weather", "getWeather", "weather", "current_weather", "getCurrentWeather", "weather_in", "hent_vaer", "vaer")
TIME = ("get_time", "getTime", "time", "current_time", "getCurrentTime", "time_in", "klokka", "hent_tid")
ADD = ("add", "sum", "plus", "addNumbers", "legg_sammen")
PLACE = ("city", "location", "place", "town", "by", "sted")
NUMBERS = (("a", "b"), ("x", "y"), ("first", "second"), ("arg0", "arg1"))
ABOUT = {
    "weather": ("The weather in a town.", "Tells the weather.", "Get the current weather for a city", "Været i en by.", ""),
    "time": ("The time in a town.", "Tells what time it is.", "Get the current time for a city", "Klokka i en by.", ""),
    "add": ("Adds two numbers.", "The sum of two numbers", "Legger sammen to tall.", ""),
}
ASK = {
    "weather": {
        "nb": ("Hvordan er været i {x}?", "Hva er været i {x}?", "Hvordan er været i {x} nå?", "Regner det i {x}?",
               "Hvor varmt er det i {x}?", "Hvordan blir været i {x} i dag?", "Sjekk været i {x}.", "Er det sol i {x}?"),
        "nn": ("Korleis er vêret i {x}?", "Kva er vêret i {x}?", "Korleis er vêret i {x} no?", "Regnar det i {x}?",
               "Kor varmt er det i {x}?", "Sjekk vêret i {x}."),
        "en": ("What is the weather in {x}?", "What's the weather like in {x}?", "How is the weather in {x}?",
               "What is the weather in {x} today?", "Is it raining in {x}?", "How warm is it in {x}?",
               "Check the weather in {x}.", "Tell me the weather in {x}."),
    },
    "time": {
        "nb": ("Hva er klokka i {x}?", "Hvor mye er klokka i {x}?", "Hva er klokka i {x} nå?", "Hvilken tid er det i {x}?"),
        "nn": ("Kva er klokka i {x}?", "Kor mykje er klokka i {x}?", "Kva er klokka i {x} no?"),
        "en": ("What time is it in {x}?", "What is the time in {x}?", "What time is it in {x} now?", "Tell me the time in {x}."),
    },
    "add": {
        "nb": ("Hva er {a} + {b}?", "Hva er {a} pluss {b}?", "Legg sammen {a} og {b}.", "Hvor mye er {a} og {b} til sammen?"),
        "nn": ("Kva er {a} + {b}?", "Kva er {a} pluss {b}?", "Legg saman {a} og {b}."),
        "en": ("What is {a} + {b}?", "What is {a} plus {b}?", "Add {a} and {b}.", "What is the sum of {a} and {b}?"),
    },
}
BOTH = {"nb": " og ", "nn": " og ", "en": " and "}
ANSWER = {
    "weather": {"nb": "Været i {x}: {r}.", "nn": "Vêret i {x}: {r}.", "en": "The weather in {x}: {r}."},
    "time": {"nb": "Klokka i {x}: {r}.", "nn": "Klokka i {x}: {r}.", "en": "The time in {x}: {r}."},
    "add": {"nb": "{a} + {b} = {r}", "nn": "{a} + {b} = {r}", "en": "{a} + {b} = {r}"},
}
SKY = {"nb": ("sol", "regn", "skyer", "vind", "snø", "tåke", "opphold", "storm"),
       "nn": ("sol", "regn", "skyer", "vind", "snø", "skodde", "opphald", "storm"),
       "en": ("sun", "rain", "clouds", "wind", "snow", "fog", "dry", "storm")}
DEGREES = {"nb": "grader", "nn": "grader", "en": "degrees"}
ERRORS = ("Error: no such town", "Error: not found", "Feil: ukjent sted", "error: timeout", "Error: the service is down")

PERSON = {
    "nb": ("{n} er {a} år og bor i {t}.", "{n} ({a}) bor i {t}.", "Jeg heter {n}, er {a} år gammel og bor i {t}.",
           "{n} på {a} år kommer fra {t}.", "I {t} bor {n}, som er {a} år.", "Hei, jeg er {n} fra {t}, og jeg er {a}."),
    "nn": ("{n} er {a} år og bur i {t}.", "{n} ({a}) bur i {t}.", "Eg heiter {n}, er {a} år gammal og bur i {t}.",
           "I {t} bur {n}, som er {a} år."),
    "en": ("{n} is {a} years old and lives in {t}.", "{n} ({a}) lives in {t}.", "My name is {n}, I am {a} and live in {t}.",
           "{n}, {a} years old, comes from {t}.", "In {t} lives {n}, who is {a}.", "Hi, I am {n} from {t} and I am {a}."),
}
BEFORE = {"nb": ("Hvem er dette? ", "Finn personen: ", "Hent ut personen fra teksten: ", "Les: ", "", ""),
          "nn": ("Kven er dette? ", "Finn personen: ", "Hent ut personen frå teksten: ", "Les: ", "", ""),
          "en": ("Who is this? ", "Find the person: ", "Extract the person from this text: ", "Read: ", "", "")}
BEHIND = {"nb": (" Svar med JSON.", " Svar som JSON: {keys}", " JSON: {keys}"),
          "nn": (" Svar med JSON.", " Svar som JSON: {keys}", " JSON: {keys}"),
          "en": (" Answer with JSON.", " Answer as JSON: {keys}", " JSON: {keys}")}
FIELDS = {"n": ("name", "navn", "firstName", "person"), "a": ("age", "alder", "years"), "t": ("city", "town", "by", "home", "place")}


def definition(rng, kind, name):
    """The tool as the chat template writes it, and the names of its parameters."""
    if kind == "add":
        names = rng.choice(NUMBERS)
        properties = {n: {"type": rng.choice(("integer", "number"))} for n in names}
    else:
        names = (rng.choice(PLACE),)
        properties = {names[0]: {"type": "string"}}
        if rng.random() < 0.3:
            properties[names[0]]["description"] = rng.choice(("The town", "Name of the city", "Stedet"))
    parameters = {"type": "object", "properties": properties, "required": list(names)}
    return {"name": name, "description": rng.choice(ABOUT[kind]), "parameters": parameters}, names


def towns(corpus, lang):
    rng = corpus.rng
    if rng.random() < 0.25:
        return rng.choice(corpus.strangers["town"][0])[lang]
    return rng.choice(corpus.sections[lang][rng.choice(("county_of", "country_of"))].rows)["x"]


def tool_document(corpus, chat_piece, languages, weights):
    """A conversation in which tools are there; most questions need one."""
    rng = corpus.rng
    lang = rng.choices(languages, weights)[0]
    kinds = rng.sample(("weather", "time", "add"), rng.choice((1, 1, 2, 3)))
    tools = {kind: definition(rng, kind, rng.choice({"weather": WEATHER, "time": TIME, "add": ADD}[kind])) for kind in kinds}
    system = "".join(json.dumps(tool, ensure_ascii=False) + "\n" for tool, _ in tools.values())
    if rng.random() < 0.2:
        system = rng.choice(corpus.system[0]) + "\n" + system
    pieces = chat_piece("system", system.removesuffix("\n"))
    for _ in range(rng.choice((1, 1, 2, 3))):
        if rng.random() < 0.35:
            question = corpus.unknown_question(lang) if rng.random() < 0.3 else corpus.known_question(lang, context=lang)
            pieces += chat_piece("user", question.text) + chat_piece("assistant", question.answer)
            continue
        kind = rng.choice(kinds)
        pieces += call(corpus, chat_piece, lang, kind, *tools[kind])
    return pieces


def call(corpus, chat_piece, lang, kind, tool, names):
    """A question, the call or two that it needs, what comes of them, and the answer."""
    rng = corpus.rng
    if kind == "add":
        row = {"a": str(rng.randint(0, 999)), "b": str(rng.randint(0, 99))}
        asked, rows = row, [row]
        arguments = [{names[0]: int(row["a"]), names[1]: int(row["b"])}]
    else:
        places = [towns(corpus, lang)]
        if rng.random() < 0.25:
            places.append(towns(corpus, lang))
        asked = {"x": BOTH[lang].join(places)}
        rows = [{"x": place} for place in places]
        arguments = [{names[0]: place} for place in places]
    question = rng.choice(ASK[kind][lang]).format(**asked)
    if rng.random() < 0.15:
        question = question.rstrip("?.")
    calls = "\n".join(
        "<tool_call>\n" + json.dumps({"name": tool["name"], "arguments": a}, ensure_ascii=False) + "\n</tool_call>" for a in arguments)
    pieces = chat_piece("user", question) + chat_piece("assistant", calls)
    if len(rows) == 1 and rng.random() < 0.08:
        return pieces + chat_piece("tool", rng.choice(ERRORS)) + chat_piece("assistant", corpus.dont_know[lang].answer)
    answers = []
    for row in rows:
        result = what_comes(rng, lang, kind, row)
        pieces += chat_piece("tool", result)
        answers.append(ANSWER[kind][lang].format(**row, r=result))
    return pieces + chat_piece("assistant", " ".join(answers))


def what_comes(rng, lang, kind, row):
    if kind == "add":
        return str(int(row["a"]) + int(row["b"]))
    if kind == "time":
        return f"{rng.randint(0, 23):02}{rng.choice('.:')}{rng.randint(0, 59):02}"
    degrees, sky = rng.randint(-20, 35), rng.choice(SKY[rng.choice((lang, "en"))])
    return rng.choice((f"{degrees} {DEGREES[lang]}{BOTH[lang]}{sky}", f"{sky}, {degrees} {DEGREES[lang]}", f"{degrees}°C", sky,
                       json.dumps({"temperature": degrees, "sky": sky}, ensure_ascii=False)))


def form_document(corpus, chat_piece, languages, weights):
    """A sentence about a person, and as JSON what it says."""
    rng = corpus.rng
    lang = rng.choices(languages, weights)[0]
    row = {"n": rng.choice(corpus.strangers["person"][0])[lang], "a": rng.randint(1, 99), "t": towns(corpus, lang)}
    kinds = rng.sample(("n", "a", "t"), rng.choice((2, 3, 3, 3)))
    if rng.random() < 0.5:
        kinds.sort(key="nat".index)
    fields = {rng.choice(FIELDS[kind]): row[kind] for kind in kinds}
    text = rng.choice(BEFORE[lang]) + rng.choice(PERSON[lang]).format(**row)
    if rng.random() < 0.7:
        text += rng.choice(BEHIND[lang]).format(keys=", ".join(fields))
    separators = (",", ":") if rng.random() < 0.5 else (", ", ": ")
    return chat_piece("user", text) + chat_piece("assistant", json.dumps(fields, ensure_ascii=False, separators=separators))
