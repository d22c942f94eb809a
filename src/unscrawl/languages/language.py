"""``Language``: what can be asked for, with codes and scripts.

Names and scripts are held against CLDR by ``tests/test_languages.py``.
"""

from __future__ import annotations

from enum import Enum

from unscrawl.languages.scripts import Script

__all__ = ["Language"]


class Language(Enum):
    """A language: ``Language.SPANISH``.

    Its value is the ISO 639-3 code, with the ISO 15924 code of a script behind it where a language is listed once more
    for another script (``"srp-Latn"``), and ``"mul"`` for ``AUTO``. ``und`` stands for any language of a script. Names
    that a hosted service spells in its own way are aliases: ``Language.UKRAINAN is Language.UKRAINIAN``.
    """

    _value_: str
    iso_639_1: str | None
    """The two-letter code, e.g. ``"es"``, or None where the language has none."""
    scripts: tuple[Script, ...]
    """What it is written in, the usual one first; none for ``AUTO``."""

    def __new__(cls, value: str, iso_639_1: str = "", scripts: str = "") -> Language:
        """Make a member of its value, its two-letter code and the codes of its scripts."""
        member = object.__new__(cls)
        member._value_ = value
        member.iso_639_1 = iso_639_1 or None
        member.scripts = tuple(Script(code) for code in scripts.split())
        return member

    AUTO = "mul", "", ""
    AFRIKAANS = "afr", "af", "Latn"
    ALBANIAN = "sqi", "sq", "Latn"
    AMHARIC = "amh", "am", "Ethi"
    ANCIENT_GREEK = "grc", "", "Grek"
    ARABIC = "ara", "ar", "Arab"
    ARAGONESE = "arg", "an", "Latn"
    ARMENIAN = "hye", "hy", "Armn"
    ASSAMESE = "asm", "as", "Beng"
    ASTURIAN = "ast", "", "Latn"
    AWADHI = "awa", "", "Deva"
    AYMARA = "aym", "ay", "Latn"
    AZERBAIJANI = "aze", "az", "Latn Cyrl"
    AZERBAIJANI_CYRILLIC = "aze-Cyrl", "az", "Cyrl"
    BAMBARA = "bam", "bm", "Latn"
    BASHKIR = "bak", "ba", "Cyrl"
    BASQUE = "eus", "eu", "Latn"
    BELARUSIAN = "bel", "be", "Cyrl"
    BELORUSSIAN = BELARUSIAN
    BEMBA = "bem", "", "Latn"
    BENGALI = "ben", "bn", "Beng"
    BETAWI = "bew", "", "Latn"
    BHOJPURI = "bho", "", "Deva"
    BIKOL = "bik", "", "Latn"
    BISLAMA = "bis", "bi", "Latn"
    BOSNIAN = "bos", "bs", "Latn Cyrl"
    BOUYEI = "pcc", "", "Latn"
    BRETON = "bre", "br", "Latn"
    BULGARIAN = "bul", "bg", "Cyrl"
    BURMESE = "mya", "my", "Mymr"
    CANTONESE = "yue", "", "Hani"
    CATALAN = "cat", "ca", "Latn"
    CEBUANO = "ceb", "", "Latn"
    CHECHEN = "che", "ce", "Cyrl"
    CHEROKEE = "chr", "", "Cher"
    CHHATTISGARHI = "hne", "", "Deva"
    CHATTISGARHI = CHHATTISGARHI
    CHICHEWA = "nya", "ny", "Latn"
    CHINESE = "zho", "zh", "Hani"
    CHINESE_TRADITIONAL = "zho-Hant", "zh", "Hani"
    CHUVASH = "chv", "cv", "Cyrl"
    CORNISH = "cor", "kw", "Latn"
    CORSICAN = "cos", "co", "Latn"
    CROATIAN = "hrv", "hr", "Latn"
    CZECH = "ces", "cs", "Latn"
    DANISH = "dan", "da", "Latn"
    DHIVEHI = "div", "dv", "Thaa"
    DHUNDARI = "dhd", "", "Deva"
    DIMLI = "diq", "", "Latn"
    DONG = "doc", "", "Latn"
    DUTCH = "nld", "nl", "Latn"
    NETHERLANDS = DUTCH
    DZONGKHA = "dzo", "dz", "Tibt"
    ENGLISH = "eng", "en", "Latn"
    HWT_ENG = ENGLISH
    ESPERANTO = "epo", "eo", "Latn"
    ESTONIAN = "est", "et", "Latn"
    FAROESE = "fao", "fo", "Latn"
    FIJIAN = "fij", "fj", "Latn"
    FILIPINO = "fil", "", "Latn"
    FINNISH = "fin", "fi", "Latn"
    FRENCH = "fra", "fr", "Latn"
    FRISIAN = "fry", "fy", "Latn"
    FRIULIAN = "fur", "", "Latn"
    FULAH = "ful", "ff", "Latn"
    GALICIAN = "glg", "gl", "Latn"
    GAN = "gan", "", "Hani"
    GANDA = "lug", "lg", "Latn"
    GARHWALI = "gbm", "", "Deva"
    GEORGIAN = "kat", "ka", "Geor"
    GERMAN = "deu", "de", "Latn"
    GILAKI = "glk", "", "Arab"
    GREEK = "ell", "el", "Grek"
    GREENLANDIC = "kal", "kl", "Latn"
    GUARANI = "grn", "gn", "Latn"
    GUJARATI = "guj", "gu", "Gujr"
    GUSII = "guz", "", "Latn"
    HAITIAN_CREOLE = "hat", "ht", "Latn"
    HAKKA = "hak", "", "Hani"
    HARYANVI = "bgc", "", "Deva"
    HAUSA = "hau", "ha", "Latn"
    HAWAIIAN = "haw", "", "Latn"
    HEBREW = "heb", "he", "Hebr"
    HILIGAYNON = "hil", "", "Latn"
    HINDI = "hin", "hi", "Deva"
    HMONG = "hmn", "", "Latn"
    HUNGARIAN = "hun", "hu", "Latn"
    ICELANDIC = "isl", "is", "Latn"
    IDO = "ido", "io", "Latn"
    IGBO = "ibo", "ig", "Latn"
    ILOCANO = "ilo", "", "Latn"
    INDONESIAN = "ind", "id", "Latn"
    INTERLINGUA = "ina", "ia", "Latn"
    INUKTITUT = "iku", "iu", "Cans Latn"
    IRISH = "gle", "ga", "Latn"
    ITALIAN = "ita", "it", "Latn"
    JAPANESE = "jpn", "ja", "Jpan"
    JAVANESE = "jav", "jv", "Latn"
    KABARDIAN = "kbd", "", "Cyrl"
    KANAUJI = "bjj", "", "Deva"
    KANNADA = "kan", "kn", "Knda"
    KANURI = "kau", "kr", "Latn"
    KAPAMPANGAN = "pam", "", "Latn"
    KAZAKH = "kaz", "kk", "Cyrl"
    KAZAH = KAZAKH
    KHMER = "khm", "km", "Khmr"
    KICHE = "quc", "", "Latn"
    KIKONGO = "kon", "kg", "Latn"
    KINYARWANDA = "kin", "rw", "Latn"
    RWANDA = KINYARWANDA
    KONKANI = "kok", "", "Deva"
    KOREAN = "kor", "ko", "Hang"
    KUMAONI = "kfy", "", "Deva"
    KUMAUNI = KUMAONI
    KURDISH = "kur", "ku", "Latn Arab"
    KYRGYZ = "kir", "ky", "Cyrl"
    LAMANI = "lmn", "", "Telu Deva Knda"
    LAO = "lao", "lo", "Laoo"
    LATIN = "lat", "la", "Latn"
    LATVIAN = "lav", "lv", "Latn"
    LINGALA = "lin", "ln", "Latn"
    LITHUANIAN = "lit", "lt", "Latn"
    LOWER_SORBIAN = "dsb", "", "Latn"
    LOW_GERMAN = "nds", "", "Latn"
    LUGURU = "ruf", "", "Latn"
    LUO = "luo", "", "Latn"
    LUXEMBOURGISH = "ltz", "lb", "Latn"
    MACEDONIAN = "mkd", "mk", "Cyrl"
    MAGAHI = "mag", "", "Deva"
    MAITHILI = "mai", "", "Deva"
    MAKASSAR = "mak", "", "Latn"
    MAKUA = "vmw", "", "Latn"
    MALAGASY = "mlg", "mg", "Latn"
    MALAY = "msa", "ms", "Latn"
    MALAYALAM = "mal", "ml", "Mlym"
    MALTESE = "mlt", "mt", "Latn"
    MALVI = "mup", "", "Deva"
    MANX = "glv", "gv", "Latn"
    MAORI = "mri", "mi", "Latn"
    MARATHI = "mar", "mr", "Deva"
    MARWARI = "mwr", "", "Deva"
    MERU = "mer", "", "Latn"
    MEWARI = "mtr", "", "Deva"
    MEWATI = "wtm", "", "Deva"
    MINANGKABAU = "min", "", "Latn"
    MIN_BEI = "mnp", "", "Hani"
    MIN_DONG = "cdo", "", "Hani"
    MIN_NAN = "nan", "", "Hani"
    MONGOLIAN = "mon", "mn", "Cyrl"
    MUONG = "mtq", "", "Latn"
    MUSI = "mui", "", "Latn"
    NANDI = "niq", "", "Latn"
    NEPALI = "nep", "ne", "Deva"
    NORTHERN_NDEBELE = "nde", "nd", "Latn"
    NDEBELE = NORTHERN_NDEBELE
    NORTHERN_SAMI = "sme", "se", "Latn"
    NORTHERN_SOTHO = "nso", "", "Latn"
    SOTHO_NORTHERN = NORTHERN_SOTHO
    NORWEGIAN = "nor", "no", "Latn"
    OCCITAN = "oci", "oc", "Latn"
    ODIA = "ori", "or", "Orya"
    OROMO = "orm", "om", "Latn"
    OSSETIAN = "oss", "os", "Cyrl"
    PALEMBANG = "plm", "", "Latn"
    PANGASINAN = "pag", "", "Latn"
    PAPIAMENTO = "pap", "", "Latn"
    PASHTO = "pus", "ps", "Arab"
    PERSIAN = "fas", "fa", "Arab"
    POLISH = "pol", "pl", "Latn"
    PORTUGUESE = "por", "pt", "Latn"
    PUNJABI = "pan", "pa", "Guru"
    PU_XIAN = "cpx", "", "Hani"
    QUECHUA = "que", "qu", "Latn"
    RAJBANSHI = "rjs", "", "Deva"
    ROMANIAN = "ron", "ro", "Latn"
    ROMANSH = "roh", "rm", "Latn"
    RUSSIAN = "rus", "ru", "Cyrl"
    SAMOAN = "smo", "sm", "Latn"
    SANSKRIT = "san", "sa", "Deva"
    SARDINIAN = "srd", "sc", "Latn"
    SASAK = "sas", "", "Latn"
    SCOTS = "sco", "", "Latn"
    SCOTTISH_GAELIC = "gla", "gd", "Latn"
    SERBIAN = "srp", "sr", "Cyrl Latn"
    SERBIAN_LATIN = "srp-Latn", "sr", "Latn"
    SERBO_CROATIAN = "hbs", "sh", "Latn Cyrl"
    SERER_SINE = "srr", "", "Latn"
    SHONA = "sna", "sn", "Latn"
    SICILIAN = "scn", "", "Latn"
    SINDHI = "snd", "sd", "Arab Deva"
    SINHALA = "sin", "si", "Sinh"
    SLOVAK = "slk", "sk", "Latn"
    SLOVENE = "slv", "sl", "Latn"
    SLOVENIAN = SLOVENE
    SOMALI = "som", "so", "Latn"
    SORANI = "ckb", "", "Arab"
    SOURCE_CODE = "zxx", "", "Latn"
    SOUTHERN_NDEBELE = "nbl", "nr", "Latn"
    SOUTHERN_SOTHO = "sot", "st", "Latn"
    SOTHO_SOUTHERN = SOUTHERN_SOTHO
    SPANISH = "spa", "es", "Latn"
    SUKUMA = "suk", "", "Latn"
    SUNDANESE = "sun", "su", "Latn"
    SWAHILI = "swa", "sw", "Latn"
    SWATI = "ssw", "ss", "Latn"
    SWEDISH = "swe", "sv", "Latn"
    SYRIAC = "syr", "", "Syrc"
    TAGALOG = "tgl", "", "Latn"
    TAJIK = "tgk", "tg", "Cyrl"
    TAMIL = "tam", "ta", "Taml"
    TATAR = "tat", "tt", "Cyrl"
    TELUGU = "tel", "te", "Telu"
    THAI = "tha", "th", "Thai"
    TIBETAN = "bod", "bo", "Tibt"
    TIGRINYA = "tir", "ti", "Ethi"
    TOK_PISIN = "tpi", "", "Latn"
    TONGA = "toi", "", "Latn"
    TONGAN = "ton", "to", "Latn"
    TSONGA = "tso", "ts", "Latn"
    TSWANA = "tsn", "tn", "Latn"
    TUMBUKA = "tum", "", "Latn"
    TURKISH = "tur", "tr", "Latn"
    TURKMEN = "tuk", "tk", "Latn"
    UKRAINIAN = "ukr", "uk", "Cyrl"
    UKRAINAN = UKRAINIAN
    UMBUNDU = "umb", "", "Latn"
    UPPER_SORBIAN = "hsb", "", "Latn"
    URDU = "urd", "ur", "Arab"
    UYGHUR = "uig", "ug", "Arab"
    UZBEK = "uzb", "uz", "Latn Cyrl"
    UZBEK_CYRILLIC = "uzb-Cyrl", "uz", "Cyrl"
    VENETIAN = "vec", "", "Latn"
    VIETNAMESE = "vie", "vi", "Latn"
    WAGDI = "wbr", "", "Deva"
    WALLOON = "wln", "wa", "Latn"
    WARAY = "war", "", "Latn"
    WARAY_WARAY = WARAY
    WELSH = "cym", "cy", "Latn"
    WOLAYTTA = "wal", "", "Latn Ethi"
    WOLOF = "wol", "wo", "Latn"
    WU = "wuu", "", "Hani"
    XHOSA = "xho", "xh", "Latn"
    XIANG = "hsn", "", "Hani"
    YAO = "yao", "", "Latn"
    YIDDISH = "yid", "yi", "Hebr"
    YORUBA = "yor", "yo", "Latn"
    ZHUANG = "zha", "za", "Latn"
    ZULU = "zul", "zu", "Latn"
    # Any language of a script.
    CYRILLIC = "und-Cyrl", "", "Cyrl"
    DEVANAGARI = "und-Deva", "", "Deva"
    EXTENDED_LATIN = "und-Latn", "", "Latn"

    @property
    def iso_639_3(self) -> str:
        """The three-letter code, e.g. ``"spa"``."""
        return self._value_.partition("-")[0]

    @property
    def title(self) -> str:
        """The English name as written in running text, e.g. ``"Haitian Creole"``."""
        return self.name.replace("_", " ").title()

    @property
    def tag(self) -> str:
        """The BCP 47 tag: the shortest code there is, and the script where the value has one."""
        _, dash, script = self.value.partition("-")
        return f"{self.iso_639_1 or self.iso_639_3}{dash}{script}"

    @property
    def right_to_left(self) -> bool:
        """Whether its usual script runs from right to left."""
        return bool(self.scripts) and self.scripts[0].right_to_left
