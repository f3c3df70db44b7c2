"""The live connection: order, reconnecting, fallbacks."""

import itertools
import random
import time

import pytest

from tests.browser.gallery import document

pytestmark = [pytest.mark.browser]

TASK = document()["task_id"]
WATCH = """async ({taskId, initial, rows}) => {
  const live = await import("/static/academy/js/live.js");
  window.views = [];
  for (let row = 0; row < rows; row += 1) {
    live.connectionTo(taskId, initial).subscribe((view) => window.views.push({
      seq: view.document?.seq ?? null, status: view.document?.status ?? null,
      progress: view.document?.progress ?? null, mode: view.mode, reason: view.reason,
    }));
  }
}"""


def watch(page, fake, *, initial=None, rows=1):
    page.goto(f"{fake.url}/blank/")
    page.evaluate(WATCH, {"taskId": TASK, "initial": initial, "rows": rows})


def wait_for(page, condition, timeout_seconds=10):
    page.wait_for_function(
        f"() => {{ const view = window.views.at(-1); return view && ({condition}); }}",
        timeout=timeout_seconds * 1000,
        polling=20,
    )


def running(seq, progress):
    return document(seq=seq, progress=progress)


def test_no_order_of_documents_ever_shows_an_older_state(page, fake):
    page.goto(f"{fake.url}/blank/")
    dice = random.Random(20240611)
    story = [document(status="queued", seq=0, progress=0)]
    story += [running(seq, seq * 9) for seq in range(1, 10)]
    story.append(document(status="succeeded", seq=10))
    for _ in range(200):
        told = dice.choices(story, k=dice.randint(1, 30))
        dice.shuffle(told)
        shown = page.evaluate(
            """async (told) => {
              const { TaskConnection } = await import("/static/academy/js/live.js");
              const connection = new TaskConnection(told[0].task_id);
              const shown = [];
              for (const next of told) {
                connection.accept(structuredClone(next));
                shown.push([connection.document.seq, connection.document.status]);
              }
              return shown;
            }""",
            told,
        )
        seqs = [seq for seq, _status in shown]
        assert seqs == sorted(seqs)
        assert max(seqs) == max(known["seq"] for known in told)
        if "succeeded" in [status for _seq, status in shown]:
            assert shown[-1][1] == "succeeded"


def test_the_same_state_read_later_moves_the_place_in_line(page, fake):
    page.goto(f"{fake.url}/blank/")
    early = document(status="queued", queue_position=3, checked_at="2026-01-01T00:00:00.000Z")
    late = document(status="queued", queue_position=2, checked_at="2026-01-01T00:00:01.000Z")
    places = page.evaluate(
        """async ([early, late]) => {
          const { TaskConnection } = await import("/static/academy/js/live.js");
          const connection = new TaskConnection(early.task_id, early);
          const place = () => connection.document.queue_position;
          connection.accept(late);
          const after = place();
          connection.accept(early);
          return [after, place()];
        }""",
        [early, late],
    )
    assert places == [2, 2]


def test_a_document_of_another_job_is_not_shown(page, fake):
    page.goto(f"{fake.url}/blank/")
    accepted = page.evaluate(
        """async ([mine, other]) => {
          const { TaskConnection } = await import("/static/academy/js/live.js");
          return new TaskConnection(mine.task_id, mine).accept(other);
        }""",
        [document(0), document(1, seq=99)],
    )
    assert accepted is False


def test_the_wait_before_a_retry_doubles_up_to_twenty_seconds(page, fake):
    page.goto(f"{fake.url}/blank/")
    waits = page.evaluate(
        """async () => {
          const { backoff } = await import("/static/academy/js/realtime.js");
          return [1, 2, 3, 4, 5, 6, 7, 30].map((failures) => backoff(failures, () => 1));
        }"""
    )
    assert waits == [500, 1000, 2000, 4000, 8000, 16000, 20000, 20000]


def test_the_wait_before_a_retry_is_anything_up_to_its_bound(page, fake):
    page.goto(f"{fake.url}/blank/")
    waits = page.evaluate(
        """async () => {
          const { backoff } = await import("/static/academy/js/realtime.js");
          return [1, 4, 30].map((failures) => [0, 0.25, 0.5].map((dice) => backoff(failures, () => dice)));
        }"""
    )
    assert waits == [[0, 125, 250], [0, 1000, 2000], [0, 5000, 10000]]
    thrown = page.evaluate(
        """async () => {
          const { backoff } = await import("/static/academy/js/realtime.js");
          return Array.from({ length: 200 }, () => backoff(4));
        }"""
    )
    assert all(0 <= wait < 4000 for wait in thrown)
    assert len(set(thrown)) > 100


def test_a_socket_shows_every_step_and_ends_with_the_job(page, fake):
    fake.tell(document=running(1, 10))
    watch(page, fake)
    wait_for(page, "view.progress === 10 && view.mode === 'live'")
    fake.tell(document=running(2, 60))
    wait_for(page, "view.progress === 60")
    fake.tell(document=document(status="succeeded", seq=3))
    wait_for(page, "view.status === 'succeeded' && view.mode === 'finished'")
    time.sleep(1)
    assert [kind for kind, _at in fake.log()] == ["socket"]


def test_two_rows_of_one_job_share_one_socket(page, fake):
    fake.tell(document=running(1, 10))
    watch(page, fake, rows=2)
    wait_for(page, "view.progress === 10")
    time.sleep(0.5)
    assert len(fake.log("socket")) == 1
    assert page.evaluate("window.views.filter((view) => view.progress === 10).length") >= 2


