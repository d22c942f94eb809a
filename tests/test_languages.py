from __future__ import annotations

import langcodes
import pytest

from unscrawl.exceptions import UnknownLanguage
from unscrawl.languages import Language, Script, count_scripts, main_script, resolve_languages, script_of

# As the public SDK of the hosted service spells them.
_HOSTED = """
English German French Italian Spanish Portuguese Polish Slovene Slovak Netherlands Lithuanian Latvian Danish Norwegian
Finnish Serbian Croatian Czech Swedish Estonian Romanian Chinese Russian Arabic Hindi Ukrainan Bengali Tibetan Thai
Urdu Turkish Korean Indonesian Hebrew Javanese Greek Japanese Persian Albanian Latin Vietnamese Uzbek Georgian
Bulgarian Azerbaijani Kazah Macedonian Belorussian Malay Hausa Sundanese Swahili Tagalog Yoruba Oromo Cebuano Dutch
Kurdish Serbo_Croatian Malagasy Zhuang Turkmen Somali Hungarian Chichewa Rwanda Min_Bei Zulu Ilocano Min_Dong Quechua
Hiligaynon Hmong Shona Xhosa Betawi Catalan Afrikaans Minangkabau Sotho_Southern Bikol Makua Kanuri Tswana Kikongo Luo
Sukuma Tsonga Bosnian Bemba Nandi Palembang Umbundu Sotho_Northern Waray_Waray Lamani Low_German Gilaki Musi HWT_ENG
Pu_Xian Kapampangan Bouyei Galician Ndebele Yao Sasak Swati Gusii Meru Wolaytta Dong Pangasinan Dimli Makassar Tumbuka
Serer_Sine Occitan Tonga Muong Kiche Luguru Wu Cantonese Min_Nan Xiang Hakka Gan Chechen Kabardian Marathi Bhojpuri
Maithili Awadhi Nepali Marwari Magahi Haryanvi Chattisgarhi Dhundari Konkani Kanauji Mewati Rajbanshi Garhwali Kumauni
Wagdi Malvi Mewari Uyghur Telugu Kannada Tamil Devanagari
"""
HOSTED_NAMES = _HOSTED.split()

LISTED = [language for language in Language if language is not Language.AUTO]


def test_all_names_of_the_hosted_service_are_known() -> None:
    assert len(HOSTED_NAMES) == 154
    for name in HOSTED_NAMES:
        assert resolve_languages(name) == (Language[name.upper()],)
    assert Language["NETHERLANDS"] is Language.DUTCH
    assert Language["UKRAINAN"] is Language.UKRAINIAN


@pytest.mark.parametrize("language", Language, ids=lambda language: language.name)
def test_every_spelling_leads_to_its_language(language: Language) -> None:
    for spelling in (language.name, language.title, language.value, language.tag, language.title.upper()):
        assert resolve_languages(spelling) == (language,)


def test_codes_are_unique() -> None:
    for codes in ([language.value for language in Language], [language.tag for language in Language]):
        assert len(codes) == len(set(codes))


# Where we mean something else than CLDR: Chinese languages that it expects in romanisation, one that it no longer tells
# from its successors, and Greek older than its alphabet.
OTHER_THAN_CLDR = {"MIN_BEI", "MIN_DONG", "PU_XIAN", "SERBO_CROATIAN", "ANCIENT_GREEK"}


@pytest.mark.parametrize(
    "language",
    [each for each in LISTED if not each.value.startswith("und") and each.name not in OTHER_THAN_CLDR],
    ids=lambda language: language.name,
)
def test_codes_and_scripts_agree_with_cldr(language: Language) -> None:
    known = langcodes.get(language.tag)
    likely = known.maximize().script
    here = {"Hans": "Hani", "Hant": "Hani", "Kore": "Hang"}.get(str(likely), likely)
    assert here in {script.value for script in language.scripts}
    assert langcodes.get(language.iso_639_3).language == known.language
    assert language.right_to_left == (language.scripts[0].value in {"Arab", "Hebr", "Syrc", "Thaa"})


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("zh-Hant-TW", Language.CHINESE_TRADITIONAL),
        ("zh_TW", Language.CHINESE_TRADITIONAL),
        ("zh-Hans", Language.CHINESE),
        ("sr-Latn-RS", Language.SERBIAN_LATIN),
        ("sr-Cyrl", Language.SERBIAN),
        ("uz-Cyrl", Language.UZBEK_CYRILLIC),
        ("chi_sim", Language.CHINESE),
        ("ger", Language.GERMAN),
        ("haitian creole", Language.HAITIAN_CREOLE),
        ("no-NO", Language.NORWEGIAN),
    ],
)
def test_tags_and_codes_of_other_programs(name: str, language: Language) -> None:
    assert resolve_languages(name) == (language,)


@pytest.mark.parametrize(
    ("wrong", "hint"), [("Ukranain", "Ukrainian"), ("Cyrilic", "Cyrillic"), ("klingon", "Kikongo")]
)
def test_wrong_names_get_the_nearest(wrong: str, hint: str) -> None:
    with pytest.raises(UnknownLanguage, match=hint):
        resolve_languages(wrong)


@pytest.mark.parametrize("tag", ["ru-Latn", "es-Cyrl", "Spanish-MX-", "es-"])
def test_a_script_that_a_language_is_not_written_in_is_refused(tag: str) -> None:
    with pytest.raises(UnknownLanguage):
        resolve_languages(tag)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Straße", Script.LATIN),
        ("Tiếng Việt", Script.LATIN),
        ("Привет, world", Script.CYRILLIC),
        ("Καλημέρα", Script.GREEK),
        ("שלום", Script.HEBREW),
        ("مرحبا", Script.ARABIC),
        ("हिन्दी", Script.DEVANAGARI),
        ("한국어", Script.HANGUL),
        ("漢字", Script.HAN),
        ("漢字かな交じり文", Script.JAPANESE),
        ("ภาษาไทย", Script.THAI),
        ("12, 34 € -- !", None),
    ],
)
def test_scripts_of_texts(text: str, script: Script | None) -> None:
    assert main_script(text) is script


def test_digits_and_signs_have_no_script() -> None:
    assert [script_of(character) for character in "1٣·€ "] == [None] * 5
    assert count_scripts("a1б2") == {Script.LATIN: 1, Script.CYRILLIC: 1}
