from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from unscrawl.evaluation import Layout, SetEvaluation, TruthItem, evaluate, html_report
from unscrawl.evaluation.report import mark_differences

VOID = {"meta", "img"}


class Checker(HTMLParser):
    """Fails on tags that are not closed in order; collects tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.text: dict[str, str] = {"del": "", "ins": "", "all": ""}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in {"src", "href"}]
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text["all"] += data
        if self.open and self.open[-1] in self.text:
            self.text[self.open[-1]] += data


def check(html: str) -> Checker:
    checker = Checker()
    checker.feed(html)
    checker.close()
    assert checker.open == []
    return checker


def item(image: Path, text: str, name: str = "images/a.png") -> TruthItem:
    return TruthItem(image, name, text, "fr", "handwritten", "w", None, Layout.PAGE)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    Image.new("RGB", (3000, 4000), "white").save(path)
    return path


def test_is_one_complete_page(picture: Path) -> None:
    evaluation = evaluate([item(picture, "un chat\nnoir")], lambda _: "un chut noir")
    html = html_report([SetEvaluation("dev/x", evaluation)])
    assert html.startswith("<!DOCTYPE html>")
    checker = check(html)
    assert {"html", "head", "title", "body", "table", "article", "del", "ins"} <= set(checker.tags)
    assert all(source.startswith("data:image/jpeg;base64,") for source in checker.sources)
    assert "prefers-color-scheme: dark" in html
    assert "16.7 % (2 errors in 12 characters)" in checker.text["all"]


def test_pictures_are_bounded(picture: Path) -> None:
    evaluation = evaluate([item(picture, "a")], lambda _: "b")
    html = html_report([SetEvaluation("x", evaluation)])
    assert 'width="750" height="1000"' in html
    assert len(html) < 400_000


def test_hostile_text_is_only_text(picture: Path) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;\"'--></pre>"

    def fail(_: TruthItem) -> str:
        raise ValueError(hostile)

    sets = [
        SetEvaluation(hostile, evaluate([item(picture, "truth", name=hostile)], lambda _: hostile)),
        SetEvaluation("f", evaluate([item(picture, hostile)], fail)),
    ]
    checker = check(html_report(sets, title=hostile))
    assert "script" not in checker.tags
    assert checker.tags.count("img") == 2
    assert hostile in checker.text["all"]
    assert f"ValueError: {hostile}" in checker.text["all"]


@given(st.text(alphabet="ab <&>\"'\n"), st.text(alphabet="ab <&>\"'\n"))
def test_marks_hold_the_whole_texts(truth: str, reading: str) -> None:
    left, right = mark_differences(truth, reading)
    assert check(left).text["all"].replace("⏎", "").replace("␣", " ") == truth
    assert check(right).text["all"].replace("⏎", "").replace("␣", " ") == reading


def test_marks() -> None:
    assert mark_differences("chat", "chat") == ("chat", "chat")
    assert mark_differences("chat", "chut") == ("ch<del>a</del>t", "ch<ins>u</ins>t")
    assert mark_differences("chat", "chats") == ("chat", "chat<ins>s</ins>")
    assert mark_differences("a\nb", "ab") == ("a<del>⏎\n</del>b", "ab")
    assert mark_differences("a b_c", "a_b c") == ("a<del>␣</del>b<del>_</del>c", "a<ins>_</ins>b<ins>␣</ins>c")


def test_worst_first_and_no_perfect_ones(picture: Path) -> None:
    readings = {"good": "good", "fair": "fxir", "poor": "xxxx"}
    items = [item(picture, text, name=f"images/{text}.png") for text in readings]
    html = html_report([SetEvaluation("x", evaluate(items, lambda item: readings[item.text]))])
    assert html.index("images/poor.png") < html.index("images/fair.png")
    assert "images/good.png" not in html
    only = html_report([SetEvaluation("x", evaluate(items, lambda item: readings[item.text]))], worst=1)
    assert "images/fair.png" not in only


def test_a_picture_that_cannot_be_shown(tmp_path: Path) -> None:
    broken = tmp_path / "a.pdf"
    broken.write_bytes(b"%PDF-1.7")
    html = html_report([SetEvaluation("x", evaluate([item(broken, "a")], lambda _: "b"))])
    check(html)
    assert "The picture cannot be shown" in html
