"""Languages as people write them in a list: a code, or the language's name in Swedish, English or itself."""

from __future__ import annotations

import re
from functools import lru_cache

_ISO_639_1 = (
    "aa ab af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cv cy da de dv dz ee el en eo es et "
    "eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ig ii ik io is it iu ja jv ka kg ki kj "
    "kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no "
    "nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta "
    "te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_CODES = frozenset(_ISO_639_1.split())

_NAMES = {
    "sv": "svenska swedish swe",
    "en": "engelska english eng",
    "fi": "finska finnish suomi fin",
    "no": "norska norwegian norsk nor",
    "da": "danska danish dansk dan",
    "de": "tyska german deutsch deu ger",
    "fr": "franska french français fra fre",
    "es": "spanska spanish español spa",
    "it": "italienska italian italiano ita",
    "pt": "portugisiska portuguese português por",
    "nl": "nederländska holländska dutch nederlands nld dut",
    "pl": "polska polish polski pol",
    "ru": "ryska russian русский rus",
    "uk": "ukrainska ukrainian українська ukr",
    "ar": "arabiska arabic العربية ara",
    "fa": "persiska farsi dari persian فارسی fas per",
    "so": "somaliska somali soomaali som",
    "ti": "tigrinja tigrinya ትግርኛ tir",
    "ku": "kurdiska kurdish kurdî kur",
    "tr": "turkiska turkish türkçe tur",
    "et": "estniska estonian eesti est",
    "lv": "lettiska latvian latviešu lav",
    "lt": "litauiska lithuanian lietuvių lit",
    "ro": "rumänska romanian română ron rum",
    "hu": "ungerska hungarian magyar hun",
    "el": "grekiska greek ελληνικά ell gre",
    "bs": "bosniska bosnian bosanski bos",
    "hr": "kroatiska croatian hrvatski hrv",
    "sr": "serbiska serbian srpski srp",
    "sq": "albanska albanian shqip sqi alb",
    "zh": "kinesiska chinese mandarin 中文 zho chi",
    "th": "thailändska thai ไทย tha",
    "vi": "vietnamesiska vietnamese vie",
    "se": "samiska nordsamiska sami sámi sme",
}
_CODE_BY_NAME = {name: code for code, names in _NAMES.items() for name in names.split()}
_TAG = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]{2,8})*")


@lru_cache(maxsize=1024)
def read_language(text: str) -> str | None:
    """The lower-case primary code of a language (`sv`, `sv-SE`, `Svenska`, `Swedish` are all `sv`), else None."""
    written = text.strip().casefold()
    if written in _CODE_BY_NAME:
        return _CODE_BY_NAME[written]
    tag = _TAG.fullmatch(written)
    return tag[1] if tag and tag[1] in _CODES else None
