"""The drawn avatars."""

from xml.etree import ElementTree

from django.conf import settings

from accounts.avatars import DEFAULT, drawn_avatars

FOLDER = settings.BASE_DIR / "static" / "avatars"


def test_each_name_has_a_drawing_and_each_drawing_a_name() -> None:
    assert [path.stem for path in sorted(FOLDER.glob("*"))] == list(drawn_avatars())
    assert len(drawn_avatars()) >= 24
    assert DEFAULT in drawn_avatars()


def test_no_drawing_holds_anything_but_shapes() -> None:
    shapes = {"svg", "g", "path", "circle", "ellipse", "rect", "line", "polygon", "polyline"}
    for path in FOLDER.glob("*.svg"):
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.parse(path).iter()}
        assert tags <= shapes, path.name
