"""Tesseract's language data: which there are, where they lie, and how to install what is missing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from unscrawl.languages import EAST_ASIAN, Language, Script

__all__ = [
    "BETTER_IN_PRINT",
    "OWN_SCRIPTS",
    "data_names",
    "find_data",
    "find_folder",
    "gains_from_data",
    "install_command",
    "missing_data",
    "needs_data",
    "remedy_for",
    "script_data",
    "user_folder",
]

OWN_SCRIPTS = EAST_ASIAN | {Script.LATIN}
"""The scripts that our networks read; Tesseract reads the others."""

BETTER_IN_PRINT = frozenset({Language.AZERBAIJANI, Language.IGBO, Language.VIETNAMESE, Language.YORUBA})
"""Languages of Latin script with letters that the base recogniser does not have, and Hand has hardly met in training:
in print Tesseract reads them, where its data are installed."""

# What Tesseract 4.1 to 5 calls its data, by language; the list is that of Debian's packages.
_LANGUAGES = """
afr amh ara asm aze aze_cyrl bel ben bod bos bre bul cat ceb ces chi_sim chi_tra chr cos cym dan deu div dzo ell eng epo
est eus fao fas fil fin fra fry gla gle glg grc guj hat heb hin hrv hun hye iku ind isl ita jav jpn kan kat kaz khm kir
kmr kor lao lat lav lit ltz mal mar mkd mlt mon mri msa mya nep nld nor oci ori pan pol por pus que ron rus san sin slk
slv snd spa sqi srp srp_latn sun swa swe syr tam tat tel tgk tha tir ton tur uig ukr urd uzb uzb_cyrl vie yid yor
"""
_NAMES = {name: name for name in _LANGUAGES.split()} | {
    "aze-Cyrl": "aze_cyrl", "hbs": "hrv", "ibo": "Vietnamese", "kur": "kmr", "srp-Latn": "srp_latn", "tgl": "fil",
    "uzb-Cyrl": "uzb_cyrl", "zho": "chi_sim", "zho-Hant": "chi_tra",
}  # fmt: skip
"""``Language``'s value -> name of its data. Igbo has its letters with dots below in common with Vietnamese."""

_SCRIPTS = {
    Script.ARABIC: "Arabic", Script.ARMENIAN: "Armenian", Script.BENGALI: "Bengali",
    Script.CANADIAN_SYLLABICS: "Canadian_Aboriginal", Script.CHEROKEE: "Cherokee", Script.CYRILLIC: "Cyrillic",
    Script.DEVANAGARI: "Devanagari", Script.ETHIOPIC: "Ethiopic", Script.GEORGIAN: "Georgian", Script.GREEK: "Greek",
    Script.GUJARATI: "Gujarati", Script.GURMUKHI: "Gurmukhi", Script.HANGUL: "Hangul", Script.HAN: "HanS",
    Script.HEBREW: "Hebrew", Script.JAPANESE: "Japanese", Script.KANNADA: "Kannada", Script.KHMER: "Khmer",
    Script.LAO: "Lao", Script.LATIN: "Latin", Script.MALAYALAM: "Malayalam", Script.MYANMAR: "Myanmar",
    Script.ODIA: "Oriya", Script.SINHALA: "Sinhala", Script.SYRIAC: "Syriac", Script.TAMIL: "Tamil",
    Script.TELUGU: "Telugu", Script.THAANA: "Thaana", Script.THAI: "Thai", Script.TIBETAN: "Tibetan",
}  # fmt: skip
"""Script -> name of the data that read all its languages."""

_SCRIPT_PACKAGES = {name: script.value.lower() for script, name in _SCRIPTS.items()} | {
    "HanS": "hans",
    "Vietnamese": "viet",
}
"""Name of data for a whole script -> what Debian calls it."""

# Where systems keep the data: Debian 12 and later, Debian 11, Fedora and Arch, FreeBSD and what people build
# themselves, Homebrew on its two places, MacPorts.
_SYSTEM_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
    "/opt/local/share/tessdata",
)

