"""What the model knows: the facts themselves, in Bokmål (nb), Nynorsk (nn) and English (en).

Written from general knowledge, then looked up in public sources (November 2026). Not looked up: that Lofoten is in
Nordland, and the numbers, days, months and sums, which anyone can check. The sources:

- capitals: https://github.com/mledoze/countries (countries.json); those of England, Scotland, Wales and Northern Ireland,
  which are no entries of their own there, are common knowledge
- towns and their counties: https://github.com/robhop/fylker-og-kommuner (Kartverket's borders of 2024), by the
  municipality and, where a place is no municipality, by coordinates, of worldcities.csv (simplemaps.com) or of lists in
  public repositories; Hønefoss, Rjukan and Askim by the municipality they are the centre of or were until 2020
- county centres: https://sco.wikipedia.org/wiki/Coonties_o_Norawa, https://wikimili.com/en/Agder_County_Municipality,
  https://www.nrk.no/trondelag/bygger-nytt-fylkeshus-i-steinkjer-etter-sammenslaingen-av-trondelag-1.15293017,
  https://www.allkunne.no (Akershus fylke: governed from Oslo)
- fjords: https://snl.no/Norges_lengste_fjorder, https://bellona.no/nyheter/ukategorisert/2007-03-nasjonale-laksefjorder,
  https://www.fjords.com/en/the-fjord-counties, Wikipedia's articles on Sognefjord, Lustrafjorden, Aurlandsfjord,
  Hjørundfjord, Sunndalsfjorden, Saltfjorden, Tanafjord, Altafjord, Namsenfjorden, Lyngen, Balsfjorden, Boknafjorden,
  Ofotfjord, Vestfjorden, Porsangerfjorden, Laksefjorden
- the single facts of text/: https://worldatlas.com/articles/the-longest-fjords-in-norway.html,
  http://www.bestnorwegian.com/norwegian_geography.html, http://www.vestnorskfjordlandskap.no

What is disputed, about to change or read differently by different sources (Israel, Kosovo, Indonesia, South Africa, the
length of a fjord to the kilometre) is left out rather than simplified. `relations(lang)` gives, for each section of
text/<lang>.txt that has slots, the rows that fill them.
"""

LANGS = ("nb", "nn", "en")

# Country: nb | nn (if it differs) | en ; capital: nb (and nn) | en (if it differs).
# A trailing "*" on the Norwegian name means "på" instead of "i".
_CAPITALS = """
Norge|Noreg|Norway; Oslo
Sverige||Sweden; Stockholm
Danmark||Denmark; København|Copenhagen
Finland||Finland; Helsingfors|Helsinki
Island*||Iceland; Reykjavik
Færøyene*|Færøyane*|the Faroe Islands; Tórshavn
Grønland*||Greenland; Nuuk
Tyskland||Germany; Berlin
Frankrike||France; Paris
Storbritannia||the United Kingdom; London
England||England; London
Skottland||Scotland; Edinburgh
Wales||Wales; Cardiff
Nord-Irland||Northern Ireland; Belfast
Irland||Ireland; Dublin
Spania||Spain; Madrid
Portugal||Portugal; Lisboa|Lisbon
Italia||Italy; Roma|Rome
Hellas||Greece; Athen|Athens
Østerrike|Austerrike|Austria; Wien|Vienna
Sveits||Switzerland; Bern
Belgia||Belgium; Brussel|Brussels
Nederland||the Netherlands; Amsterdam
Luxembourg||Luxembourg; Luxembourg
Polen||Poland; Warszawa|Warsaw
Tsjekkia||Czechia; Praha|Prague
Slovakia||Slovakia; Bratislava
Ungarn||Hungary; Budapest
Romania||Romania; Bucuresti|Bucharest
Bulgaria||Bulgaria; Sofia
Serbia||Serbia; Beograd|Belgrade
Kroatia||Croatia; Zagreb
Slovenia||Slovenia; Ljubljana
Bosnia-Hercegovina||Bosnia and Herzegovina; Sarajevo
Montenegro||Montenegro; Podgorica
Nord-Makedonia||North Macedonia; Skopje
Albania||Albania; Tirana
Ukraina||Ukraine; Kyiv
Belarus||Belarus; Minsk
Russland||Russia; Moskva|Moscow
Moldova||Moldova; Chisinau
Estland||Estonia; Tallinn
Latvia||Latvia; Riga
Litauen||Lithuania; Vilnius
Malta*||Malta; Valletta
Kypros*||Cyprus; Nikosia|Nicosia
Liechtenstein||Liechtenstein; Vaduz
Andorra||Andorra; Andorra la Vella
Tyrkia||Turkey; Ankara
Georgia||Georgia; Tbilisi
Armenia||Armenia; Jerevan|Yerevan
Aserbajdsjan||Azerbaijan; Baku
USA||the United States; Washington D.C.
Canada||Canada; Ottawa
Mexico||Mexico; Mexico by|Mexico City
Cuba*||Cuba; Havanna|Havana
Brasil||Brazil; Brasilia
Argentina||Argentina; Buenos Aires
Chile||Chile; Santiago
Peru||Peru; Lima
Colombia||Colombia; Bogotá
Venezuela||Venezuela; Caracas
Kina||China; Beijing
Japan||Japan; Tokyo
India||India; New Delhi
Sør-Korea||South Korea; Seoul
Nord-Korea||North Korea; Pyongyang
Thailand||Thailand; Bangkok
Vietnam||Vietnam; Hanoi
Filippinene*|Filippinane*|the Philippines; Manila
Malaysia||Malaysia; Kuala Lumpur
Mongolia||Mongolia; Ulan Bator|Ulaanbaatar
Nepal||Nepal; Katmandu|Kathmandu
Pakistan||Pakistan; Islamabad
Bangladesh||Bangladesh; Dhaka
Afghanistan||Afghanistan; Kabul
Iran||Iran; Teheran|Tehran
Irak||Iraq; Bagdad|Baghdad
Syria||Syria; Damaskus|Damascus
Libanon||Lebanon; Beirut
Jordan||Jordan; Amman
Qatar||Qatar; Doha
Saudi-Arabia||Saudi Arabia; Riyadh
Egypt||Egypt; Kairo|Cairo
Marokko||Morocco; Rabat
Algerie||Algeria; Alger|Algiers
Tunisia||Tunisia; Tunis
Etiopia||Ethiopia; Addis Abeba|Addis Ababa
Kenya||Kenya; Nairobi
Uganda||Uganda; Kampala
Nigeria||Nigeria; Abuja
Ghana||Ghana; Accra
Senegal||Senegal; Dakar
Australia||Australia; Canberra
New Zealand*||New Zealand; Wellington
"""

