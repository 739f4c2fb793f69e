"""What deals with files and knows no page: tried by itself, with uploads that the test answers."""

from tests.pages.conftest import Visit
from tests.pages.files import choose, is_up, text
from tests.pages.visitor import Visitor

ADDRESS = """(name) => performance.getEntriesByType("resource").map((one) => one.name)
  .find((url) => new RegExp(`/js/${name}([.][0-9a-f]+)?[.]js$`).test(url))"""
BENCH = """
  const asked = [];
  const post = (file, { ref, signal, progress }) => new Promise((resolve, reject) => {
    asked.push({ ref, resolve: () => resolve({ id: asked.length, ref }), reject, progress });
    signal.addEventListener("abort", () => reject(Object.assign(new Error("cancelled"), { code: "cancelled" })));
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 30));
  const refs = () => asked.map(({ ref }) => ref);
"""


async def at_the_bench(visit: Visit, name: str, work: str) -> object:
    """Run `work`, the body of an async function that knows the module `name`, in a page that has fetched it."""
    ann: Visitor = await visit("Ann")
    await choose(ann, text())
    await is_up(ann)
    address = await ann.page.evaluate(ADDRESS, name)
    return await ann.page.evaluate(
        f"async (address) => {{ const it = await import(address); {BENCH} {work} }}", address
    )


async def test_two_files_go_up_at_once_and_the_others_wait_their_turn(visit: Visit) -> None:
    seen = await at_the_bench(
        visit,
        "uploader",
        """
        const uploader = new it.Uploader({ post });
        const all = ["a", "b", "c", "d"].map((ref) => uploader.upload({ ref, name: ref }, new Blob(["x"])));
        await settle();
        const first = refs();
        asked[0].resolve();
        await settle();
        const second = refs();
        for (const turn of [1, 2, 3]) { asked[turn]?.resolve(); await settle(); }
        return [first, second, (await Promise.all(all)).map(({ ref }) => ref)];
        """,
    )
    assert seen == [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]


async def test_an_upload_that_is_under_way_is_joined_and_tells_how_far_it_is(visit: Visit) -> None:
    seen = await at_the_bench(
        visit,
        "uploader",
        """
        const uploader = new it.Uploader({ post });
        const told = [];
        uploader.addEventListener("progress", ({ detail }) => told.push(detail.share));
        const [one, other] = [uploader.upload({ ref: "a" }, new Blob()), uploader.upload({ ref: "a" }, new Blob())];
        await settle();
        asked[0].progress(0.5);
        const share = uploader.share("a");
        asked[0].resolve();
        return [refs(), told, share, (await one) === (await other), uploader.share("a")];
        """,
    )
    assert seen == [["a"], [0.5], 0.5, True, 0]


async def test_what_is_given_up_while_it_waits_is_never_sent(visit: Visit) -> None:
    seen = await at_the_bench(
        visit,
        "uploader",
        """
        const uploader = new it.Uploader({ post });
        const all = ["a", "b", "c", "d"].map((ref) => uploader.upload({ ref }, new Blob()).catch(({ code }) => code));
        await settle();
        uploader.cancel("c");
        uploader.cancel("a");
        await settle();
        asked[1].resolve();
        await settle();
        asked[2].resolve();
        const ends = (await Promise.all(all)).map((end) => end.ref ?? end);
        return [refs(), ends];
        """,
    )
    assert seen == [["a", "b", "d"], ["cancelled", "b", "cancelled", "d"]]


async def test_what_another_tab_has_uploaded_is_not_sent_again(visit: Visit) -> None:
    seen = await at_the_bench(
        visit,
        "uploader",
        """
        const uploader = new it.Uploader({ post, known: async (ref) => ({ id: 7, ref }) });
        return [(await uploader.upload({ ref: "a" }, new Blob())).id, refs()];
        """,
    )
    assert seen == [7, []]


async def test_files_that_a_browser_has_no_room_for_are_uploaded_before_they_are_kept(visit: Visit) -> None:
    seen = await at_the_bench(
        visit,
        "outbox_files",
        """
        const put = async () => { throw new Error("full"); };
        const full = { put, get: async () => undefined, note: async () => {} };
        const files = new it.OutboxFiles({ user: 1, store: full, post });
        const item = { ref: "m", files: [{ ref: "a", name: "a", size: 1 }] };
        files.blobs.set("a", new Blob(["x"]));
        const kept = files.keep(item);
        await settle();
        asked[0].resolve();
        await kept;
        return [await files.send(item), refs()];
        """,
    )
    assert seen == [[1], ["a"]]


async def test_what_was_uploaded_long_ago_is_uploaded_again_where_the_site_has_forgotten_it(visit: Visit) -> None:
    seen = await at_the_bench(
        visit,
        "outbox_files",
        """
        const day = 24 * 60 * 60 * 1000;
        const record = { ref: "a", blob: new Blob(["x"]), attachment: { id: 3, uploaded_at: Date.now() - day } };
        const store = { get: async () => record, note: async (ref, attachment) => (record.attachment = attachment) };
        const files = new it.OutboxFiles({ user: 1, store, post });
        const item = { ref: "m", files: [{ ref: "a", name: "a", size: 1 }] };
        const before = await files.send(item);
        const worthIt = await files.startOver(item);
        const again = files.send(item);
        await settle();
        asked[0].resolve();
        return [before, worthIt, await again, await files.startOver(item)];
        """,
    )
    assert seen == [[3], True, [1], False]
