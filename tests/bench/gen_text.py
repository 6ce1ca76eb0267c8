#!/usr/bin/env python3
"""News-like text for the extractor's speed (PERFORMANCE.md W4): paragraphs alternate between
English and Arabic, one in eight is German; words are chosen by Zipf's law, about one figure a
sentence in digits or words. One block of 4 MiB of distinct text is repeated, so that the file
never fits a cache while the generator stays quick.

    gen_text.py MEBIBYTES [--no-figures] > text.txt

With --no-figures the words are the same, without digits and without words that hold a number
word (`billion-dollar`); articles stay."""
import random
import sys

BLOCK = 4 << 20
ENGLISH = """the of to and in a said for on that is was with by from at as it percent market year
shares bank company its after has will be government are have an more than quarter profit oil
price growth were which their new week investors analysts trading since before report forecast
inflation rate central economy minister revenue sales exports imports index stocks
billion-dollar agreement often money weight attend none done someone tenure""".split()
ARABIC = """في من على إلى أن عن هذا التي الذي مع بعد خلال قال كما بين حتى السوق البنك أسعار
النفط الشركة أرباح الربع نمو الحكومة الاقتصاد التضخم وزير المالية صادرات واردات مؤشر الأسهم
المستثمرين تداول تقرير توقعات معدل المركزي ارتفع انخفض تراجع سجل بلغ وقد كان لكن قبل عام شهر
أسبوع يوم السعودية مصر الكويت الإمارات دولار ريال درهم""".split()
GERMAN = """der die das und in den von zu mit auf ist im dem nicht ein eine als auch es an werden
aus er hat dass sie nach wird bei einer um am sind noch wie einem über so zum war haben nur oder
aber vor zur bis mehr durch Markt Aktien Bank Unternehmen Gewinn Umsatz Quartal Wachstum Preis
Regierung Wirtschaft Inflation Export Index""".split()
NUMBERS = {
    "en": ["two million", "twenty-three", "three hundred", "one", "fifteen", "a dozen",
           "ninety-nine", "four thousand two hundred"],
    "ar": ["ثلاثة ملايين", "خمسة وعشرون", "مئة", "ألفين", "عشرة", "تسعة وتسعون", "مليار"],
    "de": ["zweiundzwanzig", "drei Millionen", "hundert", "fünf", "neunundneunzig", "tausend"],
}
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def digits(random_):
    kind = random_.randrange(6)
    if kind == 0:
        return str(random_.randrange(1, 2030))
    if kind == 1:
        return "%.1f%%" % random_.uniform(0, 30)
    if kind == 2:
        return "$%.1f million" % random_.uniform(1, 900)
    if kind == 3:
        return "{:,}".format(random_.randrange(1000, 9999999))
    if kind == 4:
        return "€%d" % random_.randrange(1, 5000)
    return "%d/%d/2024" % (random_.randrange(1, 29), random_.randrange(1, 13))


def sentence(random_, words, weights, language, figures):
    count = random_.randrange(9, 26)
    chosen = random_.choices(words, weights=weights, k=count)
    if random_.random() < .8 and figures:
        figure = digits(random_) if random_.random() < .6 else random_.choice(NUMBERS[language])
        if language == "ar" and random_.random() < .5:
            figure = figure.translate(ARABIC_DIGITS)
        chosen[random_.randrange(count)] = figure
    return " ".join(chosen) + "."


def main():
    figures = "--no-figures" not in sys.argv
    mebibytes = int([a for a in sys.argv[1:] if not a.startswith("-")][0])
    random_ = random.Random(11)
    english = ENGLISH if figures else [w for w in ENGLISH if w != "billion-dollar"]
    languages = [(words, [1 / (i + 3) for i in range(len(words))], tag)
                 for words, tag in ((english, "en"), (ARABIC, "ar"), (GERMAN, "de"))]
    block = bytearray()
    paragraph = 0
    while len(block) < BLOCK:
        chosen = languages[2] if paragraph % 8 == 7 else languages[paragraph % 2]
        text = " ".join(sentence(random_, *chosen, figures)
                        for _ in range(random_.randrange(2, 6)))
        block += (text + "\n").encode()
        paragraph += 1
    whole = bytes(block[:block.rfind(b"\n", 0, BLOCK) + 1])
    for _ in range(max(1, mebibytes // 4)):
        sys.stdout.buffer.write(whole)


main()
