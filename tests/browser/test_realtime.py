"""A learner's live progress: order, reconnecting, what was done offline, what is refused."""

import random
import time

import pytest

pytestmark = [pytest.mark.browser]

ONE, TWO = "course/one", "course/two"
START = """async ({person, courseId, seed}) => {
  document.body.insertAdjacentElement("beforeend", Object.assign(document.createElement("div"),
    { className: "toasts" })).setAttribute("data-toasts", "");
  const { CourseProgress } = await import("/static/academy/js/course-progress.js");
  window.views = [];
  window.progress = new CourseProgress(person, courseId, seed);
  window.progress.subscribe((view) => window.views.push({
    one: view.lessons.get("course/one")?.state ?? null,
    two: view.lessons.get("course/two")?.state ?? null,
    percent: view.percent, completed: view.completed, waiting: view.waiting, mode: view.mode,
  }));
}"""


def progress(seq, **states):
    lessons = [
        {"lesson": f"course/{slug}", "state": state, "is_required": True, "is_open": True}
        for slug, state in ({"one": "new", "two": "new"} | states).items()
    ]
    done = sum(lesson["state"] == "completed" for lesson in lessons)
    return {"seq": seq, "percent": 50 * done, "lessons": lessons}


def seed(seq=1):
    lessons = {name: {"state": "new", "required": True} for name in (ONE, TWO)}
    return {"course_id": 1, "seq": seq, "percent": 0, "lessons": lessons}


def start(page, fake, *, person=7):
    page.goto(f"{fake.url}/blank/")
    page.evaluate(START, {"person": person, "courseId": 1, "seed": seed()})


def wait_for(page, condition, timeout_seconds=10):
    page.wait_for_function(
        f"() => {{ const view = window.views.at(-1); return view && ({condition}); }}",
        timeout=timeout_seconds * 1000,
        polling=20,
    )


def outbox(page):
    return page.evaluate("Object.keys(localStorage).filter((key) => key.includes('outbox')).length")


@pytest.fixture
def live(page, fake):
    fake.tell(progress=progress(1))
    start(page, fake)
    wait_for(page, "view.mode === 'live'")
    return page


def test_no_order_of_states_ever_shows_an_older_one(live):
    dice = random.Random(20240611)
    for _ in range(100):
        told = [dice.randint(1, 30) for _ in range(20)]
        shown = live.evaluate(
            """async (told) => {
              const { Channel } = await import("/static/academy/js/realtime.js");
              const shown = [];
              const channel = new Channel("/ws/progress/1/", { onSnapshot: (_, seq) => shown.push(seq) });
              channel.close();
              for (const seq of told) channel.accept(seq, {});
              return shown;
            }""",
            told,
        )
        assert shown == sorted(shown)
        assert shown[-1] == max(told)


def test_a_tick_appears_at_once_and_stays_when_it_is_accepted(live, fake):
    before = live.evaluate("window.views.length")
    live.evaluate("window.progress.complete('course/one')")
    assert live.evaluate("window.views.at(-1).one") == "completed"
    assert live.evaluate("window.views.at(-1).percent") == 50
    wait_for(live, "view.waiting === 0")
    fake.tell(progress=progress(2, one="completed"))
    wait_for(live, "view.completed === 1")
    shown = live.evaluate("window.views.map((view) => view.one)")[before:]
    assert set(shown) == {"completed"}
    assert [(said["by"], said["type"]) for said in fake.told()] == [("socket", "mark_complete")]
    assert outbox(live) == 0


@pytest.mark.parametrize("code", ["rules_unmet", "event_id_taken"])
def test_a_refused_tick_is_taken_back(live, fake, code):
    fake.tell(verdict=code)
    live.evaluate("window.progress.complete('course/one')")
    wait_for(live, "view.one === 'new' && view.waiting === 0")
    states = live.evaluate("window.views.map((view) => view.one)")
    assert "completed" in states
    assert outbox(live) == 0


def test_what_the_academy_is_too_busy_for_is_told_again_with_the_same_id(live, fake):
    fake.tell(verdict="unavailable", events=503)
    live.evaluate("window.progress.complete('course/one')")
    while len(fake.told()) < 2:
        live.wait_for_timeout(50)
    assert live.evaluate("window.views.at(-1).one") == "completed"
    fake.tell(verdict="accepted", events=200)
    wait_for(live, "view.waiting === 0")
    assert len({said["id"] for said in fake.told()}) == 1


def test_without_a_verdict_the_same_event_goes_by_post(live, fake):
    fake.tell(verdict="silent")
    live.evaluate("window.progress.complete('course/one')")
    wait_for(live, "view.waiting === 0")
    first, second = fake.told()
    assert (first["by"], second["by"], second["kind"]) == ("socket", "post", "completed")
    assert first["id"] == second["id"]


