"""Fonts for the synthesiser: openly licensed hands and print from the npm registry's ``@fontsource`` packages.

    python -m training.fonts OUT_FOLDER

fetches each family of ``HANDS``, ``PRINT`` and ``OTHER_SCRIPTS`` (all under the OFL or Apache licences, kept beside the
files) and turns its files into ``OUT_FOLDER/<kind>/<family>/<subset>.ttf``.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

__all__ = ["CAPITALS", "HELD_OUT", "HELD_OUT_ABROAD", "Family", "fetch", "load_families"]

HANDS = {
    # Everyday hands, as notes are written: drawn three times as often as the others.
    3: """caveat nothing-you-could-do homemade-apple reenie-beanie over-the-rainbow la-belle-aurore
    cedarville-cursive dawning-of-a-new-day zeyada waiting-for-the-sunrise sue-ellen-francisco
    just-me-again-down-here give-you-glory crafty-girls coming-soon covered-by-your-grace annie-use-your-telescope
    architects-daughter indie-flower schoolbell the-girl-next-door loved-by-the-king short-stack
    swanky-and-moo-moo walter-turncoat handlee kristi shadows-into-light shadows-into-light-two bad-script
    marck-script mansalva gaegu hi-melody gamja-flower nanum-pen-script dekko kavivanar neucha pangolin
    gloria-hallelujah beth-ellen square-peg waterfall ole licorice caramel grape-nuts sedgwick-ave
    shantell-sans solitreo cause patrick-hand patrick-hand-sc kalam gochi-hand rock-salt mali itim delius
    fuzzy-bubbles playpen-sans edu-sa-beginner edu-nsw-act-foundation edu-vic-wa-nt-beginner edu-qld-beginner
    edu-tas-beginner playwrite-us-trad playwrite-us-modern playwrite-fr-trad playwrite-fr-moderne
    playwrite-de-grund playwrite-de-la playwrite-es playwrite-it-moderna playwrite-gb-s playwrite-gb-j playwrite-pl
    playwrite-cz playwrite-hu playwrite-nl playwrite-pt playwrite-be-vlg playwrite-no playwrite-dk-loopet
    playwrite-ro playwrite-hr playwrite-in playwrite-au-nsw meddon mrs-saint-delafield herr-von-muellerhoff
    monsieur-la-doulaise mr-de-haviland mr-dafoe mr-bedfort league-script vujahday-script sassy-frass
    qwitcher-grypen passions-conflict oooh-baby my-soul ms-madi lovers-quarrel liu-jian-mao-cao""",
    1: """caveat-brush dancing-script satisfy great-vibes sacramento allura cookie kaushan-script yellowtail
    just-another-hand permanent-marker delius-swash-caps merienda mrs-sheppards miss-fajardose ruthie rouge-script
    rochester parisienne petit-formal-script pinyon-script tangerine alex-brush arizonia bilbo
    bilbo-swash-caps condiment damion devonshire dr-sugiyama engagement euphoria-script felipa italianno julee
    leckerli-one molle montez norican playball princess-sofia quintessential qwigley redressed romanesco
    ruge-boogie sriracha stalemate sunshiney vibur yesteryear amatic-sc charm charmonman srisakdi cherish
    comforter estonia explora gwendolyn hurricane inspiration island-moments kolker-brush lavishly-yours
    love-light luxurious-script meow-script mea-culpa petemoss puppies-play send-flowers shalimar smooch
    twinkle-star whisper water-brush windsong moon-dance yomogi klee-one zen-kurenaido borel ephesis the-nautigal
    splash style-script updock lobster pattaya bellota comforter-brush balsamiq-sans pacifico comic-relief mynerve""",
}
PRINT = """special-elite courier-prime cutive-mono eb-garamond old-standard-tt libre-baskerville pt-serif merriweather
    open-sans roboto lato source-serif-4 crimson-text playfair-display inconsolata share-tech-mono"""
OTHER_SCRIPTS = """amiri aref-ruqaa cairo lateef noto-nastaliq-urdu noto-sans-arabic reem-kufi scheherazade-new tajawal
    noto-sans-armenian noto-serif-armenian galada hind-siliguri noto-serif-bengali tiro-bangla
    noto-sans-canadian-aboriginal noto-sans-cherokee bad-script caveat marck-script neucha noto-serif pangolin
    playpen-sans roboto comic-relief gfs-didot gfs-neohellenic mansalva hind kalam noto-serif-devanagari
    tiro-devanagari-hindi abyssinica-sil noto-sans-ethiopic noto-sans-georgian noto-serif-georgian hind-vadodara
    mukta-vaani noto-serif-gujarati mukta-mahee tiro-gurmukhi david-libre frank-ruhl-libre gveret-levin heebo
    noto-serif-hebrew playpen-sans-hebrew rubik solitreo baloo-tamma-2 benne battambang hanuman moul noto-sans-khmer
    noto-sans-lao noto-sans-lao-looped noto-serif-lao phetsarath chilanka gayathri manjari noto-serif-malayalam
    noto-sans-myanmar noto-serif-myanmar padauk baloo-bhaina-2 noto-sans-oriya abhaya-libre gemunu-libre
    noto-serif-sinhala stick-no-bills noto-sans-syriac catamaran kavivanar mukta-malar noto-serif-tamil gurajada mandali
    noto-serif-telugu ramabhadra noto-sans-thaana kanit mali noto-serif-thai sarabun jomolhari noto-serif-tibetan"""
"""For the network that tells scripts apart; of these, the files of the scripts other than Latin are kept."""

HELD_OUT = frozenset(
    {"gochi-hand", "homemade-apple", "playwrite-es", "indie-flower", "la-belle-aurore", "balsamiq-sans", "pacifico"}
    | {"comic-relief", "mynerve"}
)
"""Hands that are never trained on: for synthetic dev lines."""

HELD_OUT_ABROAD = frozenset({"marck-script"})
"""Hands whose letters in other scripts are never trained on either."""

CAPITALS = frozenset({"amatic-sc", "patrick-hand-sc", "permanent-marker", "rock-salt", "walter-turncoat"})
"""Hands whose small letters are capitals too: what they write is in capitals, whatever was asked for."""

# A letter and the mark on it that Unicode does not have composed.
_MARKED = re.compile(r"(.)([\u0300-\u036f])")
LATIN_SUBSETS = ("latin", "latin-ext", "vietnamese")
# In this order: marks that stand on letters are in several.
SUBSETS = (*LATIN_SUBSETS, "cyrillic", "cyrillic-ext", "greek")


def fetch(out: Path) -> None:
    """Fetch and convert all families; what the registry does not have is reported and left out."""
    from fontTools.ttLib import TTFont

    families = [(f, "hand") for names in HANDS.values() for f in names.split()]
    families += [(f, "print") for f in PRINT.split()] + [(f, "script") for f in OTHER_SCRIPTS.split()]
    for family, kind in families:
        folder = out / kind / family
        if folder.exists():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            packed = subprocess.run(
                ["npm", "pack", "--silent", f"@fontsource/{family}"], cwd=scratch, capture_output=True, text=True
            )
            if packed.returncode != 0:
                print(f"{family}: not in the registry", file=sys.stderr)
                continue
            with tarfile.open(next(Path(scratch).glob("*.tgz"))) as archive:
                archive.extractall(scratch, filter="data")
            files = Path(scratch) / "package" / "files"
            folder.mkdir(parents=True)
            for source in files.glob(f"{family}-*-400-normal.woff2"):
                subset = source.name.removeprefix(f"{family}-").removesuffix("-400-normal.woff2")
                if subset not in LATIN_SUBSETS if kind == "script" else subset in SUBSETS:
                    font = TTFont(source)
                    font.flavor = None
                    font.save(folder / f"{subset}.ttf")
            licence = Path(scratch) / "package" / "LICENSE"
            if licence.exists():
                (folder / "LICENSE").write_bytes(licence.read_bytes())


@dataclass(frozen=True)
class Family:
    """A family's files and which of them has which character."""

    name: str
    kind: str
    files: tuple[Path, ...]
    file_of: dict[str, int]

    def covers(self, text: str) -> bool:
        """Whether every character of ``text`` can be written, and every mark in the file of its letter."""
        return all(character in self.file_of for character in text) and all(
            self.file_of[mark] == self.file_of[letter] for letter, mark in _MARKED.findall(text)
        )


