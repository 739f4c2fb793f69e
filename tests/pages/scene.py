"""A lively evening at a site: several people, rooms and private chats, for pictures and for looking at.

scene = await stage(site, ENGLISH)      # scene.viewer sees it all; scene.room, scene.direct, scene.empty are room ids
...
await scene.keep_typing(); await scene.close()
"""

import asyncio
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from playwright.async_api import FilePayload

from tests.client import Person, Socket, http_client, new_ref
from tests.pages.files import picture, sound, text
from tests.servers import Site

PASSWORD = "a password for pictures"


@dataclass
class Line:
    """One message: who said what, how many minutes ago, and what became of it. `reply` counts lines from 0."""

    who: str
    ago: float
    text: str
    reply: int | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited: str = ""
    pinned: bool = False
    deleted: bool = False
    files: list[FilePayload] = field(default_factory=list)


@dataclass
class Script:
    """What happens at a site in one language. The first of `faces` is the viewer."""

    locale: str
    faces: dict[str, str]
    away: list[str]
    typing: str
    unread: list[str]
    lobby: list[Line]
    rooms: dict[str, tuple[str, list[Line]]]
    gallery: str
    empty: str
    direct: dict[str, list[Line]]


def _album(name: str) -> list[FilePayload]:
    colours = ("#355070", "#6d597a", "#b56576", "#e56b6f")
    return [picture(f"{name}_{40 + n}.png", (900, 700), colour) for n, colour in enumerate(colours)]


ENGLISH = Script(
    locale="en-GB",
    faces={
        "Ann": "fox",
        "Bob": "bear",
        "小明": "panda",
        "Mia": "owl",
        "Priya": "sunflower",
        "Tomás": "boat",
        "Lena": "whale",
    },
    away=["Lena", "Tomás"],
    typing="Mia",
    unread=["Mia"],
    lobby=[
        Line(
            "Tomás",
            1130,
            "Night ride along the canal was perfect. 14 people, no punctures 🚲",
            reactions={"🎉": ["Ann", "Bob", "Priya"]},
        ),
        Line("Lena", 1121, "Photos are on the way, my phone is out of power"),
        Line("Bob", 52, "Morning all! Who is in for Saturday?"),
        Line("Bob", 52, "Plan so far: lake at nine, lunch at the mill, back by four."),
        Line("Priya", 49, "In! I bring the coffee things.", reactions={"☕": ["Bob", "Ann"], "👍": ["Mia"]}),
        Line("小明", 47, "我也来！我带饺子 🥟"),
        Line(
            "小明",
            47,
            "(I am bringing dumplings, enough for everyone)",
            reactions={"😍": ["Ann", "Bob", "Priya", "Mia"]},
        ),
        Line("Ann", 41, "Then lunch is safe. What is the weather going to be like?"),
        Line(
            "Mia",
            38,
            "18° and some wind from the west, dry until six: https://weather.example/lake/saturday",
            reply=7,
            pinned=True,
        ),
        Line("Bob", 31, "For the list I wrote a tiny script, run it before you pack:"),
        Line(
            "Bob",
            31,
            "```python\nfrom pathlib import Path\n\ndef missing(bag: set[str]) -> set[str]:\n"
            '    wanted = set(Path("list.txt").read_text().split())\n    return wanted - bag  # still at home\n```',
            reactions={"🔥": ["小明"]},
        ),
        Line("Priya", 12, "@Ann do you still have the **big** pump? Mine is a sorry thing."),
        Line("Ann", 9, "Yes, and two spare tubes. Packed already.", reply=11, reactions={"🙏": ["Priya"]}),
        Line("小明", 3, "周六见！", edited="周六早上九点见！"),
    ],
    rooms={
        "Bikes": (
            "Rides, routes and repairs",
            [Line("Tomás", 300, "Anyone with a 5 mm hex key?"), Line("Priya", 20, "@Ann the pump, before I forget")],
        ),
        "Book club": (
            "Thursdays, seven o'clock",
            [
                Line("Lena", 200, "Chapter nine for Thursday"),
                Line("Mia", 100, "Already there"),
                Line("Lena", 90, "No spoilers!"),
            ],
        ),
        "Photos": (
            "From our rides",
            [
                Line("Tomás", 70, "The lake, last Saturday at nine", files=[picture("lake at nine.png", (1600, 1000))]),
                Line("Priya", 60, "", files=_album("DSC"), reactions={"😍": ["Ann", "Bob", "Mia"]}),
                Line(
                    "Mia",
                    40,
                    "The route, and what the loon sounds like",
                    pinned=True,
                    files=[text("route-canal-lake-mill-2026-final.gpx", 48_000), sound("loon.wav", 12)],
                ),
                Line("Ann", 12, "", files=[picture("new bell.png", (500, 640), "#b56576")]),
            ],
        ),
    },
    gallery="Photos",
    empty="Allotment",
    direct={
        "小明": [
            Line("小明", 1500, "Hi Ann! Thanks for showing me around yesterday."),
            Line("Ann", 1496, "My pleasure. How do I write your name, by the way?"),
            Line("小明", 1495, "小明, small and bright. 小 is small, 明 is bright ☀️🌙", reactions={"😍": ["Ann"]}),
            Line("Ann", 26, "Are you taking the train on Saturday or shall I pick you up?"),
            Line("小明", 24, "如果方便的话，那就麻烦你了！"),
            Line("小明", 24, "= yes please, if it is no trouble"),
            Line("Ann", 22, "None at all. Half past eight at the bridge?", reactions={"👌": ["小明"]}),
            Line("小明", 21, "👍"),
        ],
        "Mia": [
            Line("Mia", 15, "Can you look at the poster before I print it?"),
            Line("Mia", 14, "No hurry, tonight is fine"),
        ],
        "Bob": [Line("Ann", 400, "See you at the bridge"), Line("Bob", 395, "On my way")],
    },
)