def test_what_is_done_offline_waits_and_goes_out_once_in_order(live, fake, context):
    context.set_offline(True)
    wait_for(live, "view.mode === 'offline'")
    for call in ("complete('course/one')", "complete('course/two')", "reopen('course/one')"):
        live.evaluate(f"window.progress.{call}")
        live.wait_for_timeout(20)
    assert live.evaluate("window.views.at(-1)")["waiting"] == 3
    assert outbox(live) == 3
    live.wait_for_timeout(500)
    assert fake.told() == []
    context.set_offline(False)
    wait_for(live, "view.waiting === 0")
    said = [
        (one.get("type") or one["kind"], one.get("lesson") or one["data"]["lesson"])
        for one in fake.told()
    ]
    assert [
        kind.replace("mark_complete", "completed").replace("reopened", "reopen")
        for kind, _lesson in said
    ] == ["completed", "completed", "reopen"]
    assert [lesson for _kind, lesson in said] == [ONE, TWO, ONE]
    assert outbox(live) == 0


def test_what_waits_outlives_the_page_and_is_its_persons_alone(live, fake, context):
    context.set_offline(True)
    wait_for(live, "view.mode === 'offline'")
    live.evaluate("window.progress.complete('course/one')")
    fake.tell(events=503, verdict="silent")
    context.set_offline(False)
    start(live, fake, person=8)
    wait_for(live, "view.mode === 'live'")
    assert live.evaluate("window.views.at(-1).one") == "new"
    assert outbox(live) == 1
    fake.tell(events=200, verdict="accepted", told=[])
    start(live, fake)
    wait_for(live, "view.waiting === 0")
    assert [said["by"] for said in fake.told()] == ["socket"]


def test_many_things_that_wait_go_out_in_one_request(live, fake, context):
    context.set_offline(True)
    wait_for(live, "view.mode === 'offline'")
    for _ in range(10):
        live.evaluate("window.progress.complete('course/one')")
        live.evaluate("window.progress.reopen('course/one')")
    context.set_offline(False)
    wait_for(live, "view.waiting === 0")
    said = fake.told()
    assert {one["by"] for one in said} == {"post"}
    assert len({one["id"] for one in said}) == 20


def test_of_the_places_in_a_lesson_only_the_last_waits(live, context):
    context.set_offline(True)
    wait_for(live, "view.mode === 'offline'")
    for fraction in (0.1, 0.2, 0.3):
        place = f"{{anchor: 'part', fraction: {fraction}}}"
        live.evaluate(f"window.progress.checkpoint('course/one', {place})")
    live.evaluate("window.progress.checkpoint('course/two', {anchor: '', fraction: 0.5})")
    waiting = live.evaluate("window.progress.outbox.all().map((event) => event.fraction)")
    assert waiting == [0.3, 0.5]


def test_a_restarted_server_is_followed_again(live, fake):
    fake.stop()
    wait_for(live, "view.mode === 'reconnecting'")
    live.evaluate("window.progress.complete('course/one')")
    fake.start()
    fake.tell(progress=progress(5, two="completed"))
    wait_for(live, "view.mode === 'live' && view.two === 'completed'")
    wait_for(live, "view.waiting === 0 && view.completed === 2")


def test_without_sockets_the_state_is_asked_for(page, fake):
    fake.tell(progress=progress(3, one="completed"), sockets="refuse")
    start(page, fake)
    wait_for(page, "view.mode === 'polling' && view.completed === 1")
    page.evaluate("window.progress.complete('course/two')")
    wait_for(page, "view.waiting === 0")
    assert [said["by"] for said in fake.told()] == ["post"]


def test_whoever_is_signed_out_is_not_followed_any_more(page, fake):
    fake.tell(progress=progress(1), sockets=4401)
    start(page, fake)
    wait_for(page, "view.mode === 'refused'")
    time.sleep(1.5)
    assert len(fake.log("socket")) == 1


def test_two_tabs_send_what_waits_once(live, fake, context):
    other = context.new_page()
    start(other, fake)
    wait_for(other, "view.mode === 'live'")
    context.set_offline(True)
    wait_for(live, "view.mode === 'offline'")
    live.evaluate("window.progress.complete('course/one')")
    wait_for(other, "view.one === 'completed' && view.waiting === 1")
    context.set_offline(False)
    wait_for(live, "view.mode === 'live' && view.waiting === 0")
    wait_for(other, "view.waiting === 0")
    assert len({said["id"] for said in fake.told()}) == 1