_DOWNLOADS = "https://github.com/tesseract-ocr/tessdata_fast/raw/main"


def data_names(language: Language, script: Script) -> tuple[str, ...]:
    """The data that can read a language in one of its scripts, the best first; none that is made for another script."""
    own = _NAMES.get(language.value)
    return (own, _SCRIPTS[script]) if own is not None and script is language.scripts[0] else (_SCRIPTS[script],)


def script_data(script: Script) -> str:
    """The name of the data that read all languages of a script."""
    return _SCRIPTS[script]


def user_folder() -> Path:
    """The folder in which a user without rights on the system can put data."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "unscrawl" / "tessdata"


def _folders() -> list[Path]:
    chosen = os.environ.get("TESSDATA_PREFIX")
    windows = Path(os.environ.get("PROGRAMFILES", "C:/Program Files")) / "Tesseract-OCR" / "tessdata"
    places = [Path(chosen), Path(chosen) / "tessdata"] if chosen else []
    return [*places, user_folder(), *map(Path, _SYSTEM_FOLDERS), windows]


def find_folder(name: str) -> tuple[Path, str] | None:
    """Where data lie: the folder, and the name within it; None where they are not installed."""
    for folder in _folders():
        # Debian keeps the data of scripts beside the others, Tesseract's own archive in a folder "script".
        for place in (name, f"script/{name}"):
            if (folder / f"{place}.traineddata").is_file():
                return folder, place
    return None


def needs_data(language: Language) -> bool:
    """Whether Tesseract reads a language, because our networks do not."""
    return bool(language.scripts) and language.scripts[0] not in OWN_SCRIPTS


def gains_from_data(language: Language) -> bool:
    """Whether Tesseract reads print in a language better than our networks, or they do not know it."""
    return needs_data(language) or language in BETTER_IN_PRINT


def find_data(language: Language) -> tuple[Path, str] | None:
    """Where the best installed data for a language lie: the folder, and the name within it; None where none do."""
    return next(filter(None, map(find_folder, data_names(language, language.scripts[0]))), None)


def missing_data(languages: Sequence[Language]) -> list[str]:
    """The names of the data to install before languages can be read, or read well."""
    missing = [each for each in languages if gains_from_data(each) and find_data(each) is None]
    return list(dict.fromkeys(data_names(each, each.scripts[0])[0] for each in missing))


def install_command(names: Sequence[str]) -> list[str] | None:
    """The command of this system's package manager that installs data; None where no known one is there."""
    if shutil.which("apt-get"):
        return _as_root(["apt-get", "install", "-y", *(f"tesseract-ocr-{_package(name)}" for name in names)])
    if shutil.which("dnf"):
        packages = [
            f"tesseract-script-{name.lower()}" if name in _SCRIPT_PACKAGES else f"tesseract-langpack-{name}"
            for name in names
        ]
        return _as_root(["dnf", "install", "-y", *packages])
    if shutil.which("pacman") and not any(name in _SCRIPT_PACKAGES for name in names):
        return _as_root(["pacman", "-S", "--needed", *(f"tesseract-data-{name}" for name in names)])
    if shutil.which("brew"):
        return ["brew", "install", "tesseract-lang"]  # all languages in one package
    return None


def remedy_for(names: Sequence[str]) -> str:
    """What a user can do to get data, in one sentence."""
    command = install_command(names)
    if command is not None:
        return f"Install them: {' '.join(command)}"
    files = " and ".join(f"{_DOWNLOADS}/{_archive_path(name)}.traineddata" for name in names)
    return f"Put {files} into the folder {user_folder()}."


def _package(name: str) -> str:
    """The end of a Debian package's name: ``chi-sim``, ``script-cyrl``."""
    script = _SCRIPT_PACKAGES.get(name)
    return name.replace("_", "-") if script is None else f"script-{script}"


def _archive_path(name: str) -> str:
    return f"script/{name}" if name in _SCRIPT_PACKAGES else name


def _as_root(command: list[str]) -> list[str]:
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return command if is_root or not shutil.which("sudo") else ["sudo", *command]