CHINESE = Script(
    locale="zh-CN",
    faces={
        "小明": "panda",
        "阿丽": "rabbit",
        "Ann": "fox",
        "老周": "teapot",
        "晓雯": "maple",
        "Bob": "bear",
        "子轩": "rocket",
    },
    away=["子轩", "Bob"],
    typing="阿丽",
    unread=["老周"],
    lobby=[
        Line("子轩", 1130, "昨晚的夜骑太棒了，十四个人，没有一个爆胎 🚲", reactions={"🎉": ["小明", "阿丽", "晓雯"]}),
        Line("晓雯", 1121, "照片晚点发，手机没电了"),
        Line("阿丽", 52, "大家早上好！周六谁有空？"),
        Line("阿丽", 52, "目前的安排：九点湖边集合，中午在老磨坊吃饭，四点前回来。"),
        Line("晓雯", 49, "算我一个！咖啡我来带。", reactions={"☕": ["小明", "阿丽"], "👍": ["老周"]}),
        Line("小明", 47, "我带饺子，猪肉白菜和韭菜鸡蛋两种 🥟"),
        Line("Ann", 46, "I am in too. Dumplings!! 我最喜欢的", reactions={"😍": ["小明", "阿丽", "老周", "晓雯"]}),
        Line("小明", 41, "那午饭就不用愁了。天气怎么样？"),
        Line("老周", 38, "十八度，西风，六点以前不下雨：https://weather.example/lake/saturday", reply=7, pinned=True),
        Line("阿丽", 31, "我写了个小脚本，出发前跑一下，看看还缺什么："),
        Line(
            "阿丽",
            31,
            "```python\nfrom pathlib import Path\n\ndef missing(bag: set[str]) -> set[str]:\n"
            '    wanted = set(Path("清单.txt").read_text().split())\n    return wanted - bag  # 还在家里的东西\n```',
            reactions={"🔥": ["小明"]},
        ),
        Line("晓雯", 12, "@小明 那个**大**打气筒还在你那儿吗？我的不太行。"),
        Line("小明", 9, "在，还有两条备用内胎，已经装好了。", reply=11, reactions={"🙏": ["晓雯"]}),
        Line("老周", 3, "周六见", edited="周六早上九点见！"),
    ],
    rooms={
        "骑行": (
            "路线、活动和修车",
            [Line("子轩", 300, "谁有五毫米的内六角？"), Line("晓雯", 20, "@小明 打气筒别忘了")],
        ),
        "读书会": (
            "每周四晚上七点",
            [Line("Ann", 200, "周四讲第九章"), Line("老周", 100, "已经读完了"), Line("Ann", 90, "别剧透！")],
        ),
        "照片": (
            "骑行路上",
            [
                Line("子轩", 70, "上周六早上九点的湖", files=[picture("九点的湖.png", (1600, 1000))]),
                Line("晓雯", 60, "", files=_album("照片"), reactions={"😍": ["小明", "阿丽", "老周"]}),
                Line(
                    "阿丽",
                    40,
                    "路线，还有潜鸟的叫声",
                    pinned=True,
                    files=[text("运河-湖边-老磨坊-2026-最终版.gpx", 48_000), sound("潜鸟.wav", 12)],
                ),
                Line("小明", 12, "", files=[picture("新铃铛.png", (500, 640), "#b56576")]),
            ],
        ),
    },
    gallery="照片",
    empty="菜园",
    direct={
        "Ann": [
            Line("小明", 1500, "Hi Ann! 谢谢你昨天带我到处逛。"),
            Line("Ann", 1496, "不客气！你的名字怎么写？"),
            Line("小明", 1495, "小明：大小的小，明亮的明 ☀️🌙", reactions={"😍": ["Ann"]}),
            Line("Ann", 26, "周六你坐火车，还是我来接你？"),
            Line("小明", 24, "如果方便的话，那就麻烦你了！"),
            Line("Ann", 22, "一点也不麻烦。八点半桥头见？", reactions={"👌": ["小明"]}),
            Line("小明", 21, "👍"),
        ],
        "老周": [Line("老周", 15, "海报印之前帮我看一眼？"), Line("老周", 14, "不急，今晚就行")],
        "阿丽": [Line("小明", 400, "桥头见"), Line("阿丽", 395, "在路上了")],
    },
)