# Other names people use for a country above, by its Norwegian Bokmål name: nb and nn | en.
ALIASES = {
    "USA": ("Amerika", "the USA|the US|USA|United States|America|the States"),
    "Storbritannia": ("UK", "the UK|UK|Great Britain|Britain|United Kingdom"),
    "Nederland": ("Holland", "Netherlands|Holland"),
    "Tsjekkia": ("", "the Czech Republic|Czech Republic"),
    "Færøyene": ("", "Faroe Islands|the Faroes"),
    "Filippinene": ("", "Philippines"),
    "Tyrkia": ("", "Türkiye"),
    "Belarus": ("Hviterussland|Kviterussland", ""),
    "Bosnia-Hercegovina": ("Bosnia og Hercegovina|Bosnia", "Bosnia"),
    "Nord-Makedonia": ("Makedonia", "Macedonia"),
    "Sør-Korea": ("Korea", ""),
    "Norge": ("Norge|Noreg", ""),
}

# County as of 2024: administrative centre | towns and places in it (the first is the best known).
COUNTIES = {
    "Agder": ("Kristiansand", "Kristiansand,Arendal,Mandal,Grimstad,Lillesand,Farsund"),
    "Akershus": ("Oslo", "Lillestrøm,Sandvika,Asker,Ski,Drøbak,Jessheim"),
    "Buskerud": ("Drammen", "Drammen,Kongsberg,Hønefoss,Gol"),
    "Finnmark": ("Vadsø", "Alta,Hammerfest,Kirkenes,Vadsø,Vardø,Kautokeino,Karasjok,Nordkapp"),
    "Innlandet": ("Hamar", "Hamar,Lillehammer,Gjøvik,Kongsvinger,Elverum,Otta,Galdhøpiggen"),
    "Møre og Romsdal": ("Molde", "Ålesund,Molde,Kristiansund,Volda,Ørsta"),
    "Nordland": ("Bodø", "Bodø,Narvik,Mo i Rana,Mosjøen,Svolvær,Leknes,Sandnessjøen,Brønnøysund,Lofoten"),
    "Rogaland": ("Stavanger", "Stavanger,Sandnes,Haugesund,Egersund,Bryne,Preikestolen"),
    "Telemark": ("Skien", "Skien,Porsgrunn,Notodden,Kragerø,Rjukan"),
    "Troms": ("Tromsø", "Tromsø,Harstad,Finnsnes"),
    "Trøndelag": ("Steinkjer", "Trondheim,Steinkjer,Levanger,Namsos,Røros,Stjørdal"),
    "Vestfold": ("Tønsberg", "Tønsberg,Larvik,Sandefjord,Horten,Holmestrand"),
    "Vestland": ("Bergen", "Bergen,Førde,Voss,Florø,Odda,Trolltunga"),
    "Østfold": ("Sarpsborg", "Fredrikstad,Sarpsborg,Moss,Halden,Askim"),
}