def test_a_finished_job_needs_no_connection(page, fake):
    watch(page, fake, initial=document(status="failed"))
    time.sleep(1)
    assert fake.log() == []


@pytest.mark.parametrize("away_seconds", [0.5, 4])
def test_a_restarted_server_is_seen_within_three_seconds(page, fake, away_seconds):
    fake.tell(document=running(1, 10))
    watch(page, fake)
    wait_for(page, "view.mode === 'live'")
    fake.stop()
    wait_for(page, "view.mode === 'reconnecting'")
    time.sleep(away_seconds)
    fake.start()
    fake.tell(document=running(2, 70))
    wait_for(page, "view.progress === 70", timeout_seconds=3)
    wait_for(page, "view.mode === 'live'", timeout_seconds=3)


def test_without_sockets_the_stream_carries_on(page, fake):
    fake.tell(document=running(1, 10), sockets="refuse")
    watch(page, fake)
    wait_for(page, "view.progress === 10 && view.mode === 'live'")
    fake.tell(document=document(status="succeeded", seq=2))
    wait_for(page, "view.mode === 'finished'")
    assert [kind for kind, _at in fake.log()] == ["socket", "socket", "socket", "stream"]


def test_without_sockets_and_streams_polling_carries_on(page, fake):
    fake.tell(document=running(1, 10), sockets="refuse", streams="refuse")
    watch(page, fake)
    wait_for(page, "view.progress === 10 && view.mode === 'polling'")
    fake.tell(document=document(status="succeeded", seq=2))
    wait_for(page, "view.mode === 'finished'")
    assert [kind for kind, _at in fake.log()][:5] == ["socket"] * 3 + ["stream", "poll"]


def test_the_socket_is_taken_again_when_it_works_again(page, fake):
    fake.tell(document=running(1, 10), sockets="refuse", streams="refuse")
    watch(page, fake)
    wait_for(page, "view.mode === 'polling'")
    fake.tell(sockets="ok", streams="ok")
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_for(page, "view.mode === 'live'")
    polls = len(fake.log("poll"))
    time.sleep(3)
    assert len(fake.log("poll")) <= polls + 1


def test_polling_waits_as_long_as_the_server_asks(page, fake):
    fake.tell(document=running(1, 10), sockets="refuse", streams="refuse")
    watch(page, fake)
    wait_for(page, "view.mode === 'polling'")
    fake.tell(polls=429, retry_after="5", log=[])
    time.sleep(7)
    fake.tell(polls=200, retry_after="")
    polls = [at for _kind, at in fake.log("poll")]
    assert len(polls) in {1, 2}
    assert all(later - earlier >= 4.9 for earlier, later in itertools.pairwise(polls))


def test_whoever_is_signed_out_is_told_and_no_longer_asks(page, fake):
    fake.tell(sockets=4401)
    watch(page, fake, initial=running(1, 10))
    wait_for(page, "view.mode === 'refused' && view.reason === 'signed-out'")
    time.sleep(1.5)
    assert len(fake.log()) == 1


def test_a_lost_frame_is_read_again(page, fake):
    fake.tell(document=document(status="queued", seq=0))
    watch(page, fake)
    wait_for(page, "view.mode === 'live'")
    time.sleep(5)
    assert len(fake.log("poll")) >= 1


def test_offline_is_shown_and_left_at_once(page, context, fake):
    fake.tell(document=running(1, 10))
    watch(page, fake)
    wait_for(page, "view.mode === 'live'")
    context.set_offline(True)
    wait_for(page, "view.mode === 'offline'", timeout_seconds=2)
    fake.tell(document=running(2, 80))
    context.set_offline(False)
    wait_for(page, "view.progress === 80", timeout_seconds=3)


def test_many_live_jobs_are_asked_for_in_one_request(page, fake):
    others = [document(number) for number in range(1, 6)]
    fake.tell(document=document(status="queued", seq=0))
    page.goto(f"{fake.url}/blank/")
    page.evaluate(
        """async (jobs) => {
          const live = await import("/static/academy/js/live.js");
          window.jobs = jobs.map((job) => live.connectionTo(job.task_id, job));
          for (const job of window.jobs) job.subscribe(() => {});
        }""",
        [
            {**other, "status": "queued", "seq": 0, "checked_at": "2026-01-01T00:00:00Z"}
            for other in others
        ],
    )
    page.wait_for_function("window.jobs.every((job) => job.mode === 'live')")
    started = time.monotonic()
    while not fake.log("together") and time.monotonic() < started + 8:
        time.sleep(0.1)
    page.wait_for_function(
        "window.jobs.every((job) => !job.document.checked_at.startsWith('2026-01-01T00:00:00Z'))"
    )
    time.sleep(6)
    assert [kind for kind, _at in fake.log() if kind != "socket"] == ["together 5"]


def test_a_reader_knows_a_new_text_from_new_contents_and_from_a_lesson_that_left(page, fake):
    page.goto(f"{fake.url}/blank/")
    news = page.evaluate(
        """async () => {
          const { newsOf } = await import("/static/academy/js/versions.js");
          const shown = { lesson: "tides/moon", version: "a1", release: "2" };
          const now = (release, lessons) => newsOf({ release, lessons }, shown);
          return [
            now(2, { "tides/moon": "a1" }),
            now(3, { "tides/moon": "b2" }),
            now(3, { "tides/moon": "a1", "tides/sun": "c3" }),
            now(3, { "tides/sun": "c3" }),
            newsOf(null, shown),
            newsOf({ release: 3 }, { lesson: "", release: "2" }),
            newsOf({ release: 2 }, { lesson: "", release: "2" }),
          ];
        }"""
    )
    assert news == ["", "version", "contents", "left", "", "version", ""]
