"""What a client may say over a socket."""

import json
import uuid

import pytest

from academy.platform.realtime.messages import MessageError, Reply, parsed

ID = uuid.UUID(int=7)


def said(**more):
    return json.dumps({"type": "tick", "id": str(ID), "data": {"日": "本"}, **more})


def test_a_message_is_its_type_its_id_and_its_data():
    message = parsed(said(), accepts={"tick"})
    assert (message.kind, message.id, message.data) == ("tick", ID, {"日": "本"})


@pytest.mark.parametrize(
    ("body", "message_id"),
    [
        (b"{}", None),
        ("", None),
        ("{", None),
        ("[]", None),
        ("7", None),
        ("[" * 30_000, None),
        ('{"a":' * 10_000, None),
        (said(id=None), None),
        (said(id="7"), None),
        (said(data=None), ID),
        (said(data="x"), ID),
        (said(type="other"), ID),
        (said(type=None), ID),
        (said(type={}), ID),
        (said(data={"a": "\x00"}), None),
        (said(data={"a": "\ud800"}), None),
        (said(data={"a": 2**70}), None),
        (said(data={"a": [[[[[[[[[[]]]]]]]]]]}), None),
        (said(data={"a": "x" * 65_536}), None),
    ],
)
def test_what_is_no_message_is_refused_with_its_id_where_it_has_one(body, message_id):
    with pytest.raises(MessageError) as refused:
        parsed(body, accepts={"tick"})
    assert refused.value.code in {"invalid", "too_large"}
    assert refused.value.detail
    assert refused.value.message_id == message_id


def test_a_reply_says_accepted_or_refused_with_the_reason():
    assert Reply(seq=4, id=ID).kind == "accepted"
    assert Reply(seq=4, id=ID).data == {"id": str(ID), "code": "", "detail": ""}
    refused = Reply(seq=4, error=MessageError("locked", "Not yet."))
    assert (refused.kind, refused.data) == (
        "refused",
        {"id": None, "code": "locked", "detail": "Not yet."},
    )