# Fjord: where it is.
FJORDS = {
    "Vestland": "Sognefjorden,Hardangerfjorden,Nærøyfjorden,Aurlandsfjorden,Lustrafjorden,Nordfjord",
    "Møre og Romsdal": "Geirangerfjorden,Hjørundfjorden,Romsdalsfjorden,Sunndalsfjorden",
    "Rogaland": "Lysefjorden,Boknafjorden",
    "Trøndelag": "Trondheimsfjorden,Namsenfjorden",
    "Nordland": "Vestfjorden,Ofotfjorden,Saltfjorden,Ranfjorden",
    "Troms": "Lyngenfjorden,Balsfjorden",
    "Finnmark": "Altafjorden,Porsangerfjorden,Laksefjorden,Tanafjorden,Varangerfjorden",
}
FJORD_BY_TOWN = {"Oslo": "Oslofjorden", "Trondheim": "Trondheimsfjorden", "Narvik": "Ofotfjorden",
                 "Alta": "Altafjorden", "Drammen": "Drammensfjorden"}

DAYS = {
    "nb": "mandag tirsdag onsdag torsdag fredag lørdag søndag".split(),
    "nn": "måndag tysdag onsdag torsdag fredag laurdag søndag".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
}
MONTHS = {
    "nb": "januar februar mars april mai juni juli august september oktober november desember".split(),
    "en": "January February March April May June July August September October November December".split(),
}
MONTHS["nn"] = MONTHS["nb"]
MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NUMBERS = ("null {} to tre fire fem seks sju åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten "
            "nitten tjue")
NUMBERS = {
    "nb": _NUMBERS.format("en").split(),
    "nn": _NUMBERS.format("ein").split(),
    "en": ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
           "seventeen eighteen nineteen twenty").split(),
}
ORDINALS = {
    "nb": "første andre tredje fjerde femte sjette sjuende åttende niende tiende ellevte tolvte".split(),
    "nn": "første andre tredje fjerde femte sjette sjuande åttande niande tiande ellevte tolvte".split(),
    "en": "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(),
}


def _countries(lang):
    """Rows of the capital table: name, preposition, aliases, capital."""
    for line in _CAPITALS.strip().splitlines():
        names, capitals = line.split("; ")
        nb, nn, en = names.split("|")
        place, _, place_en = capitals.partition("|")
        name = {"nb": nb, "nn": nn or nb, "en": en}[lang]
        aliases = ALIASES.get(nb.rstrip("*"), ("", ""))[lang == "en"]
        yield {
            "x": name.rstrip("*"),
            "i": "på" if name.endswith("*") else "i",
            "y": (place_en or place) if lang == "en" else place,
            "aliases": [a for a in aliases.split("|") if a and a != name.rstrip("*")],
        }


def fjord_name(fjord, lang):
    """Sognefjorden; in English the Sognefjord."""
    return "the " + (fjord[:-2] if fjord.endswith("en") else fjord) if lang == "en" else fjord


def relations(lang):
    """Relation name -> rows; a row maps slot names to text, x being what is asked about and y the answer."""
    capitals = list(_countries(lang))
    # The four countries of the United Kingdom are asked for their capitals only one way.
    parts = {"England"}
    towns = [{"x": town, "y": county} for county, (_, all_towns) in COUNTIES.items() for town in all_towns.split(",")]
    fjords = []
    for county, names in FJORDS.items():
        for name in names.split(","):
            row = {"x": fjord_name(name, lang), "y": county}
            if lang == "en":
                row["aliases"] = [name, row["x"][4:]]
            fjords.append(row)
    days, months, words = DAYS[lang], MONTHS[lang], NUMBERS[lang]
    other = "nb" if lang == "en" else "en"
    return {
        "capital": capitals,
        "country_of": [{"x": r["y"], "y": r["x"], "i": r["i"]} for r in capitals if r["x"] not in parts],
        "county_of": towns,
        "centre_of": [{"x": county, "y": centre} for county, (centre, _) in COUNTIES.items()],
        "fjord_place": fjords,
        "fjord_by": [{"x": town, "y": fjord_name(f, lang)} for town, f in FJORD_BY_TOWN.items()],
        "day_after": [{"x": days[i], "y": days[(i + 1) % 7]} for i in range(7)],
        "day_before": [{"x": days[i], "y": days[i - 1]} for i in range(7)],
        "month_after": [{"x": months[i], "y": months[(i + 1) % 12]} for i in range(12)],
        "month_before": [{"x": months[i], "y": months[i - 1]} for i in range(12)],
        "month_length": [{"x": m, "y": str(n)} for m, n in zip(months, MONTH_LENGTHS) if n != 28],
        "month_number": [{"x": ORDINALS[lang][i], "n": str(i + 1), "y": months[i]} for i in range(12)],
        "day_name": [{"x": a, "y": b} for a, b in zip(days, DAYS[other])],
        "month_name": [{"x": a, "y": b} for a, b in zip(months, MONTHS[other])],
        "number_word": [{"x": str(i), "y": words[i]} for i in range(21)],
        "number_name": [{"x": words[i], "y": NUMBERS[other][i]} for i in range(21)],
        "number_after": [{"x": str(i), "y": str(i + 1)} for i in range(20)],
        "number_before": [{"x": str(i), "y": str(i - 1)} for i in range(1, 21)],
        "add": [_sum(words, a, b, a + b) for a in range(6) for b in range(6)],
    }


def _sum(words, a, b, result):
    return {"x": str(a), "b": str(b), "xw": words[a], "bw": words[b], "y": str(result)}
