"""What REST says is in the language that was asked for."""

import re

import pytest

from tests.client import Person, new_ref

_CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    "body", [{"body": ""}, {"body": "x" * 4001}, {"body": None}, {}], ids=["empty", "long", "null", "missing"]
)
@pytest.mark.parametrize(("language", "is_chinese"), [("zh-CN,zh;q=0.9", True), ("zh", True), ("en", False)])
async def test_what_is_wrong_with_a_field_is_said_in_the_language_asked_for(
    ann: Person, room: int, body: dict, language: str, is_chinese: bool
):
    message = {"ref": new_ref(), "room": room, **body}
    headers = {"Accept-Language": language}
    answer = await ann.api("POST", "messages/", 400, json=message, headers=headers)
    said = answer["detail"], answer["fields"]["body"][0]
    assert [bool(_CHINESE.search(sentence)) for sentence in said] == [is_chinese] * 2, said