class Scene:
    """A staged site."""

    def __init__(self, site: Site, script: Script) -> None:
        self.site = site
        self.script = script
        self.people: dict[str, Person] = {}
        self.sockets: dict[str, Socket] = {}
        self.room = 1
        self.direct = self.empty = self.gallery = 0

    @property
    def viewer(self) -> Person:
        """Who sees it all."""
        return next(iter(self.people.values()))

    async def come(self) -> None:
        """Let everyone in, each with a face."""
        for nickname, avatar in self.script.faces.items():
            async with http_client(self.site) as http:
                answer = await http.post("/api/v1/guests/", json={"nickname": nickname, "avatar": avatar})
            assert answer.status_code == 201, answer.text
            made = answer.json()
            self.people[nickname] = Person(self.site, made["user"], made["token"])
        await self.viewer.api("PATCH", "me/", json={"password": PASSWORD})

    async def talk(self) -> None:
        """Let everything be said."""
        await self._play(self.room, self.script.lobby)
        for name, (topic, lines) in self.script.rooms.items():
            room = await self._open_room(name, topic)
            await self._play(room, lines)
            if name == self.script.gallery:
                self.gallery = room
                await self._read(room)
        self.empty = await self._open_room(self.script.empty, "")
        for nickname, lines in self.script.direct.items():
            room = await self.viewer.api("POST", "direct/", json={"user": self.people[nickname].id})
            self.direct = self.direct or int(room["id"])
            await self._play(int(room["id"]), lines)
            if nickname not in self.script.unread:
                await self._read(int(room["id"]))
        await self._read(self.room)

    async def come_online(self) -> None:
        """Open the sockets of all who are not away."""
        for nickname, person in self.people.items():
            if nickname not in self.script.away and person is not self.viewer:
                self.sockets[nickname] = await person.connect()

    async def keep_typing(self) -> None:
        """Let somebody type for the next seconds, and nobody be cut off for having said nothing in a minute."""
        for socket in self.sockets.values():
            await socket.say(type="ping")
        for room in (self.room, self.direct):
            await self.sockets[self.script.typing].say(type="typing", room=room, active=True)

    async def close(self) -> None:
        """Let everyone go."""
        for person in self.people.values():
            await person.leave_site()

    async def _open_room(self, name: str, topic: str) -> int:
        made = await self.viewer.api("POST", "rooms/", json={"name": name, "kind": "public", "topic": topic})
        for person in list(self.people.values())[1:]:
            await person.join(made["id"])
        return int(made["id"])

    async def _play(self, room: int, lines: list[Line]) -> None:
        ids: list[int] = []
        for line in lines:
            ids.append(await self._say(room, line, ids))
        self._date_back(ids, lines)

    async def _read(self, room: int) -> None:
        head = (await self.viewer.room_frame(room))["head"]
        await self._command(self.viewer.nickname, type="room.read", room=room, seq=head["seq"])
        while (await self.viewer.room_frame(room))["unread"]:
            await asyncio.sleep(0.2)

    async def _say(self, room: int, line: Line, ids: list[int]) -> int:
        speaker = self.people[line.who]
        extra: dict[str, object] = {} if line.reply is None else {"reply_to": ids[line.reply]}
        if line.files:
            extra["attachments"] = [await self._upload(speaker, file) for file in line.files]
        number = int((await speaker.post(line.text, room, **extra))["id"])
        for emoji, fans in line.reactions.items():
            for fan in fans:
                await self._command(fan, type="message.react", id=number, emoji=emoji)
        if line.pinned:
            await self._command(line.who, type="message.pin", id=number)
        if line.edited:
            await speaker.api("PATCH", f"messages/{number}/", json={"body": line.edited})
        return number

    async def _upload(self, speaker: Person, file: FilePayload) -> int:
        part = (file["name"], file["buffer"], file["mimeType"])
        return int((await speaker.api("POST", "uploads/", files={"file": part}, data={"ref": new_ref()}))["id"])

    async def _command(self, nickname: str, **command: object) -> None:
        await self.people[nickname].api("POST", "commands/", json={"ref": new_ref(), **command})

    def _date_back(self, ids: list[int], lines: list[Line]) -> None:
        now = datetime.now(UTC)
        stamps = [(f"{now - timedelta(minutes=line.ago):%Y-%m-%d %H:%M:%S.%f}", number)
                  for number, line in zip(ids, lines, strict=True)]  # fmt: skip
        database = sqlite3.connect(self.site.data / "chatsite.sqlite3", timeout=20)
        with database:
            database.executemany("UPDATE chat_message SET created_at = ? WHERE id = ?", stamps)
        database.close()


async def stage(site: Site, script: Script) -> Scene:
    """Fill a new site."""
    scene = Scene(site, script)
    await scene.come()
    await scene.talk()
    await scene.come_online()
    return scene


__all__ = ["CHINESE", "ENGLISH", "PASSWORD", "Scene", "stage"]