@lru_cache(maxsize=600)
def sized(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """A font file at a size in pixels."""
    return ImageFont.truetype(str(path), size)


def load_families(
    folder: Path, kind: str, *, held_out: bool = False, letters: str = ""
) -> tuple[list[Family], list[float]]:
    """All fetched families of a kind, with the weights to draw them by.

    Args:
        folder: As ``fetch`` has filled it.
        kind: ``hand`` or ``print``.
        held_out: Those that are held out, in place of the others.
        letters: Of another script than Latin: only the families that can write them.
    """
    from fontTools.ttLib import TTFont

    weights = {name: weight for weight, names in HANDS.items() for name in names.split()}
    kept_back = HELD_OUT | HELD_OUT_ABROAD if letters else HELD_OUT
    families, shares = [], []
    for place in sorted((folder / kind).iterdir()):
        files = tuple(file for subset in SUBSETS if (file := place / f"{subset}.ttf").exists())
        if not files or (place.name in kept_back) != held_out:
            continue
        file_of: dict[str, int] = {}
        for index, file in enumerate(files):
            font = TTFont(file, lazy=True)
            glyphs = font.get("glyf", None)
            for code, name in font.getBestCmap().items():
                # Some families map accents to empty glyphs.
                empty = glyphs is not None and not glyphs[name].numberOfContours and chr(code) not in " \xa0"
                if not empty:
                    file_of.setdefault(chr(code), index)
        family = Family(place.name, kind, files, file_of)
        if family.covers(letters):
            families.append(family)
            shares.append(float(weights.get(place.name, 1)))
    return families, shares


def pick(families: list[Family], weights: list[float], text: str, rng: random.Random) -> Family | None:
    """A family that can write ``text``, or None after a few tries."""
    for _ in range(24):
        family = rng.choices(families, weights)[0]
        if family.covers(text):
            return family
    return None


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
